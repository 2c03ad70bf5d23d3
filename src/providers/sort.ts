import type { Outcome, ProviderWords, Standing } from "../domain/outcome.ts";
import type { Exchange } from "../domain/provider.ts";
import { isRecord, parseJson } from "./json.ts";
import { mayMeanCancelled, refused, refusedAsCancelled } from "./refusal.ts";

/** A complete answer. `json` is undefined where the body is not a JSON object; numbers in it are text, as printed. */
export interface Answer {
  status: number;
  json: Readonly<Record<string, unknown>> | undefined;
}

/** Says what an answer means in this provider's protocol; undefined where the protocol does not say. */
type Read<Meaning> = (answer: Answer) => Meaning | undefined;

/** The same for an answer about many orders: reads it once, then says for each order what it means. */
type ReadMany<Meaning> = (answer: Answer) => (orderId: string) => Meaning | undefined;

/**
 * Sorts every way a cancel can end into the four outcomes. The provider's own reading comes first; what it leaves open is
 * decided here, and in doubt for `unknown`: only the provider refuses, in its own format, and only the provider confirms.
 */
export function sortCancel(exchange: Exchange, read: Read<Outcome>): Outcome {
  return sortOne(exchange, read, sortCancels);
}

/** The same for a request that carried many orders; one outcome per id, in their order. */
export function sortCancels(exchange: Exchange, orderIds: readonly string[], read: ReadMany<Outcome>): Outcome[] {
  if (exchange.kind !== "answered") {
    const notSent = exchange.kind === "notSent";
    const outcome: Outcome = notSent ? { kind: "notSent", code: "PROVIDER_UNAVAILABLE" } : { kind: "unknown" };
    return orderIds.map(() => withFailure(outcome, exchange));
  }
  const { status, retryAfterMs } = exchange;
  return readEach(exchange, orderIds, isFromInBetween(status) ? undefined : read, (reading, answer) => {
    const outcome = doubtIfCancelled(reading ?? sortUnread(answer));
    const wait = outcome.kind === "notSent" && retryAfterMs !== undefined ? { retryAfterMs } : {};
    return { ...outcome, ...wait, ...cleanWords(outcome, exchange) };
  });
}

/** Sorts every way a look-up can end. What is no usable answer is `unanswered`, never a guess at the order. */
export function sortLookup(exchange: Exchange, read: Read<Standing>): Standing {
  return sortOne(exchange, read, sortLookups);
}

/** The same for a request that carried many orders; one standing per id, in their order. */
export function sortLookups(exchange: Exchange, orderIds: readonly string[], read: ReadMany<Standing>): Standing[] {
  if (exchange.kind !== "answered") return orderIds.map(() => withFailure({ kind: "unanswered" }, exchange));
  const { status, retryAfterMs } = exchange;
  if (status === 429) {
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
    return orderIds.map(() => ({ kind: "unanswered", busy: true, ...wait, httpStatus: status }));
  }
  return readEach(exchange, orderIds, read, (reading, answer) => {
    const standing: Standing = reading ?? { kind: "unanswered", ...wordsOf(answer) };
    return { ...standing, ...cleanWords(standing, exchange) };
  });
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

function sortOne<Meaning>(
  exchange: Exchange,
  read: Read<Meaning>,
  sortMany: (exchange: Exchange, orderIds: readonly string[], read: ReadMany<Meaning>) => Meaning[],
): Meaning {
  const [meaning] = sortMany(exchange, [""], (answer) => () => read(answer));
  return meaning as Meaning;
}

/** Parses once, and finishes once what several orders share: an answer may be large, and so may their number. */
function readEach<Meaning extends Outcome | Standing>(
  { status, text }: Exchange & { kind: "answered" },
  orderIds: readonly string[],
  read: ReadMany<Meaning> | undefined,
  finish: (reading: Meaning | undefined, answer: Answer) => Meaning,
): Meaning[] {
  const value = parseJson(text);
  const answer = { status, json: isRecord(value) ? value : undefined };
  const readOne = read?.(answer);
  const finished = new Map<Meaning | undefined, Meaning>();
  return orderIds.map((orderId) => {
    const reading = readOne?.(orderId);
    const meaning = finished.get(reading) ?? finish(reading, answer);
    finished.set(reading, meaning);
    return meaning;
  });
}

/** What comes from in front of the provider, which may have acted behind it, and a busy sign are not read as its word. */
function isFromInBetween(status: number): boolean {
  return [408, 429, 502, 503, 504].includes(status);
}

/**
 * What the provider's own format does not explain may be anybody's word: a firewall's page, a gateway's JSON. It refuses
 * nothing. Two exceptions have formats of their own everywhere: a busy sign, and a 401 or 403 in JSON, which the
 * provider's guard says before it looks at an order.
 */
function sortUnread(answer: Answer): Outcome {
  const { status, json } = answer;
  const said = wordsOf(answer);
  if (status === 429) return busy(said);
  const guarded = json && (status === 401 || status === 403) && !mayMeanCancelled(said);
  return guarded ? refused("PROVIDER_REJECTED_CREDENTIALS", said) : { kind: "unknown", ...said };
}

function doubtIfCancelled(outcome: Outcome): Outcome {
  if (outcome.kind !== "refused" || !mayMeanCancelled(outcome)) return outcome;
  return { ...outcome, ...refusedAsCancelled(outcome.code, outcome) };
}

function withFailure<Meaning>(meaning: Meaning, { failure }: ProviderWords): Meaning {
  return failure ? { ...meaning, failure } : meaning;
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
