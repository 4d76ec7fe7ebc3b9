import { expect, test } from "vitest";
import { address } from "../../src/api/ask";
import { exampleOf, readSpec, type RawSpec } from "../../src/api/spec";

const SPEC: RawSpec = {
  info: { title: "t", version: "1" },
  tags: [{ name: "friends", description: "Whom one likes." }, { name: "empty" }],
  components: {
    schemas: {
      Friend: {
        type: "object",
        properties: {
          user: { oneOf: [{ type: "null" }, { $ref: "#/components/schemas/User" }] },
          state: { type: ["integer", "null"], format: "int32", description: "How near." },
          since: { type: "string", format: "date-time" },
          score: { type: "string", format: "int64" },
          friends: { type: "array", default: [], items: { $ref: "#/components/schemas/Friend" } },
        },
      },
      User: { type: "object", properties: { id: { type: "string" }, online: { type: "boolean" } } },
    },
  },
  paths: {
    "/v2/friend/{id}": {
      post: {
        operationId: "add",
        tags: ["friends"],
        summary: "Adds one.",
        description: "Adds one.",
        parameters: [
          { name: "id", in: "path", required: true, schema: { type: "string" } },
          { name: "names", in: "query", schema: { type: "array", items: { type: "string" } } },
          { name: "limit", in: "query", schema: { type: "integer", format: "int32" } },
          { name: "x-trace", in: "header" },
        ],
        requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/User" } } } },
        responses: {
          200: { content: { "application/json": { schema: { $ref: "#/components/schemas/Friend" } } } },
          default: {},
        },
        security: [{ bearer: [] }, { http_key: [] }],
      },
    },
  },
};

test("a description becomes groups of operations", () => {
  const groups = readSpec(SPEC);
  expect(groups.map((group) => group.name)).toEqual(["friends"]);
  const one = groups[0]?.operations[0];
  expect(one).toMatchObject({ id: "add", method: "POST", summary: "Adds one.", description: "" });
  expect(one?.keys).toEqual(["bearer", "http_key"]);
  expect(one?.parameters.map(({ name, where, many }) => [name, where, many])).toEqual([
    ["id", "path", false],
    ["names", "query", true],
    ["limit", "query", false],
  ]);
  expect(JSON.parse(one?.body?.example ?? "")).toEqual({ id: "", online: false });
  expect(one?.answer.map(({ name, type }) => `${name}: ${type}`)).toEqual([
    "user: User",
    "state: integer (int32)",
    "since: string (date-time)",
    "score: string (int64)",
    "friends: list of Friend",
  ]);
});

test("an example ends although the shape contains itself", () => {
  const schemas = SPEC.components?.schemas ?? {};
  const example = exampleOf({ $ref: "#/components/schemas/Friend" }, schemas) as Record<string, unknown>;
  expect(example).toMatchObject({ user: { id: "" }, state: 0, since: "2030-01-01T00:00:00Z", score: "0" });
  expect(example["friends"]).toMatchObject([{ score: "0" }]);
  expect(JSON.stringify(example).length).toBeLessThan(1000);
});

test("an address has its path and query filled", () => {
  const one = readSpec(SPEC)[0]?.operations[0];
  if (one === undefined) throw new Error("no operation");
  expect(address(one, { id: "a/b", names: "x\ny z\n" })).toBe("/v2/friend/a%2Fb?names=x&names=y+z");
  expect(address(one, { id: "a" })).toBe("/v2/friend/a");
});
