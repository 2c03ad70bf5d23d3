import type { Claim, Problem, Progress } from "../domain/cancellation.ts";
import type { LookupResult, Outcome, ProblemCode, ProviderDetails, RefusalCode } from "../domain/outcome.ts";

/** When to act again. Delays in ms; no list is empty. */
export interface Policy {
  /** Waits before a cancel is sent again that the provider certainly did not act on; the last one repeats. */
  retryDelaysMs: readonly number[];
  /** Age of a request after which such a cancel is given up. */
  giveUpAfterMs: number;
  /** Waits before each look-up of an unknown outcome; when they run out, the order is UNCONFIRMED. */
  lookupDelaysMs: readonly number[];
}

/** What the decisions look at. */
export type RecordState = Pick<
  Claim,
  "ageMs" | "step" | "problem" | "inDoubt" | "retries" | "lookups" | "watchedMs" | "maxBatch"
>;

/** What else the decisions depend on: a random number in [0, 1), and whether this provider has look-ups. */
export interface Conditions {
  random: number;
  canLookUp: boolean;
}

/**
 * After an attempt that may have had an effect, an order is looked up for at least this long, ms. Only then is a refusal believed
 * because the order is still open. No setting shortens it. A cancel may take effect some seconds after its answer got lost, and
 * proxies in front of providers usually give up after 30 s.
 */
export const shortestWatchMs = 30_000;

/** What a record becomes after its cancel ended with this outcome. It is defined for every outcome. */
export function afterCancel(record: RecordState, outcome: Outcome, policy: Policy, conditions: Conditions): Progress {
  switch (outcome.kind) {
    case "cancelled":
      return settled("CANCELLED", null);
    case "refused":
      return afterRefusal(record, outcome, policy, conditions);
    case "notSent":
    case "notProcessed":
      return afterNotProcessed(record, outcome, policy, conditions);
    case "unknown":
      return lookUpLater(
        inDoubtFromNow(record),
        saidBefore(record) ?? problem("OUTCOME_UNKNOWN", outcome),
        policy,
        conditions,
      );
    case "batchRefused":
      // Part of a batch of cancels may have been acted on.
      return halved(inDoubtFromNow(record), outcome.orders);
    default:
      return unreachable(outcome);
  }
}

/** What a record becomes after a look-up. The record is in doubt, or its refusal is checked by the look-up. */
export function afterLookup(
  record: RecordState,
  result: LookupResult,
  policy: Policy,
  conditions: Conditions,
): Progress {
  // While a refusal is checked by look-ups, it is kept as the record's problem.
  const refusal = record.problem && record.problem.code !== "OUTCOME_UNKNOWN" ? record.problem : undefined;
  switch (result.kind) {
    case "cancelled":
      return settled("CANCELLED", null);
    case "closed":
      return settled("REJECTED", problem(result.code, result));
    case "open":
      return refusal ? afterOpen(record, whileOpen(refusal), policy, conditions) : cancelAgain(record, result);
    case "unclear":
      return afterUnclear(record, refusal, result, policy, conditions);
    case "unanswered":
      return lookUpLater(record, record.problem ?? problem("OUTCOME_UNKNOWN", result), policy, conditions, result);
    case "batchRefused":
      return halved(record, result.orders);
    default:
      return unreachable(result);
  }
}

/**
 * What a record becomes if its look-up could not be made now. This counts as a look-up only if the record is older than giving
 * up and all look-ups together take.
 */
export function afterSkippedLookup(
  record: RecordState,
  policy: Policy,
  conditions: Conditions,
  delayMs: number,
): Progress {
  const longestMs = policy.giveUpAfterMs + sum(policy.lookupDelaysMs);
  const why = record.problem ?? problem("OUTCOME_UNKNOWN", {});
  if (record.ageMs < longestMs) return waiting(record, "lookup", delayMs, why);
  return lookUpLater(record, why, policy, conditions);
}

/** What a record becomes if its cancel could not be sent now, for a reason of ours. */
export function afterSkippedCancel(record: RecordState, delayMs: number): Progress {
  return waiting(record, "cancel", delayMs, record.problem);
}

/** A provider that says "too early" is never asked again sooner than this, ms, even if its own times allow it. */
const shortestTooEarlyMs = 1000;

