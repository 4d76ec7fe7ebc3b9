/**
 * The server's description of its routes, taken apart for the page: groups of operations, what each asks for, and an
 * example of its body. It trusts the description: it comes from the server that served the page.
 */

export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  enum?: unknown[];
  default?: unknown;
  example?: unknown;
  examples?: unknown[];
  minimum?: number;
  maximum?: number;
  oneOf?: Schema[];
  allOf?: Schema[];
  anyOf?: Schema[];
}

interface RawOperation {
  operationId?: string;
  tags?: string[];
  summary?: string;
  description?: string;
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: Schema }[];
  requestBody?: { content?: Record<string, { schema?: Schema }> };
  responses?: Record<string, { description?: string; content?: Record<string, { schema?: Schema }> }>;
  security?: Record<string, string[]>[];
}

export interface RawSpec {
  info: { title: string; version: string; description?: string };
  tags?: { name: string; description?: string }[];
  paths: Record<string, Record<string, RawOperation>>;
  components?: { schemas?: Record<string, Schema> };
}

export interface Field {
  name: string;
  type: string;
  description: string;
}

export interface Parameter extends Field {
  where: "path" | "query";
  required: boolean;
  /** One value in each line. */
  many: boolean;
}

export interface Operation {
  id: string;
  method: string;
  path: string;
  summary: string;
  /** What is more to say than the summary. */
  description: string;
  parameters: Parameter[];
  /** Undefined: it takes no body. */
  body: { example: string; fields: Field[] } | undefined;
  answer: Field[];
  /** Names of the keys that open it; empty: it is open to all. */
  keys: string[];
}

export interface Group {
  name: string;
  description: string;
  operations: Operation[];
}

const METHODS = ["get", "post", "put", "delete"];

export function readSpec(spec: RawSpec): Group[] {
  const schemas = spec.components?.schemas ?? {};
  const groups = (spec.tags ?? []).map((tag) => ({
    name: tag.name,
    description: tag.description ?? "",
    operations: [] as Operation[],
  }));
  for (const [path, item] of Object.entries(spec.paths)) {
    for (const method of METHODS) {
      const raw = item[method];
      if (raw === undefined) continue;
      groups
        .find((group) => group.name === raw.tags?.[0])
        ?.operations.push(operation(path, method, raw, schemas));
    }
  }
  return groups.filter((group) => group.operations.length > 0);
}

function operation(
  path: string,
  method: string,
  raw: RawOperation,
  schemas: Record<string, Schema>,
): Operation {
  const summary = raw.summary ?? "";
  const description = raw.description ?? "";
  const asked = Object.values(raw.requestBody?.content ?? {})[0]?.schema;
  const success = Object.entries(raw.responses ?? {}).find(([status]) => status.startsWith("2"))?.[1];
  const given = Object.values(success?.content ?? {})[0]?.schema;
  return {
    id: raw.operationId ?? `${method} ${path}`,
    method: method.toUpperCase(),
    path,
    summary,
    description: description === summary ? "" : description,
    parameters: (raw.parameters ?? [])
      .filter((one) => one.in === "path" || one.in === "query")
      .map((one) => ({
        name: one.name,
        where: one.in as "path" | "query",
        required: one.required ?? false,
        many: typesOf(one.schema ?? {}).includes("array"),
        type: typeOf(one.schema ?? {}),
        description: one.description ?? "",
      })),
    body:
      asked === undefined
        ? undefined
        : { example: JSON.stringify(exampleOf(asked, schemas), null, 2), fields: fieldsOf(asked, schemas) },
    answer: given === undefined ? [] : fieldsOf(given, schemas),
    keys: [...new Set((raw.security ?? []).flatMap((one) => Object.keys(one)))],
  };
}

function resolve(schema: Schema, schemas: Record<string, Schema>): Schema {
  const named = schema.$ref === undefined ? schema : (schemas[schema.$ref.split("/").at(-1) ?? ""] ?? {});
  // One that may be absent, or that has a description of its own beside what it refers to.
  const parts = named.oneOf ?? named.anyOf ?? named.allOf;
  const real = parts?.find((part) => !typesOf(part).includes("null"));
  return real === undefined ? named : resolve(real, schemas);
}

function typesOf(schema: Schema): string[] {
  return schema.type === undefined ? [] : [schema.type].flat();
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref.split("/").at(-1) ?? "";
  const parts = schema.oneOf ?? schema.anyOf ?? schema.allOf;
  if (parts !== undefined) return parts.map(typeOf).find((name) => name !== "null" && name !== "") ?? "";
  const type = typesOf(schema).find((name) => name !== "null") ?? "";
  if (type === "array") return `list of ${typeOf(schema.items ?? {})}`;
  if (type === "object" && typeof schema.additionalProperties === "object") {
    return `map to ${typeOf(schema.additionalProperties)}`;
  }
  return schema.format === undefined ? type : `${type} (${schema.format})`;
}

function fieldsOf(schema: Schema, schemas: Record<string, Schema>): Field[] {
  const { properties = {} } = resolve(schema, schemas);
  return Object.entries(properties).map(([name, field]) => ({
    name,
    type: typeOf(field),
    description: field.description ?? "",
  }));
}

/** How deep an example goes: descriptions may refer to themselves. */
const DEPTH_MAX = 4;

/** A value of the shape, to start from. */
export function exampleOf(schema: Schema, schemas: Record<string, Schema>, depth = 0): unknown {
  const real = resolve(schema, schemas);
  const given = real.example ?? real.examples?.[0] ?? real.default ?? real.enum?.[0];
  // Nothing in a list or a map shows no shape.
  const shows = typeof given !== "object" || given === null || Object.keys(given).length > 0;
  if (given !== undefined && shows) return given;
  switch (typesOf(real).find((name) => name !== "null")) {
    case "object": {
      if (depth >= DEPTH_MAX) return {};
      const fields = Object.entries(real.properties ?? {});
      return Object.fromEntries(
        fields.map(([name, field]) => [name, exampleOf(field, schemas, depth + 1)] as const),
      );
    }
    case "array":
      return depth >= DEPTH_MAX || real.items === undefined
        ? []
        : [exampleOf(real.items, schemas, depth + 1)];
    case "integer":
    case "number":
      return real.minimum ?? 0;
    case "boolean":
      return false;
    case "string":
      return real.format === "int64" ? "0" : real.format === "date-time" ? "2030-01-01T00:00:00Z" : "";
    default:
      return {};
  }
}
