/** Purchases and subscriptions with the official SDK. The stores stand on loopback and answer in their recorded shapes. */
import { Session } from "@heroiclabs/nakama-js";
import {
  createHmac,
  createSign,
  createVerify,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { certificate, RECEIPT_MARK, type Signer } from "../outside/certificates";
import { refusal } from "../outside/refusal";
import { set, StandIn } from "../outside/stand-in";
import { TestServer } from "../server";
import { Guest } from "./guest";

const BUNDLE = "example.game";
const INSTANT = "instant-games-secret";
const BOUGHT_MS = 1_700_000_000_000;

const folder = mkdtempSync(join(tmpdir(), "longhouse-receipts-"));
const account = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const huawei = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const root = certificate("Root", undefined, { authority: true });
const between = certificate("Between", root, { authority: true });
const signer = certificate("Signer", between, { marks: [RECEIPT_MARK] });

let shop: StandIn;
let server: TestServer;
/** What the stores know. */
const apple = new Map<string, object>();
const google = new Map<string, object>();
const orders = new Map<string, object>();

beforeAll(async () => {
  shop = await StandIn.start();
  const verify =
    (sandbox: boolean) =>
    ({ body }: { body: string }) => {
      const asked = JSON.parse(body) as Record<string, string>;
      if (asked["password"] !== "shared-secret") return { json: { status: 21_004 } };
      const receipt = asked["receipt-data"] ?? "";
      if (!sandbox && receipt.startsWith("c2FuZGJveA")) return { json: { status: 21_007 } };
      return { json: apple.get(receipt) ?? { status: 21_003 } };
    };
  shop
    .on("/apple/verifyReceipt", verify(false))
    .on("/sandbox/verifyReceipt", verify(true))
    .on("/google/token", ({ body }) => {
      const form = new URLSearchParams(body);
      const [head = "", claims = "", signature = ""] = (form.get("assertion") ?? "").split(".");
      const right = createVerify("sha256")
        .update(`${head}.${claims}`)
        .verify(account.publicKey, signature, "base64url");
      const { iss, scope } = JSON.parse(Buffer.from(claims, "base64url").toString()) as Record<
        string,
        string
      >;
      if (!right || iss !== "us@example" || !scope?.endsWith("/auth/androidpublisher"))
        return { status: 401, json: {} };
      return { json: { access_token: "google-access", expires_in: 3_600, token_type: "Bearer" } };
    })
    .on("/google/androidpublisher/v3/applications/", ({ url, headers }) => {
      if (headers.authorization !== "Bearer google-access") return { status: 401, json: {} };
      const said = google.get(url.pathname.slice("/google/androidpublisher/v3/applications/".length));
      return said === undefined ? { status: 404, json: { error: { code: 404 } } } : { json: said };
    })
    .on("/huawei/token", ({ body }) => {
      const form = new URLSearchParams(body);
      const right = form.get("client_id") === "101" && form.get("client_secret") === "huawei-secret";
      return right
        ? { json: { access_token: "huawei-access", expires_in: 3_600 } }
        : { status: 403, json: {} };
    })
    .on("/huawei/applications/purchases/tokens/verify", ({ body, headers }) => {
      const basic = `Basic ${Buffer.from("APPAT:huawei-access").toString("base64")}`;
      if (headers.authorization !== basic) return { status: 401, json: {} };
      const { purchaseToken } = JSON.parse(body) as { purchaseToken: string };
      const order = orders.get(purchaseToken);
      if (order === undefined) return { json: { responseCode: "8", responseMessage: "no such purchase" } };
      const data = JSON.stringify(order);
      return { json: { responseCode: "0", purchaseTokenData: data, dataSignature: byHuawei(data) } };
    });
  const file = join(folder, "account.json");
  writeFileSync(
    file,
    JSON.stringify({
      type: "service_account",
      client_email: "us@example",
      private_key_id: "a-key",
      private_key: account.privateKey.export({ type: "pkcs8", format: "pem" }),
      token_uri: `${shop.url}/google/token`,
    }),
  );
  writeFileSync(join(folder, "root.cer"), root.der);
  server = await new TestServer(
    set(
      ["receipts.apple_bundle_id", BUNDLE],
      ["receipts.apple_shared_secret", "shared-secret"],
      ["receipts.apple_root_file", join(folder, "root.cer")],
      ["receipts.apple_url", `${shop.url}/apple`],
      ["receipts.apple_sandbox_url", `${shop.url}/sandbox`],
      ["receipts.google_account_file", file],
      ["receipts.google_packages", BUNDLE],
      ["receipts.google_url", `${shop.url}/google`],
      [
        "receipts.huawei_public_key",
        huawei.publicKey.export({ type: "spki", format: "der" }).toString("base64"),
      ],
      ["receipts.huawei_client_id", "101"],
      ["receipts.huawei_client_secret", "huawei-secret"],
      ["receipts.huawei_token_url", `${shop.url}/huawei/token`],
      ["receipts.huawei_url", `${shop.url}/huawei`],
      ["receipts.facebook_instant_secret", INSTANT],
      ["session.access_seconds", "3600"],
    ),
  ).start();
});
afterAll(async () => {
  await server.remove();
  await shop.stop();
  rmSync(folder, { recursive: true, force: true });
});

const client = () => Guest.http(server);
const hex = () => randomBytes(8).toString("hex");

async function player(): Promise<Session> {
  const { token, refresh_token } = await client().authenticateDevice(randomBytes(16).toString("hex"), true);
  return Session.restore(token, refresh_token);
}

function byHuawei(data: string): string {
  return createSign("sha256").update(data).sign(huawei.privateKey).toString("base64");
}

/** A signed transaction of StoreKit 2. */
function transaction(
  change: object = {},
  by: Signer = signer,
  chain: Signer[] = [by, between, root],
): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const payload = {
    transactionId: hex(),
    originalTransactionId: hex(),
    bundleId: BUNDLE,
    productId: "a.hundred.coins",
    purchaseDate: BOUGHT_MS,
    originalPurchaseDate: BOUGHT_MS,
    type: "Consumable",
    environment: "Production",
    signedDate: Date.now(),
    ...change,
  };
  const head = part({ alg: "ES256", x5c: chain.map(({ der }) => der.toString("base64")) });
  const message = `${head}.${part(payload)}`;
  return `${message}.${byCurve(message, by.key)}`;
}

