"""Who the fuzzer is: it logs a device in, and again before its token ends or after it threw its own account away.

Read by schemathesis (SCHEMATHESIS_HOOKS). It changes only the request's credentials.
"""

import base64
import json
import threading
import time
import urllib.request

import schemathesis

BASIC = "Basic " + base64.b64encode(b"defaultkey:").decode()
TOKEN_SECONDS_MAX = 20
# What ends the caller's own sessions gets an account that nothing else needs.
ENDS_SESSIONS = ("DELETE /v2/account", "POST /v2/session/logout", "POST /v2/session/logout/all")

lock = threading.Lock()
made = 0
token = ""
until = 0.0


def log_in(base: str, device: str) -> str:
    request = urllib.request.Request(
        base + "/v2/account/authenticate/device?create=true",
        data=json.dumps({"id": device}).encode(),
        headers={"Authorization": BASIC},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["token"]


def bearer(base: str, own: bool) -> str:
    global made, token, until
    with lock:
        if own:
            made += 1
            return log_in(base, f"fuzzer-for-once-{made}")
        if time.monotonic() >= until:
            token = log_in(base, "fuzzer-that-stays")
            until = time.monotonic() + TOKEN_SECONDS_MAX
        return token


@schemathesis.hook
def before_call(context, case, kwargs):
    base = case.operation.base_url.rstrip("/")
    method, path = case.method.upper(), case.operation.path
    case.headers = dict(case.headers or {})
    for name in [name for name in case.headers if name.lower() == "authorization"]:
        del case.headers[name]
    if path.startswith("/v2/account/authenticate/") or path == "/v2/account/session/refresh":
        case.headers["Authorization"] = BASIC
    elif path == "/v2/session/introspect":
        case.query = {**(case.query or {}), "http_key": "defaulthttpkey"}
    elif path.startswith("/v2/"):
        case.headers["Authorization"] = "Bearer " + bearer(base, f"{method} {path}" in ENDS_SESSIONS)


@schemathesis.hook
def after_call(context, case, response):
    """A session that ended all the same must not turn every later answer into a refusal."""
    global until
    if response.status_code == 401 and "/authenticate/" not in case.operation.path:
        with lock:
            until = 0.0
