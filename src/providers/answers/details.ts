import type { ProviderDetails } from "../../domain/outcome.ts";
import type { Exchange } from "../../domain/provider.ts";
import type { Answer } from "./answer.ts";
import { at } from "./json.ts";

/** What they said, on one line and without control characters. Secrets are removed later, when the answer is classified. */
export function words(code: unknown, message: unknown): ProviderDetails {
  const providerCode = oneLine(code);
  const providerMessage = oneLine(message);
  return { ...(providerCode ? { providerCode } : {}), ...(providerMessage ? { providerMessage } : {}) };
}

/** What anybody says: most APIs and gateways put a code and a sentence into these fields, and firewalls answer in HTML. */
export function detailsOf({ json, text }: Answer): ProviderDetails {
  if (!json) return words(undefined, titleOf(text));
  const parts = [json, json.error, json.fault, [json.errors].flat()[0]];
  const find = (...names: string[]) =>
    parts.flatMap((part) => names.map((name) => at(part, name))).find((value) => typeof value === "string" && value);
  // RFC 9457.
  const title = ["title", "detail"].flatMap((name) => find(name) ?? []).join(": ");
  const code = find("code", "responseCode", "error_code", "errorCode", "errorcode");
  return words(
    code,
    find("message", "responseMessage", "reason", "Message", "faultstring", "description") || title || json.error,
  );
}

/** In how many characters of a page this looks for its title, and how many of the title it keeps. */
const [longestHead, longestTitle] = [20_000, 3000];

function titleOf(html: string): string | undefined {
  const head = /<title\b[^<>]*>/i.exec(html.slice(0, longestHead));
  if (!head) return undefined;
  const start = head.index + head[0].length;
  return html.slice(start, start + longestTitle).split("<", 1)[0];
}

/** A sentence or two, in characters. */
const longestWords = 300;

/** What they said without our secrets, which answers may echo. It is shortened afterwards: else a part of a secret could stay. */
export function redactDetails(details: ProviderDetails, exchange: Exchange & { kind: "answered" }): ProviderDetails {
  const { providerCode, providerMessage } = details;
  // A character of two halves may be cut into one.
  const shorten = (words: string) => exchange.redact(words).slice(0, longestWords).toWellFormed();
  return {
    ...(providerCode ? { providerCode: shorten(providerCode) } : {}),
    ...(providerMessage ? { providerMessage: shorten(providerMessage) } : {}),
    httpStatus: exchange.status,
    ...clockOf(exchange),
  };
}

/** Of an exchange without an answer. */
export function detailsOfLost(exchange: Exchange & { kind: "notSent" | "lost" }): ProviderDetails {
  return { ...(exchange.failure ? { failure: exchange.failure } : {}), ...clockOf(exchange) };
}

function clockOf({ clockOffMs }: Exchange): ProviderDetails {
  return clockOffMs === undefined ? {} : { clockOffMs };
}

function oneLine(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const seen = value.replace(/\p{Cf}/gu, "");
  return seen.replace(/[\p{C}\s]+/gu, " ").trim() || undefined;
}