function afterRefusal(
  record: RecordState,
  outcome: Outcome & { kind: "refused" },
  { giveUpAfterMs }: Policy,
  { canLookUp }: Conditions,
): Progress {
  const why = problem(outcome.code, outcome);
  if (outcome.code === "TOO_EARLY" && outcome.opensInMs !== undefined && record.ageMs < giveUpAfterMs) {
    return waiting({ ...record, retries: 0 }, "cancel", Math.max(outcome.opensInMs, shortestTooEarlyMs), why);
  }
  // No request that named such an id can ever have had an effect.
  if (outcome.code === "INVALID_ORDER_ID") return settled("REJECTED", why);
  // If it is asked for again, it does not spoil a batch again.
  if (outcome.malformedId) return { ...settled("REJECTED", why), maxBatch: 1 };
  // If the order is cancelled already, an attempt of ours that the ledger has forgotten may have done it.
  const inDoubt = record.inDoubt || outcome.saysCancelled === true;
  if (!inDoubt && !(outcome.unproven && canLookUp)) return settled("REJECTED", why);
  return canLookUp ? waiting({ ...record, inDoubt }, "lookup", 0, why) : settled("UNCONFIRMED", unknownAfter(why));
}

/**
 * The provider refused, and the order is still open. An attempt in doubt may still be under way: then the refusal is believed
 * only after all look-ups, and not before `shortestWatchMs`.
 */
function afterOpen(record: RecordState, refusal: Problem, policy: Policy, conditions: Conditions): Progress {
  if (!record.inDoubt) return settled("REJECTED", refusal);
  const nextLookup = lookUpLater(record, refusal, policy, conditions);
  if (nextLookup.status === "PENDING") return nextLookup;
  const leftMs = shortestWatchMs - record.watchedMs;
  return leftMs > 0 ? waiting(record, "lookup", leftMs, refusal) : settled("REJECTED", refusal);
}

/** The provider has just shown the order, and as open. */
function whileOpen(refusal: Problem): Problem {
  const isWrong = refusal.code === "ORDER_NOT_FOUND" || refusal.code === "TOO_LATE";
  return isWrong ? { ...refusal, code: "REFUSED" } : refusal;
}

/**
 * The look-up tells no state. A refusal that may not mean the cancellation is believed then. If anything may mean it, the order is
 * looked up again, to the end; it is not cancelled again because that could tell nothing more.
 */
function afterUnclear(
  record: RecordState,
  refusal: Problem | undefined,
  result: Unclear,
  policy: Policy,
  conditions: Conditions,
): Progress {
  const inDoubt = record.inDoubt || result.saysCancelled === true;
  if (refusal && !inDoubt) return settled("REJECTED", refusal);
  const isWorthMore = result.saysCancelled || (isLast(record, policy) && result.endsInMs !== undefined);
  if (!refusal && !isWorthMore) return cancelAgain(record, result);
  const why = record.problem ?? problem("OUTCOME_UNKNOWN", {});
  return lookUpLater({ ...record, inDoubt }, why, policy, conditions, result);
}

type Unclear = LookupResult & { kind: "unclear" };

/** Whether all scheduled look-ups were made, and not yet the one more for `endsInMs`. */
function isLast({ lookups }: RecordState, { lookupDelaysMs }: Policy): boolean {
  return lookups === lookupDelaysMs.length;
}

type NotProcessed = Outcome & { kind: "notSent" | "notProcessed" };

function afterNotProcessed(
  record: RecordState,
  outcome: NotProcessed,
  policy: Policy,
  { random }: Conditions,
): Progress {
  const leftMs = policy.giveUpAfterMs - record.ageMs;
  if (leftMs <= 0 && hasTriedEnough(record.retries, outcome, policy)) {
    return record.inDoubt
      ? settled("UNCONFIRMED", problem("OUTCOME_UNKNOWN", outcome))
      : settled("REJECTED", problem("PROVIDER_UNAVAILABLE", outcome));
  }
  // The last try is at the moment of giving up, but never before the provider allows it.
  const retryMs = retryDelay(record.retries, policy, random);
  const delayMs = Math.max(leftMs > 0 ? Math.min(retryMs, leftMs) : retryMs, outcome.retryAfterMs ?? 0);
  return waiting({ ...record, retries: record.retries + 1 }, "cancel", delayMs, problem(outcome.code, outcome));
}

/**
 * A request is not given up because of its age alone: it may have waited through a pause or an outage of ours. It gets tries for
 * as long as the listed delays take together, or for `giveUpAfterMs` if that is shorter.
 */