function byCurve(message: string, key: KeyObject): string {
  return sign("sha256", Buffer.from(message), { key, dsaEncoding: "ieee-p1363" }).toString("base64url");
}

/** What every store's purchases have in common: kept once, and for one account. */
async function keptOnce(
  validate: (session: Session, persist: boolean) => Promise<{ validated_purchases?: object[] }>,
  expected: object,
): Promise<void> {
  const [mine, theirs] = [await player(), await player()];
  const looked = (await validate(mine, false)).validated_purchases?.[0];
  expect(looked).toMatchObject({ ...expected, user_id: mine.user_id });
  expect(looked).not.toHaveProperty("seen_before");
  const first = (await validate(theirs, true)).validated_purchases?.[0];
  expect(first, "looking keeps nothing").toMatchObject({ user_id: theirs.user_id });
  expect(first).not.toHaveProperty("seen_before");
  const again = (await validate(theirs, true)).validated_purchases?.[0];
  expect(again).toMatchObject({ ...expected, seen_before: true });
  const taken = await refusal(validate(mine, true));
  expect([taken.status, taken.code, taken.message]).toEqual([
    400,
    9,
    "the purchase belongs to another account",
  ]);
}

describe("Apple", () => {
  const old = (change: object = {}, one: object = {}, receipt = Buffer.from(hex()).toString("base64")) => {
    const bought = {
      quantity: "1",
      product_id: "a.hundred.coins",
      transaction_id: hex(),
      original_transaction_id: hex(),
      purchase_date_ms: String(BOUGHT_MS),
      ...one,
    };
    const said = {
      status: 0,
      environment: "Production",
      receipt: { bundle_id: BUNDLE, in_app: [bought] },
      ...change,
    };
    apple.set(receipt, said);
    return receipt;
  };

  test("a signed transaction is kept once, for one account", async () => {
    const receipt = transaction();
    await keptOnce((session, persist) => client().validatePurchaseApple(session, receipt, persist), {
      product_id: "a.hundred.coins",
      environment: 2,
      purchase_time: "2023-11-14T22:13:20Z",
    });
  });

  test("a receipt of the old kind is kept once, for one account", async () => {
    const receipt = old();
    await keptOnce((session, persist) => client().validatePurchaseApple(session, receipt, persist), {
      product_id: "a.hundred.coins",
      environment: 2,
    });
  });

  test("a receipt for trying out is checked where those are", async () => {
    const receipt = old({ environment: "Sandbox" }, {}, Buffer.from(`sandbox${hex()}`).toString("base64"));
    const { validated_purchases } = await client().validatePurchaseApple(await player(), receipt, true);
    expect(validated_purchases?.[0]?.environment).toBe(1);
  });

  const stranger = certificate("Signer", undefined, { marks: [RECEIPT_MARK] });
  const developer = certificate("A developer", between);
  const past = certificate("Signer", between, {
    marks: [RECEIPT_MARK],
    from: -2 * 86_400_000,
    to: -86_400_000,
  });
  const falseRoot = certificate("Root", undefined, { authority: true });
  const underFalse = certificate("Signer", falseRoot, { marks: [RECEIPT_MARK] });

  test.each<[string, () => string]>([
    ["another app's", () => transaction({ bundleId: "another.game" })],
    ["signed by somebody", () => transaction({}, stranger, [stranger])],
    [
      "signed by somebody, with Apple's chain beside it",
      () => transaction({}, stranger, [stranger, between, root]),
    ],
    ["signed under a root of the same name", () => transaction({}, underFalse, [underFalse, falseRoot])],
    ["signed by a developer of Apple's, without the mark", () => transaction({}, developer)],
    ["signed when the certificate was over", () => transaction({}, past)],
    ["without a chain", () => transaction({}, signer, [])],
    [
      "with a signature of another one",
      () => `${transaction().split(".").slice(0, 2).join(".")}.${transaction().split(".")[2]}`,
    ],
    ["old, and Apple does not know it", () => Buffer.from(hex()).toString("base64")],
    ["old, and another app's", () => old({ receipt: { bundle_id: "another.game", in_app: [] } })],
    ["old, and empty", () => old({ receipt: { bundle_id: BUNDLE, in_app: [] } })],
  ])("refused: %s", async (_, receipt) => {
    const refused = await refusal(client().validatePurchaseApple(await player(), receipt(), true));
    expect([refused.status, refused.code], refused.message).toEqual([400, 9]);
  });

  test("what is no receipt is said so", async () => {
    const session = await player();
    for (const text of ["", "ä", "a.b.c", "<xml>"]) {
      expect(await refusal(client().validatePurchaseApple(session, text, true)), text).toMatchObject({
        status: 400,
      });
    }
  });

  test("subscriptions: shown, renewed, listed, found by product, kept for one account", async () => {
    const [mine, theirs] = [await player(), await player()];
    const later = Date.now() + 86_400_000;
    const original = hex();
    const signed = (expires: number) =>
      transaction({
        originalTransactionId: original,
        productId: "gold",
        expiresDate: expires,
        type: "Auto-Renewable Subscription",
      });
    const first = await client().validateSubscriptionApple(mine, signed(Date.now() - 1_000), true);
    expect(first.validated_subscription).toMatchObject({
      original_transaction_id: original,
      product_id: "gold",
    });
    expect(first.validated_subscription?.active ?? false).toBe(false);
    const renewed = await client().validateSubscriptionApple(mine, signed(later), true);
    expect(renewed.validated_subscription?.active).toBe(true);
    expect((await client().getSubscription(mine, "gold")).original_transaction_id).toBe(original);
    expect(await refusal(client().validateSubscriptionApple(theirs, signed(later), true))).toMatchObject({
      code: 9,
    });
    expect(await refusal(client().getSubscription(theirs, "gold"))).toMatchObject({ status: 404, code: 5 });
    const silver = old({
      latest_receipt_info: [
        { product_id: "silver", original_transaction_id: hex(), purchase_date_ms: "1", expires_date_ms: "2" },
        {
          product_id: "silver",
          original_transaction_id: hex(),
          purchase_date_ms: "1",
          expires_date_ms: String(later),
        },
      ],
    });
    expect(
      (await client().validateSubscriptionApple(mine, silver, true)).validated_subscription?.active,
    ).toBe(true);
    const list = await client().listSubscriptions(mine, undefined, 10);
    expect(list.validated_subscriptions?.map(({ product_id }) => product_id)).toEqual(["gold", "silver"]);
  });

  test("a list goes on where it ended, both ways, for its owner alone", async () => {
    const mine = await player();
    for (let number = 0; number < 5; number += 1) {
      const bought = BOUGHT_MS + number * 1_000;
      const change = {
        productId: `p${number}`,
        purchaseDate: bought,
        originalPurchaseDate: bought,
        expiresDate: bought,
      };
      await client().validateSubscriptionApple(mine, transaction(change), true);
    }
    const page = async (cursor?: string, session = mine) => {
      const list = await client().listSubscriptions(session, cursor, 2);
      const products = (list.validated_subscriptions ?? []).map(({ product_id }) => product_id).join(" ");
      return { products, next: list.cursor ?? "", back: list.prev_cursor ?? "" };
    };
    const one = await page();
    const two = await page(one.next);
    const three = await page(two.next);
    expect([one, two, three].map(({ products }) => products)).toEqual(["p4 p3", "p2 p1", "p0"]);
    expect([one.back, three.next]).toEqual(["", ""]);
    expect((await page(three.back)).products).toBe("p2 p1");
    expect((await page(two.back)).products).toBe("p4 p3");
    const stranger = await player();
    expect(await refusal(page(one.next, stranger))).toMatchObject({ status: 400, code: 3 });
    expect(await refusal(page(`${one.next}A`))).toMatchObject({ status: 400, code: 3 });
    expect(await refusal(client().listSubscriptions(mine, undefined, 101))).toMatchObject({
      status: 400,
      code: 3,
    });
    expect(await refusal(client().listSubscriptions(mine, undefined, -1))).toMatchObject({
      status: 400,
      code: 3,
    });
  });
});

