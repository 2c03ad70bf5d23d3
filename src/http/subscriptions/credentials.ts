import { type IncomingHttpHeaders, maxHeaderSize } from "node:http";

/** What a request says about itself in headers. On a WebSocket, some routers put it into `connection_init`. */
const names = [
  "authorization",
  "x-gateway-secret",
  "x-request-id",
  "traceparent",
  "apollographql-client-name",
] as const;

/**
 * Finds these headers wherever one of the routers puts them (looked up 2026-11-21): on the upgrade request (Apollo Router, Cosmo
 * Router), as fields of the payload of `connection_init` (Hive Router; any client of Cosmo Router), as its `token` (Hive Gateway),
 * or as its `connectionParams.token` (Apollo Router). What the upgrade request says counts before what the payload says.
 */
export function connectionHeaders(upgrade: IncomingHttpHeaders, payload: unknown): IncomingHttpHeaders {
  const outer = textsIn(payload);
  const inner = textsIn(fieldsOf(payload).connectionParams);
  return Object.fromEntries(
    names.map((name) => [name, upgrade[name] ?? inPayload(name, outer) ?? inPayload(name, inner)]),
  );
}

/** What is left for the log. */
export function withoutCredentials(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { authorization: _token, "x-gateway-secret": _secret, ...others } = headers;
  return others;
}

type Texts = ReadonlyMap<string, string>;

function inPayload(name: string, texts: Texts): string | undefined {
  const given = texts.get(name);
  if (given !== undefined || name !== "authorization") return given;
  const token = texts.get("token");
  return token === undefined || /^Bearer /i.test(token) ? token : `Bearer ${token}`;
}

/** The fields that hold no more text than a request may have in its headers, by their names in lower case, as headers have them. */
function textsIn(value: unknown): Texts {
  const texts = Object.entries(fieldsOf(value)).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string" && entry[1].length <= maxHeaderSize,
  );
  return new Map(texts.map(([name, text]) => [name.toLowerCase(), text]));
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
