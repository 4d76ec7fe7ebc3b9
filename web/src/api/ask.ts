/** Sends what the page's forms say, as any client would, and times it. */
import type { Operation } from "./spec";

export interface Keys {
  server: string;
  http: string;
  /** Gives a session token that is still good, or undefined. */
  token(): Promise<string | undefined>;
}

export interface Reply {
  status: number;
  ms: number;
  type: string;
  text: string;
  /** As a command for a terminal. */
  command: string;
}

/** Fills the path and the query. A parameter of many values has one in each line. */
export function address(operation: Operation, values: Record<string, string>): string {
  let path = operation.path;
  const query = new URLSearchParams();
  for (const { name, where, many } of operation.parameters) {
    const value = values[name] ?? "";
    if (where === "path") path = path.replace(`{${name}}`, encodeURIComponent(value));
    else if (value !== "") {
      for (const one of many ? value.split("\n").filter((line) => line !== "") : [value])
        query.append(name, one);
    }
  }
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}

export async function ask(
  operation: Operation,
  values: Record<string, string>,
  body: string,
  keys: Keys,
): Promise<Reply> {
  const headers: Record<string, string> = {};
  let url = address(operation, values);
  if (operation.keys.includes("server_key")) {
    headers["authorization"] = `Basic ${btoa(`${keys.server}:`)}`;
  } else if (operation.keys.includes("http_key") && keys.http !== "") {
    url += `${url.includes("?") ? "&" : "?"}http_key=${encodeURIComponent(keys.http)}`;
  } else if (operation.keys.includes("bearer")) {
    const token = await keys.token();
    if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
  }
  const init: RequestInit = { method: operation.method, headers };
  if (operation.body !== undefined) {
    headers["content-type"] = "application/json";
    init.body = body;
  }
  const began = performance.now();
  const response = await fetch(url, init);
  const text = await response.text();
  return {
    status: response.status,
    ms: performance.now() - began,
    type: response.headers.get("content-type") ?? "",
    text: pretty(text),
    command: command(url, init, headers),
  };
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function command(url: string, init: RequestInit, headers: Record<string, string>): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const parts = [`curl -X ${init.method ?? "GET"} ${quoted(location.origin + url)}`];
  for (const [name, value] of Object.entries(headers)) parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (typeof init.body === "string") parts.push(`-d ${quoted(init.body)}`);
  return parts.join(" \\\n  ");
}