describe("Google Play", () => {
  const receipt = (token: string, packageName = BUNDLE) =>
    JSON.stringify({
      orderId: "GPA.1",
      packageName,
      productId: "coins",
      purchaseTime: 1,
      purchaseState: 0,
      purchaseToken: token,
    });
  const known = (said: object, kind = "products") => {
    const token = `token/${hex()}`;
    google.set(`${BUNDLE}/purchases/${kind}/coins/tokens/${encodeURIComponent(token)}`, said);
    return token;
  };
  const paid = {
    kind: "androidpublisher#productPurchase",
    purchaseTimeMillis: String(BOUGHT_MS),
    purchaseState: 0,
    orderId: "GPA.1",
  };

  test("a purchase is kept once, for one account; access is asked for once", async () => {
    const token = known(paid);
    await keptOnce((session, persist) => client().validatePurchaseGoogle(session, receipt(token), persist), {
      product_id: "coins",
      transaction_id: token,
      store: 1,
      environment: 2,
      purchase_time: "2023-11-14T22:13:20Z",
    });
    expect(shop.asked.filter(({ url }) => url.pathname === "/google/token").length).toBe(1);
  });

  test("receipts as engines wrap them", async () => {
    const wrapped = JSON.stringify({
      Store: "GooglePlay",
      Payload: JSON.stringify({ json: receipt(known(paid)), signature: "x" }),
    });
    const { validated_purchases } = await client().validatePurchaseGoogle(await player(), wrapped, true);
    expect(validated_purchases?.length).toBe(1);
  });

  test.each<[string, () => string, number]>([
    ["unknown to Google", () => receipt("nothing"), 9],
    ["another app's", () => receipt(known(paid), "another.game"), 9],
    ["cancelled", () => receipt(known({ ...paid, purchaseState: 1 })), 9],
    ["not paid yet", () => receipt(known({ ...paid, purchaseState: 2 })), 9],
    ["a way into other paths", () => receipt("../../../x"), 9],
    ["no receipt", () => "{}", 3],
    ["not even JSON", () => "x", 3],
  ])("refused: %s", async (_, text, code) => {
    const refused = await refusal(client().validatePurchaseGoogle(await player(), text(), true));
    expect([refused.status, refused.code], refused.message).toEqual([400, code]);
  });

  test("a subscription", async () => {
    const said = {
      startTimeMillis: String(BOUGHT_MS),
      expiryTimeMillis: String(Date.now() + 86_400_000),
      purchaseType: 0,
    };
    const mine = await player();
    const token = known(said, "subscriptions");
    const { validated_subscription } = await client().validateSubscriptionGoogle(mine, receipt(token), true);
    expect(validated_subscription).toMatchObject({
      active: true,
      environment: 1,
      store: 1,
      original_transaction_id: token,
    });
  });
});

