import type { Outcome, ProviderWords, RefusalCode, Standing } from "../domain/outcome.ts";
import type { Exchange } from "../domain/provider.ts";
import { isRecord, parseJson } from "./json.ts";

/** A complete answer. `json` is undefined where the body is not a JSON object; numbers in it are text, as printed. */
export interface Answer {
  status: number;
  json: Readonly<Record<string, unknown>> | undefined;
  /** Whether there was no body at all. */
  empty: boolean;
}

/** Says what an answer means in this provider's protocol; undefined where the protocol does not say. */
type Read<Meaning> = (answer: Answer) => Meaning | undefined;

/**
 * Sorts every way a cancel can end into the four outcomes. The provider's own reading comes first; what it leaves open is
 * decided here, and in doubt for `unknown`: only a readable answer refuses, and only the provider confirms.
 */
export function sortCancel(exchange: Exchange, read: Read<Outcome>): Outcome {
  if (exchange.kind === "notSent") return { kind: "notSent", code: "PROVIDER_UNAVAILABLE" };
  if (exchange.kind === "lost") return { kind: "unknown" };
  const { status, retryAfterMs } = exchange;
  const answer = toAnswer(exchange);
  const outcome = readable(status, () => read(answer)) ?? sortUnread(answer);
  const wait = outcome.kind === "notSent" && retryAfterMs !== undefined ? { retryAfterMs } : {};
  return { ...outcome, ...wait, ...cleanWords(outcome, exchange) };
}

/** What an HTTP status means where the provider's protocol gives it no meaning of its own. */
export function sortByStatus(status: number, said: ProviderWords): Outcome {
  if (status === 401 || status === 403) return refused("PROVIDER_REJECTED_CREDENTIALS", said);
  if (status === 429) return busy(said);
  // 408: the provider gave up waiting for a request of which it may have read all.
  if (status >= 400 && status < 500 && status !== 408) return refused("REFUSED", said);
  return { kind: "unknown", ...said };
}

/** Sorts every way a look-up can end. What is no usable answer is `unanswered`, never a guess at the order. */
export function sortLookup(exchange: Exchange, read: Read<Standing>): Standing {
  if (exchange.kind !== "answered") return { kind: "unanswered" };
  const { status, retryAfterMs } = exchange;
  const answer = toAnswer(exchange);
  if (status === 429) {
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
    return { kind: "unanswered", busy: true, ...wait, httpStatus: status };
  }
  const standing = read(answer) ?? sortStandingByStatus(answer);
  return { ...standing, ...cleanWords(standing, exchange) };
}

/** Their words on one line, without control characters. What goes through the sorting is cleaned and cut there. */
export function words(code: unknown, message: unknown): ProviderWords {
  const providerCode = oneLine(code);
  const providerMessage = oneLine(message);
  return { ...(providerCode ? { providerCode } : {}), ...(providerMessage ? { providerMessage } : {}) };
}

export function busy(said: ProviderWords = {}): Outcome {
  return { kind: "notSent", code: "PROVIDER_BUSY", carried: true, ...said };
}

export function refused(code: RefusalCode, said: ProviderWords = {}): Outcome {
  return { kind: "refused", code, ...said };
}

/** What comes from in front of the provider, which may have acted behind it, and a busy sign are not read as its word. */
function readable(status: number, read: () => Outcome | undefined): Outcome | undefined {
  return [408, 429, 502, 503, 504].includes(status) ? undefined : read();
}

function toAnswer({ status, text }: Exchange & { kind: "answered" }): Answer {
  const value = parseJson(text);
  return { status, json: isRecord(value) ? value : undefined, empty: text.trim() === "" };
}

function sortUnread(answer: Answer): Outcome {
  const { status } = answer;
  const said = wordsOf(answer);
  const clear = Object.keys(said).length > 0 || status === 401 || status === 403 || status === 429;
  return clear ? sortByStatus(status, said) : { kind: "unknown" };
}

function sortStandingByStatus(answer: Answer): Standing {
  const readable = answer.json && answer.status < 500 && answer.status !== 401 && answer.status !== 403;
  return { kind: readable ? "unclear" : "unanswered", ...wordsOf(answer) };
}

/** A sentence or two, in characters. */
const longestWords = 300;

/** Their words without our secrets, which answers may echo; cut afterwards, or a part of one could be left. */
function cleanWords(said: ProviderWords, { status, withoutSecrets }: Exchange & { kind: "answered" }): ProviderWords {
  const { providerCode, providerMessage } = said;
  return {
    ...(providerCode ? { providerCode: withoutSecrets(providerCode).slice(0, longestWords) } : {}),
    ...(providerMessage ? { providerMessage: withoutSecrets(providerMessage).slice(0, longestWords) } : {}),
    httpStatus: status,
  };
}

/** Where most APIs put a code and a sentence. */
function wordsOf({ json }: Answer): ProviderWords {
  if (!json) return {};
  return words(json.code ?? json.responseCode, json.message ?? json.responseMessage ?? json.reason ?? json.error);
}

function oneLine(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  return value.replace(/[\p{C}\s]+/gu, " ").trim() || undefined;
}
