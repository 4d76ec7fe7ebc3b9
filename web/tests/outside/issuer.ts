/**
 * An issuer of OpenID Connect on loopback: the certified `oidc-provider`, with people who log in without being asked.
 * It also gives its keys away, so that tests can sign what a real issuer would never sign.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, importJWK, SignJWT, type JWK, type JWTPayload } from "jose";
import { Provider } from "oidc-provider";

export const CLIENT = "longhouse";
/** With characters that must be escaped on the way. */
export const SECRET = "a-secret:with&and%and+and=";
export const PUBLIC_CLIENT = "a-page";

const ALGORITHMS = ["RS256", "PS256", "ES256", "ES384"] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

export class Issuer {
  /** Who sits at the browser. */
  person = "ann";
  /** Refuses the next login, as a person who says no. */
  refuses = false;
  /** Accounts that are switched off. */
  readonly disabled = new Set<string>();
  /** Every path that was asked for. */
  readonly asked: string[] = [];
  readonly url: string;
  private readonly privateKeys: JWK[] = [];
  private readonly published: JWK[] = [];
  private readonly extra: JWK[] = [];
  private handler: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;

  private constructor(private readonly server: Server) {
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("request", (request, response) => {
      this.asked.push(request.url ?? "");
      // With the keys that were added since the provider began.
      if (request.url === "/jwks") return this.showKeys(response);
      this.handler?.(request, response);
    });
  }

  static async start(): Promise<Issuer> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const issuer = new Issuer(server);
    for (const algorithm of ALGORITHMS) issuer.published.push(await issuer.newKey(algorithm, algorithm));
    return issuer;
  }

  /** Once the house is there, whose addresses it must know. */
  serve(house: string): void {
    const callback = (name: string) => `${house}/auth/oidc/${name}/callback`;
    const logout = {
      backchannel_logout_uri: `${house}/auth/oidc/house/backchannel-logout`,
      backchannel_logout_session_required: true,
    };
    const grants = { grant_types: ["authorization_code", "refresh_token"], response_types: ["code"] };
    const provider = new Provider(this.url, {
      clients: [
        {
          client_id: CLIENT,
          client_secret: SECRET,
          redirect_uris: [callback("house")],
          ...grants,
          ...logout,
        },
        {
          client_id: PUBLIC_CLIENT,
          token_endpoint_auth_method: "none",
          redirect_uris: [callback("page")],
          ...grants,
        },
      ],
      jwks: { keys: this.privateKeys },
      cookies: { keys: ["for tests alone"] },
      pkce: { required: () => true },
      scopes: ["openid", "offline_access"],
      features: {
        devInteractions: { enabled: false },
        backchannelLogout: { enabled: true },
        rpInitiatedLogout: { enabled: true },
      },
      interactions: { url: (_: unknown, interaction: { uid: string }) => `/interaction/${interaction.uid}` },
      findAccount: (_: unknown, id: string) =>
        this.disabled.has(id) ? undefined : { accountId: id, claims: () => ({ sub: id }) },
      // It guards itself against being sent to its own machine; here everybody lives on one.
      fetch: (url: string, { dispatcher: _, ...options }: RequestInit & { dispatcher?: unknown }) =>
        fetch(url, options),
      // Short enough for any test, long enough for a slow one.
      ttl: {
        AccessToken: 600,
        AuthorizationCode: 60,
        IdToken: 600,
        RefreshToken: 3_600,
        Session: 3_600,
        Grant: 3_600,
        Interaction: 600,
      },
    });
    const answer = provider.callback();
    this.handler = (request, response) => {
      if (!request.url?.startsWith("/interaction/")) return answer(request, response);
      this.interact(provider, request, response).catch((error: unknown) => {
        response.statusCode = 500;
        response.end(String(error));
      });
    };
  }

  /** Logs in and consents, or refuses, as a person would with a form. */
  private async interact(
    provider: Provider,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { prompt, session, params, grantId } = await provider.interactionDetails(request, response);
    if (this.refuses) {
      this.refuses = false;
      const result = { error: "access_denied", error_description: "the person said no" };
      return provider.interactionFinished(request, response, result);
    }
    if (prompt.name === "login") {
      return provider.interactionFinished(request, response, { login: { accountId: this.person } });
    }
    const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
    const of = { accountId: session?.accountId ?? this.person, clientId: String(params["client_id"]) };
    const grant = known ?? new provider.Grant(of);
    grant.addOIDCScope("openid offline_access");
    const consent = { grantId: await grant.save() };
    return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
  }

  private async newKey(algorithm: Algorithm, kid: string): Promise<JWK> {
    const pair = await generateKeyPair(algorithm, { extractable: true });
    this.privateKeys.push({ ...(await exportJWK(pair.privateKey)), kid, alg: algorithm, use: "sig" });
    return { ...(await exportJWK(pair.publicKey)), kid, alg: algorithm, use: "sig" };
  }

  /** Publishes a further key, as an issuer does that changes its keys. */
  async rotate(kid: string): Promise<void> {
    this.extra.push(await this.newKey("RS256", kid));
  }

  /** The public half of a key. */
  key(kid: string): JWK {
    const found = this.published.find((key) => key.kid === kid);
    if (found === undefined) throw new Error(`no key ${kid}`);
    return found;
  }

  private showKeys(response: ServerResponse): void {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ keys: [...this.published, ...this.extra] }));
  }

  /** What an ID token of this issuer says. */
  claims(sub: string, change: JWTPayload = {}): JWTPayload {
    const now = Math.floor(Date.now() / 1_000);
    return { iss: this.url, sub, aud: CLIENT, iat: now, exp: now + 300, ...change };
  }

  /** Signs anything. */
  async sign(claims: JWTPayload, header: { alg?: string; kid?: string; typ?: string } = {}): Promise<string> {
    const alg = header.alg ?? "RS256";
    const kid = header.kid ?? alg;
    const named = (name: string) => this.privateKeys.find((key) => key.kid === name);
    const jwk = named(kid) ?? named(alg);
    if (jwk === undefined) throw new Error(`no key ${kid}`);
    const key = await importJWK({ ...jwk, alg }, alg);
    const typ = header.typ === undefined ? {} : { typ: header.typ };
    return new SignJWT(claims).setProtectedHeader({ alg, kid, ...typ }).sign(key);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((done) => this.server.close(() => done()));
  }
}