describe("Huawei", () => {
  const order = (change: object = {}) => {
    const data = {
      orderId: hex(),
      productId: "coins",
      purchaseToken: hex(),
      purchaseTime: BOUGHT_MS,
      purchaseState: 0,
      ...change,
    };
    orders.set(data.purchaseToken, data);
    return data;
  };

  test("a purchase is kept once, for one account", async () => {
    const data = JSON.stringify(order());
    await keptOnce(
      (session, persist) => client().validatePurchaseHuawei(session, data, byHuawei(data), persist),
      {
        product_id: "coins",
        store: 2,
        environment: 2,
      },
    );
  });

  test("refused: a wrong signature, a purchase that Huawei does not know, one whose money went back", async () => {
    const session = await player();
    const data = JSON.stringify(order());
    const check = (text: string, signature: string) =>
      refusal(client().validatePurchaseHuawei(session, text, signature, true));
    expect(await check(data, byHuawei(`${data} `))).toMatchObject({ code: 9 });
    expect(await check(data, "")).toMatchObject({ code: 9 });
    expect(await check(data, "not base64!")).toMatchObject({ code: 3 });
    const unknown = JSON.stringify({ orderId: "a", productId: "coins", purchaseToken: "unknown" });
    expect(await check(unknown, byHuawei(unknown))).toMatchObject({ code: 9 });
    const back = JSON.stringify(order({ purchaseState: 2 }));
    expect(await check(back, byHuawei(back))).toMatchObject({ code: 9 });
  });
});

