import { encode } from "@msgpack/msgpack";
import { describe, expect, test } from "vitest";
import { decodeView } from "../../src/farm/decode";
import { friendOf, linkTo, visitOf } from "../../src/farm/panels/link";
import { readSave, SAVE_BYTES_MAX } from "../../src/farm/panels/save";
import { goalText, scoreText, troubleText, whyText } from "../../src/farm/panels/words";
import { announced, ANNOUNCED_MS_MAX } from "../../src/farm/parts/events";
import { ServiceError } from "../../src/farm/service";
import { commandText } from "../../src/farm/words";
import { FakeFarm } from "../fake/farm";

const NOW = 1_700_000_000_000;
const HOUR = 3_600_000;
const USER = "0191c0de-1234-7abc-8def-0123456789ab";

describe("links to farms", () => {
  test("a link leads back to its player", () => {
    const link = linkTo(USER, "https://play.example");
    expect(link).toBe(`https://play.example/farm/?visit=${USER}`);
    expect(friendOf(link)).toBe(USER);
    expect(visitOf(new URL(link).search)).toBe(USER);
  });

  test.each([
    [`  ${USER.toUpperCase()} `, USER],
    ["my friend", undefined],
    ["", undefined],
    [USER.slice(1), undefined],
  ])("%j is %j", (text, whose) => {
    expect(friendOf(text)).toBe(whose);
  });

  test("an address that asks for nobody shows one's own farm, one that asks for nonsense none", () => {
    expect(visitOf("")).toBeUndefined();
    expect(visitOf("?other=1")).toBeUndefined();
    expect(visitOf("?visit=../../etc")).toBe("");
  });
});

describe("saves of the local-only game", () => {
  test("one that looks right goes to the farm as it is", () => {
    const save = { format: "llama-wool-farm", version: 1, wools: { plain: "12" } };
    expect(readSave(JSON.stringify(save))).toEqual({ save });
  });

  test.each([
    ["  ", "There is nothing in it."],
    ["{", "It is no JSON. Was all of it copied?"],
    ["[]", "It is no save of Llama Wool Farm."],
    ["null", "It is no save of Llama Wool Farm."],
    [JSON.stringify({ format: "other" }), "It is no save of Llama Wool Farm."],
    ["x".repeat(SAVE_BYTES_MAX + 1), "It is larger than 8 KiB: that is no save of this game."],
    // Bytes, not characters.
    ["ä".repeat(SAVE_BYTES_MAX / 2 + 1), "It is larger than 8 KiB: that is no save of this game."],
  ])("%.20j is told what is wrong with it", (text, trouble) => {
    expect(readSave(text)).toEqual({ trouble });
  });
});

describe("events", () => {
  const { content, farm } = decodeView(encode(new FakeFarm(() => NOW).view()));
  const event = (id: string, fromMs: number, toMs: number) => ({
    id,
    name: id,
    about: "",
    from_ms: NOW + fromMs,
    to_ms: NOW + toMs,
    effect: { kind: "all" as const, percent: 200 },
  });
  const events = [
    event("later", 2 * HOUR, 4 * HOUR),
    event("long", -HOUR, 9 * HOUR),
    event("short", -HOUR, HOUR),
    event("far", ANNOUNCED_MS_MAX + 1, ANNOUNCED_MS_MAX + HOUR),
  ];
  const names = (on: string[], nowMs: number, among = events) =>
    announced({ ...content, events: among }, { ...farm, events: on }, nowMs).map(
      ({ kind, on: running, leftMs }) => `${kind.id} ${running} ${leftMs / HOUR}`,
    );

  test("those that are on come first, the one that ends soonest before the others", () => {
    expect(names(["long", "short"], NOW)).toEqual(["short true 1", "long true 9"]);
  });

  test("without any, the next one is announced, if it is near", () => {
    expect(names([], NOW)).toEqual(["later false 2"]);
    expect(names([], NOW, [events[3]!])).toEqual([]);
    expect(names([], NOW + 1, [events[3]!])).toHaveLength(1);
  });

  test("one whose time is over is not shown, whatever the last message said", () => {
    expect(names(["short"], NOW + HOUR, [events[2]!])).toEqual([]);
  });
});

describe("words", () => {
  const kind = { id: "a", name: "", about: "", stat: "llamas", goal: 10n, fleece: 1 };

  test("how far an achievement is", () => {
    expect(goalText(kind, 3n)).toBe("3 of 10 llamas");
    expect(goalText({ ...kind, stat: "prestiges", goal: 1n }, 0n)).toBe("0 of 1 new beginning");
    // 2^20 milli-worth and 2^10: about a thousand, and about one.
    const magnitude = (power: bigint) => power << 20n;
    expect(goalText({ ...kind, stat: "worth_magnitude", goal: magnitude(20n) }, magnitude(10n))).toBe(
      "1 of 1,048 worth",
    );
  });

  test("scores, reasons, troubles", () => {
    expect(scoreText("stars", 12_345n)).toBe("12.3 K");
    expect(scoreText("weekly", 20n << 20n)).toBe("1,048 worth");
    expect(whyText("prestige")).toBe("Before a new beginning");
    expect(whyText("eclipse")).toBe("eclipse");
    expect(troubleText(new ServiceError("The server cannot be reached.", 0))).toBe(
      "The server cannot be reached.",
    );
    expect(troubleText("boom")).toBe("That did not work.");
  });

  test("what was done is named", () => {
    expect(commandText({ do: "shear", count: 1 }, undefined)).toBe("1 shear");
    expect(commandText({ do: "buy", building: "hay_barn", count: 10 }, undefined)).toBe("10 × hay barn");
    expect(commandText({ do: "prestige" }, undefined)).toBe("The new beginning");
  });
});
