import type { LookupResult, Outcome, ProviderDetails } from "../../domain/outcome.ts";
import type { Exchange } from "../../domain/provider.ts";
import { type Answer, answerOf } from "./answer.ts";
import { detailsOf, detailsOfLost, redactDetails, words } from "./details.ts";
import { heedState, heedWords } from "./refusal.ts";
import { isTimeRefused } from "./signed-exchange.ts";

/** Says what an answer means in this provider's protocol; undefined if the protocol does not say. */
type Read<Meaning> = (answer: Answer) => Meaning | undefined;

/** The same for an answer about many orders: reads it once, then says for each order what it means. */
type ReadMany<Meaning> = (answer: Answer) => (orderId: string) => Meaning | undefined;

/**
 * The provider's own sign of being busy, beside 429. A client declares it only if the provider's pages say that a request
 * so answered had no effect.
 */
type IsBusy = (answer: Answer) => boolean;

/**
 * Turns every way a cancel can end into an outcome. Only the provider confirms and refuses, in its own format. What the client
 * cannot read may be anybody's, a firewall's page or a gateway's JSON 403, and is `unknown`.
 */
export function classifyCancel(exchange: Exchange, read: Read<Outcome>, isBusy?: IsBusy): Outcome {
  const heed = (answer: Answer) => {
    const outcome = read(answer);
    return outcome && heedWords(outcome, answer.json);
  };
  return classifyOne(exchange, heed, isBusy, classifyCancels);
}

/** The same for a request that carried many orders; one outcome per id, in their order. The client heeds the words of each. */
export function classifyCancels(
  exchange: Exchange,
  orderIds: readonly string[],
  read: ReadMany<Outcome>,
  isBusy: IsBusy = onlyBy429,
): Outcome[] {
  if (exchange.kind !== "answered") {
    const notSent = exchange.kind === "notSent";
    const outcome: Outcome = notSent ? { kind: "notSent", code: "PROVIDER_UNAVAILABLE" } : { kind: "unknown" };
    return orderIds.map(() => ({ ...outcome, ...detailsOfLost(exchange) }));
  }
  const { retryAfterMs } = exchange;
  return readEach(exchange, orderIds, read, (reading, answer) => {
    const outcome = isBusySign(answer, isBusy)
      ? busy(detailsOf(answer))
      : notProcessedIfLate(reading ?? { kind: "unknown", ...detailsOf(answer) }, exchange);
    const wait = outcome.kind === "notProcessed" && retryAfterMs !== undefined ? { retryAfterMs } : {};
    return { ...outcome, ...wait, ...redactDetails(outcome, exchange) };
  });
}

/** Turns every way a look-up can end into a result. What is no usable answer is `unanswered`, never a guess at the order. */
export function classifyLookup(exchange: Exchange, read: Read<LookupResult>, isBusy?: IsBusy): LookupResult {
  return classifyOne(exchange, read, isBusy, classifyLookups);
}

/** The same for a request that carried many orders; one result per id, in their order. */
export function classifyLookups(
  exchange: Exchange,
  orderIds: readonly string[],
  read: ReadMany<LookupResult>,
  isBusy: IsBusy = onlyBy429,
): LookupResult[] {
  if (exchange.kind !== "answered") return orderIds.map(() => ({ kind: "unanswered", ...detailsOfLost(exchange) }));
  const { retryAfterMs } = exchange;
  return readEach(exchange, orderIds, read, (reading, answer) => {
    const result: LookupResult = isBusySign(answer, isBusy)
      ? { kind: "unanswered", busy: true }
      : unansweredIfLate(heedState(reading ?? { kind: "unanswered", ...detailsOf(answer) }), exchange);
    const wait = result.kind === "unanswered" && result.busy && retryAfterMs !== undefined ? { retryAfterMs } : {};
    return { ...result, ...wait, ...redactDetails(result, exchange) };
  });
}

/** To a look-up: the provider's guard refused our key, in its own format, before it looked at an order. */
export function keyRefused(details: ProviderDetails): LookupResult {
  return { kind: "unanswered", keyRefused: true, ...details };
}

export function busy(details: ProviderDetails = {}): Outcome {
  return { kind: "notProcessed", code: "PROVIDER_BUSY", ...details };
}

function classifyOne<Meaning>(
  exchange: Exchange,
  read: Read<Meaning>,
  isBusy: IsBusy | undefined,
  classifyMany: (exchange: Exchange, ids: readonly string[], read: ReadMany<Meaning>, isBusy?: IsBusy) => Meaning[],
): Meaning {
  const [meaning] = classifyMany(exchange, [""], (answer) => () => read(answer), isBusy);
  return meaning as Meaning;
}

/** Parses once, and finishes once what several orders share: an answer may be large, and so may their number. */
function readEach<Meaning extends Outcome | LookupResult>(
  exchange: Exchange & { kind: "answered" },
  orderIds: readonly string[],
  read: ReadMany<Meaning>,
  finish: (reading: Meaning | undefined, answer: Answer) => Meaning,
): Meaning[] {
  const answer = answerOf(exchange);
  const readOne = isFromInBetween(answer.status) ? undefined : read(answer);
  const finished = new Map<Meaning | undefined, Meaning>();
  return orderIds.map((orderId) => {
    const reading = readOne?.(orderId);
    const meaning = finished.get(reading) ?? finish(reading, answer);
    finished.set(reading, meaning);
    return meaning;
  });
}

/**
 * Whether this status may come from something in front of the provider, which may have acted behind it. The client does
 * not read such an answer, neither to a cancel nor to a look-up: it is a busy sign, or it tells nothing.
 */
function isFromInBetween(status: number): boolean {
  return [408, 429, 502, 503, 504].includes(status);
}

function isBusySign(answer: Answer, isBusy: IsBusy): boolean {
  return answer.status === 429 || isBusy(answer);
}

function onlyBy429(): boolean {
  return false;
}

/** A guard that refuses the time of a request has not acted on it, and says nothing of the key. */
function notProcessedIfLate(outcome: Outcome, exchange: Exchange): Outcome {
  const isOfKey = outcome.kind === "refused" && outcome.code === "PROVIDER_REJECTED_CREDENTIALS";
  if (!isOfKey || !isTimeRefused(exchange)) return outcome;
  return {
    kind: "notProcessed",
    code: "PROVIDER_UNAVAILABLE",
    ...words(outcome.providerCode, outcome.providerMessage),
  };
}

function unansweredIfLate(result: LookupResult, exchange: Exchange): LookupResult {
  if (result.kind !== "unanswered" || !result.keyRefused || !isTimeRefused(exchange)) return result;
  return { kind: "unanswered", ...words(result.providerCode, result.providerMessage) };
}