describe("Facebook Instant Games", () => {
  function signed(payload: object, secret = INSTANT): string {
    const body = Buffer.from(JSON.stringify(payload)).toString("base64url");
    return `${createHmac("sha256", secret).update(body).digest("base64url")}.${body}`;
  }
  const paid = () => ({
    algorithm: "HMAC-SHA256",
    payment_id: Number(`0x${hex().slice(0, 12)}`),
    product_id: "coins",
    purchase_time: BOUGHT_MS / 1_000,
  });

  test("a purchase is kept once, for one account", async () => {
    const request = signed(paid());
    await keptOnce(
      (session, persist) => client().validatePurchaseFacebookInstant(session, request, persist),
      {
        product_id: "coins",
        store: 3,
        purchase_time: "2023-11-14T22:13:20Z",
      },
    );
  });

  test("refused: another secret, another text under the signature, no purchase", async () => {
    const session = await player();
    const check = (text: string) => refusal(client().validatePurchaseFacebookInstant(session, text, true));
    expect(await check(signed(paid(), "another"))).toMatchObject({ code: 9 });
    expect(await check(`${signed(paid()).split(".")[0]}.${signed(paid()).split(".")[1]}`)).toMatchObject({
      code: 9,
    });
    expect(await check(signed({ algorithm: "HMAC-SHA256" }))).toMatchObject({ code: 3 });
    expect(await check("nothing")).toMatchObject({ code: 3 });
  });
});
