import type { LookupResult, Outcome, ProviderDetails } from "../../domain/outcome.ts";
import type { Exchange } from "../../domain/provider.ts";
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
export function classifyCancel(exchange: Exchange, read: Read<Outcome>): Outcome {
  return classifyOne(exchange, read, classifyCancels);
}

/** The same for a request that carried many orders; one outcome per id, in their order. */
export function classifyCancels(exchange: Exchange, orderIds: readonly string[], read: ReadMany<Outcome>): Outcome[] {
  if (exchange.kind !== "answered") {
    const notSent = exchange.kind === "notSent";
    const outcome: Outcome = notSent ? { kind: "notSent", code: "PROVIDER_UNAVAILABLE" } : { kind: "unknown" };
    return orderIds.map(() => withFailure(outcome, exchange));
  }
  const { status, retryAfterMs } = exchange;
  return readEach(exchange, orderIds, isFromInBetween(status) ? undefined : read, (reading, answer) => {
    const outcome = doubtIfCancelled(reading ?? classifyUnread(answer));
    const wait = outcome.kind === "notProcessed" && retryAfterMs !== undefined ? { retryAfterMs } : {};
    return { ...outcome, ...wait, ...redactDetails(outcome, exchange) };
  });
}

/** Sorts every way a look-up can end. What is no usable answer is `unanswered`, never a guess at the order. */
export function classifyLookup(exchange: Exchange, read: Read<LookupResult>): LookupResult {
  return classifyOne(exchange, read, classifyLookups);
}

/** The same for a request that carried many orders; one result per id, in their order. */
export function classifyLookups(
  exchange: Exchange,
  orderIds: readonly string[],
  read: ReadMany<LookupResult>,
): LookupResult[] {
  if (exchange.kind !== "answered") return orderIds.map(() => withFailure({ kind: "unanswered" }, exchange));
  const { status, retryAfterMs } = exchange;
  if (status === 429) {
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
    return orderIds.map(() => ({ kind: "unanswered", busy: true, ...wait, httpStatus: status }));
  }
  return readEach(exchange, orderIds, read, (reading, answer) => {
    const result: LookupResult = reading ?? { kind: "unanswered", ...detailsOf(answer) };
    return { ...result, ...redactDetails(result, exchange) };
  });
}

/** Their words on one line, without control characters. What goes through the sorting is cleaned and cut there. */
export function words(code: unknown, message: unknown): ProviderDetails {
  const providerCode = oneLine(code);
  const providerMessage = oneLine(message);
  return { ...(providerCode ? { providerCode } : {}), ...(providerMessage ? { providerMessage } : {}) };
}

export function busy(details: ProviderDetails = {}): Outcome {
  return { kind: "notProcessed", code: "PROVIDER_BUSY", ...details };
}

function classifyOne<Meaning>(
  exchange: Exchange,
  read: Read<Meaning>,
  sortMany: (exchange: Exchange, orderIds: readonly string[], read: ReadMany<Meaning>) => Meaning[],
): Meaning {
  const [meaning] = sortMany(exchange, [""], (answer) => () => read(answer));
  return meaning as Meaning;
}

/** Parses once, and finishes once what several orders share: an answer may be large, and so may their number. */
function readEach<Meaning extends Outcome | LookupResult>(
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
function classifyUnread(answer: Answer): Outcome {
  const { status, json } = answer;
  const details = detailsOf(answer);
  if (status === 429) return busy(details);
  const guarded = json && (status === 401 || status === 403) && !mayMeanCancelled(details);
  return guarded ? refused("PROVIDER_REJECTED_CREDENTIALS", details) : { kind: "unknown", ...details };
}

function doubtIfCancelled(outcome: Outcome): Outcome {
  if (outcome.kind !== "refused" || !mayMeanCancelled(outcome)) return outcome;
  return { ...outcome, ...refusedAsCancelled(outcome.code, outcome) };
}

function withFailure<Meaning>(meaning: Meaning, { failure }: ProviderDetails): Meaning {
  return failure ? { ...meaning, failure } : meaning;
}

/** A sentence or two, in characters. */
const longestWords = 300;

/** Their words without our secrets, which answers may echo; cut afterwards, or a part of one could be left. */
function redactDetails(details: ProviderDetails, { status, redact }: Exchange & { kind: "answered" }): ProviderDetails {
  const { providerCode, providerMessage } = details;
  return {
    ...(providerCode ? { providerCode: redact(providerCode).slice(0, longestWords) } : {}),
    ...(providerMessage ? { providerMessage: redact(providerMessage).slice(0, longestWords) } : {}),
    httpStatus: status,
  };
}

/** Where most APIs put a code and a sentence. */
function detailsOf({ json }: Answer): ProviderDetails {
  if (!json) return {};
  return words(json.code ?? json.responseCode, json.message ?? json.responseMessage ?? json.reason ?? json.error);
}

function oneLine(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  return value.replace(/[\p{C}\s]+/gu, " ").trim() || undefined;
}