function hasTriedEnough(retries: number, outcome: NotProcessed, { retryDelaysMs, giveUpAfterMs }: Policy): boolean {
  // A busy provider names its own delays, and they may be long: two tries are enough.
  if (outcome.code === "PROVIDER_BUSY" && retries >= 2) return true;
  return sum(retryDelaysMs.slice(0, retries)) >= Math.min(giveUpAfterMs, sum(retryDelaysMs));
}

/** 75 % to 100 % of the n-th delay (the last one repeats), so that many orders are not retried at the same moment. */
function retryDelay(retries: number, { retryDelaysMs }: Policy, random: number): number {
  const delayMs = retryDelaysMs[Math.min(retries, retryDelaysMs.length - 1)] ?? 0;
  return Math.round(delayMs * (0.75 + random / 4));
}

/** Looks up again, or ends: with what the last look-up said, if it said anything. */
function lookUpLater(
  record: RecordState,
  why: Problem,
  policy: Policy,
  { canLookUp }: Conditions,
  result: Partial<Pick<Unclear, "endsInMs">> & { retryAfterMs?: number } & ProviderDetails = {},
): Progress {
  const oneMore = isLast(record, policy) ? result.endsInMs : undefined;
  const delayMs = canLookUp ? (policy.lookupDelaysMs[record.lookups] ?? oneMore) : undefined;
  if (delayMs === undefined) return settled("UNCONFIRMED", unknownAfter(why, result));
  const waitMs = Math.max(delayMs, result.retryAfterMs ?? 0);
  return waiting({ ...record, lookups: record.lookups + 1 }, "lookup", waitMs, why);
}

/** A repeated cancel has no second effect. Each repetition follows one of the look-ups, so their number bounds it. */
function cancelAgain(record: RecordState, result: LookupResult): Progress {
  return waiting(record, "cancel", 0, saysAnything(result) ? problem("OUTCOME_UNKNOWN", result) : record.problem);
}

/** What a look-up said stays until the next one, if the cancel that followed it ended in the unknown, too. */
function saidBefore({ problem: said }: RecordState): Problem | undefined {
  const isSaid = said?.code === "OUTCOME_UNKNOWN" && (said.providerCode ?? said.providerMessage) !== null;
  return isSaid ? said : undefined;
}

/** The attempt that just ended may have had an effect, or may have it later. */
function inDoubtFromNow(record: RecordState): RecordState {
  return { ...record, inDoubt: true, watchedMs: 0 };
}

/** The provider refused a batch of this many orders, with this one, as a whole: its halves are sent next. */
function halved(record: RecordState, orders: number): Progress {
  return { ...waiting(record, record.step, 0, record.problem), maxBatch: Math.ceil(orders / 2) };
}

function waiting(record: RecordState, step: Progress["step"], delayMs: number, why: Problem | null): Progress {
  const { inDoubt, retries, lookups, maxBatch } = record;
  const watchedMs = inDoubt ? record.watchedMs + delayMs : 0;
  return { status: "PENDING", problem: why, step, delayMs, inDoubt, retries, lookups, watchedMs, maxBatch };
}

function settled(status: Exclude<Progress["status"], "PENDING">, why: Problem | null): Progress {
  const nothing = { inDoubt: false, retries: 0, lookups: 0, watchedMs: 0, maxBatch: null };
  return { status, problem: why, step: "cancel", delayMs: null, ...nothing };
}

function sum(delaysMs: readonly number[]): number {
  return delaysMs.reduce((total, delayMs) => total + delayMs, 0);
}

/** UNCONFIRMED carries OUTCOME_UNKNOWN, with the last details that the provider gave. */
function unknownAfter(why: Problem, last: ProviderDetails = {}): Problem {
  return saysAnything(last) ? problem("OUTCOME_UNKNOWN", last) : { ...why, code: "OUTCOME_UNKNOWN" };
}

function saysAnything({ providerCode, providerMessage }: ProviderDetails): boolean {
  return providerCode !== undefined || providerMessage !== undefined;
}

function problem(code: ProblemCode | RefusalCode, { providerCode, providerMessage }: ProviderDetails): Problem {
  return { code, providerCode: providerCode ?? null, providerMessage: providerMessage ?? null };
}

function unreachable(value: never): never {
  throw new Error(`not a kind of outcome: ${JSON.stringify(value)}`);
}
