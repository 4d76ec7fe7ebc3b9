"""The worker against a real server with a real war. `scripts/test-worker.sh` runs it.

A player sits in the war, because nothing happens in a room that nobody is in, and does nothing.
"""

import base64
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request

import websocket

import strategy

HERE = pathlib.Path(__file__).resolve().parent
SERVER = os.environ["LONGHOUSE_BIN"]
# Every wait ends.
SECONDS_MAX = 60
RIVALS = 4
SETUP = {"size": "tiny", "tribes": 2, "rivals": RIVALS, "seats": 2, "spawn_seconds": 4, "immunity_seconds": 0}


def until(what, look):
    """Waits for a condition, with a deadline."""
    end = time.monotonic() + SECONDS_MAX
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {SECONDS_MAX} s for {what}")


class Program:
    """A process and the lines that it writes."""

    def __init__(self, *command, env=None):
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([str(part) for part in command], stdout=pipe, stderr=pipe, text=True, env=env)
        self.out, self.err = [], []
        self.readers = [
            threading.Thread(target=lambda: self.out.extend(self.process.stdout), daemon=True),
            threading.Thread(target=lambda: self.err.extend(self.process.stderr), daemon=True),
        ]
        for reader in self.readers:
            reader.start()

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.wait()

    def wait(self):
        try:
            status = self.process.wait(SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        for reader in self.readers:
            reader.join(SECONDS_MAX)
        self.process.stdout.close()
        self.process.stderr.close()
        return status

    def errors(self):
        return "".join(self.err[-20:])


class Player:
    """Somebody who is in a war."""

    def __init__(self, url):
        self.url = url
        basic = base64.b64encode(b"defaultkey:").decode()
        login = "/v2/account/authenticate/device?create=true"
        self.token = self.ask(login, {"id": "device-of-a-player"}, f"Basic {basic}")["token"]
        opened = self.ask("/v2/rpc/room_open?unwrap", {"rules": "sovereign", "setup": SETUP}, f"Bearer {self.token}")
        self.match = opened["match_id"]
        address = url.replace("http", "ws", 1)
        socket = websocket.create_connection(f"{address}/ws?token={self.token}&format=json&lang=en", timeout=SECONDS_MAX)
        self.socket = socket
        socket.send(json.dumps({"cid": "1", "match_join": {"match_id": self.match}}))
        answer = json.loads(socket.recv())
        while answer.get("cid") != "1":
            answer = json.loads(socket.recv())
        assert "match" in answer, answer
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        """Reads what comes, as a page would; the end of the socket ends it."""
        try:
            while self.socket.recv():
                pass
        except (websocket.WebSocketException, OSError):
            pass

    def ask(self, path, body, authorization):
        headers = {"Authorization": authorization, "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=SECONDS_MAX) as answer:
            return json.load(answer)

    def leave(self):
        self.socket.shutdown()
        self.reader.join(SECONDS_MAX)


class WorkerPlays(unittest.TestCase):
    """Workers, a server, a war."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        env = {name: value for name, value in os.environ.items() if not name.startswith("LONGHOUSE_")}
        cls.env = {**env, "LONGHOUSE_AGENTS_KEY": "a-key-of-this-test"}
        settings = ["agents.listen=127.0.0.1:0", "agents.turn_ms=200", "agents.deadline_ms=1500"]
        flags = [part for setting in settings for part in ("--set", setting)]
        cls.data = pathlib.Path(cls.folder.name) / "data"
        cls.server = Program(SERVER, "serve", "--data", cls.data, "--listen", "127.0.0.1:0", *flags, env=cls.env)

        def ready():
            assert cls.server.process.poll() is None, cls.server.errors()
            return re.search(r"ready (http:\S+) .*outside workers on ([^)]+)\)", "".join(cls.server.out))

        cls.url, cls.workers = until("the server", ready).groups()
        cls.player = None

    @classmethod
    def tearDownClass(cls):
        if cls.player:
            cls.player.leave()
        status = cls.server.end()
        assert cls.player, "no war was opened"
        # What workers did is in the log like everything else.
        room = cls.player.match.split(".")[0]
        replay = Program(SERVER, "replay", "--data", cls.data, "--json", room, env=cls.env)
        replayed = replay.wait()
        cls.folder.cleanup()
        assert status == 0, cls.server.errors()
        assert replayed == 0, replay.errors()
        assert json.loads(replay.out[-1])["equals_snapshot"], replay.out

    def start(self, *flags, key="a-key-of-this-test"):
        command = [sys.executable, HERE / "worker.py", "--server", self.workers, *flags]
        worker = Program(*command, env={**self.env, "LONGHOUSE_AGENTS_KEY": key})
        self.addCleanup(worker.end, signal.SIGKILL)
        return worker

    def figure(self, name):
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=SECONDS_MAX) as page:
            found = re.search(rf"^{re.escape(name)} (\S+)$", page.read().decode(), re.MULTILINE)
        return float(found.group(1)) if found else 0.0

    def test_1_without_the_key_nobody_comes_in(self):
        worker = self.start(key="another-key")
        self.assertNotEqual(worker.wait(), 0)
        self.assertIn("the server refuses", worker.errors())

    def test_2_it_plays(self):
        worker = self.start("--turns", 60 * RIVALS)
        until("the worker", lambda: self.figure("longhouse_agent_workers") == 1)
        # It is there when places are chosen.
        type(self).player = Player(self.url)
        self.assertEqual(worker.wait(), 0, worker.errors())
        told = json.loads(worker.out[-1])
        self.assertEqual(told["seats"], RIVALS, told)
        self.assertGreater(told["tiles_last"], told["tiles_first"] + 100, told)
        # Each chose its place and went out at least once.
        self.assertGreaterEqual(told["commands"], 2 * RIVALS, told)
        self.assertLessEqual(told["refused"], told["commands"] // 4, told)
        self.assertLessEqual(told["late"], told["turns"] // 4, told)
        self.assertGreater(self.figure('longhouse_agent_commands_total{answer="accepted"}'), 0)

    def test_3_another_goes_on_where_one_was_killed(self):
        first, second = self.start("--name", "first"), self.start("--name", "second")
        got = lambda worker: sum(line.startswith("got") for line in worker.err)
        lost = lambda worker: sum(line.startswith("lost") for line in worker.err)
        until("both to have seats", lambda: 0 < got(first) - lost(first) < RIVALS and 0 < got(second) - lost(second) < RIVALS)
        self.assertEqual(self.figure("longhouse_agent_seats"), RIVALS)
        first.end(signal.SIGKILL)
        until("all seats to be the other's", lambda: got(second) - lost(second) == RIVALS)
        answered = 'longhouse_agent_turns_total{result="answered"}'
        before = self.figure(answered)
        until("turns of the other", lambda: self.figure(answered) >= before + 4 * RIVALS)
        self.assertEqual(second.end(), 0, second.errors())
        told = json.loads(second.out[-1])
        # It never had the turns in which that was learnt.
        self.assertGreater(told["remembered"], 20, told)


class Strategy(unittest.TestCase):
    """Single turns."""

    def see(self, **changes):
        me = {"id": 1, "troops": 9000, "cap": 10000, "gold": 0, "tiles": 50, "home": 7, "cities": 0, "forts": 0, "ports": 0}
        seen = {"step": 9, "phase": [1], "me": me, "neighbours": [], "attacks": [], "beaches": [], "places": []}
        seen |= {"costs": {"city": 100, "fort": 50, "port": 80}, "motions": [], "limits": {"attacks": 4, "boats": 3}}
        return seen | changes

    def other(self, number, troops, **changes):
        plain = {"allied": False, "asks_me": False, "attacks_me": 0, "immune": False, "traitor": False}
        return {"id": number, "kind": 2, "troops": troops, "tiles": 9, "border": 5} | plain | changes

    def check(self, seen, memory, *commands):
        self.assertEqual(strategy.decide(seen, memory)[0], list(commands))

    def test_rows(self):
        wild, weak, strong = {"id": 0, "border": 5}, self.other(2, 500), self.other(3, 8000)
        self.check(self.see(phase=[0, 40], places=[5]), {}, {"do": "spawn", "tile": 5})
        self.check(self.see(phase=[0, 40], places=[5]), {"home": 5})
        self.check(self.see(phase=[2, 9, 1], neighbours=[wild]), {})
        self.check(self.see(neighbours=[wild, weak]), {}, {"do": "attack", "on": 0, "share": 200})
        settlers = {"id": 1, "on": 0, "troops": 2000}
        self.check(self.see(neighbours=[wild, strong], attacks=[settlers]), {})
        self.check(self.see(neighbours=[weak, strong]), {}, {"do": "attack", "on": 2, "share": 600})
        self.check(self.see(neighbours=[strong]), {})
        self.check(self.see(neighbours=[strong]), {"grudges": {3: 0}}, {"do": "attack", "on": 3, "share": 600})
        self.check(self.see(neighbours=[self.other(2, 500, allied=True)]), {})
        self.check(self.see(neighbours=[self.other(3, 8000, asks_me=True)]), {}, {"do": "ally", "with": 3})
        self.check(self.see(beaches=[4]), {}, {"do": "boat", "to": 4, "share": 200})
        motion = {"id": 6, "kind": 0, "about": 3, "voted": None}
        self.check(self.see(motions=[motion]), {"grudges": {3: 0}}, {"do": "vote", "motion": 6, "yes": True})
        rich = self.see(places=[8])
        rich["me"]["gold"] = 130
        self.check(rich, {}, {"do": "build", "site": "city", "tile": 8})


if __name__ == "__main__":
    unittest.main(verbosity=2)
