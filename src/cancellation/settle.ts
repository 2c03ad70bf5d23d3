import type { Claim, Problem, Progress } from "../domain/cancellation.ts";
import type { Outcome, ProblemCode, ProviderWords, RefusalCode, Standing } from "../domain/outcome.ts";

/** When to act again. Delays in ms; the last of each list is never left empty. */
export interface Policy {
  /** Waits before sending again what was certainly not acted on; the last one repeats. */
  retryDelaysMs: readonly number[];
  /** Age of a request after which what was never acted on is given up. */
  giveUpAfterMs: number;
  /** Waits before each look-up of an unknown outcome; when they run out the order is UNCONFIRMED. */
  lookupDelaysMs: readonly number[];
}

/** What the decisions look at. */
export type Standpoint = Pick<Claim, "ageMs" | "step" | "problem" | "doubtful" | "retries" | "lookups" | "watchedMs">;

/** The world as arguments: a die in [0, 1), and whether this provider has look-ups at all. Time is in the record. */
export interface Circumstances {
  random: number;
  canLookUp: boolean;
}

/**
 * Least time, ms, over which an order is looked up after an attempt that may have had an effect, before a refusal is believed
 * because the order is still open. It holds whatever the settings say: a cancel that was accepted may take effect some seconds
 * after its answer got lost, and proxies in front of providers usually give up after 30 s.
 */
export const shortestWatchMs = 30_000;

/** What a record becomes after a cancel ended this way. Total: every outcome has one answer. */
export function settle(record: Standpoint, outcome: Outcome, policy: Policy, world: Circumstances): Progress {
  switch (outcome.kind) {
    case "cancelled":
      return ended("CANCELLED", null);
    case "refused":
      return afterRefusal(record, outcome, policy, world);
    case "notSent":
      return afterNotSent(record, outcome, policy, world);
    case "unknown":
      return lookUpLater(inDoubtFromNow(record), problem("OUTCOME_UNKNOWN", outcome), policy, world);
    default:
      return unreachable(outcome);
  }
}

/** What a record becomes after a look-up ended this way: a doubtful one, or one whose refusal needs a second word. */
export function settleStanding(record: Standpoint, standing: Standing, policy: Policy, world: Circumstances): Progress {
  // A refusal that is being explained is kept as the record's problem meanwhile.
  const refusal = record.problem && record.problem.code !== "OUTCOME_UNKNOWN" ? record.problem : undefined;
  switch (standing.kind) {
    case "cancelled":
      return ended("CANCELLED", null);
    case "closed":
      return ended("REJECTED", problem(standing.code, standing));
    case "open":
      if (!refusal) return cancelAgain(record);
      return record.doubtful ? afterOpen(record, refusal, policy, world) : ended("REJECTED", refusal);
    case "unclear":
      if (!refusal) return cancelAgain(record);
      return record.doubtful ? ended("UNCONFIRMED", unknownAfter(refusal)) : ended("REJECTED", refusal);
    case "unanswered":
      return lookUpLater(record, record.problem ?? problem("OUTCOME_UNKNOWN", standing), policy, world, standing);
    default:
      return unreachable(standing);
  }
}

/**
 * What a doubtful record becomes where its look-up had to be kept back: none of the look-ups is spent, unless it is older
 * than giving up and all of them take.
 */
export function keepBackLookup(record: Standpoint, policy: Policy, world: Circumstances, delayMs: number): Progress {
  const longestMs = policy.giveUpAfterMs + sum(policy.lookupDelaysMs);
  const why = record.problem ?? problem("OUTCOME_UNKNOWN", {});
  return record.ageMs < longestMs ? waiting(record, "lookup", delayMs, why) : lookUpLater(record, why, policy, world);
}

function afterRefusal(
  record: Standpoint,
  outcome: Outcome & { kind: "refused" },
  { giveUpAfterMs }: Policy,
  { canLookUp }: Circumstances,
): Progress {
  const why = problem(outcome.code, outcome);
  if (outcome.code === "TOO_EARLY" && outcome.opensInMs !== undefined && record.ageMs < giveUpAfterMs) {
    return waiting({ ...record, retries: 0 }, "cancel", Math.max(outcome.opensInMs, shortestTooEarlyMs), why);
  }
  // No request that named such an id can ever have had an effect.
  if (outcome.code === "INVALID_ORDER_ID" || outcome.malformedId) return ended("REJECTED", why);
  // What is cancelled already may have been cancelled by an attempt of ours that the ledger has forgotten.
  const doubtful = record.doubtful || outcome.saysCancelled === true;
  if (!doubtful && !(outcome.unproven && canLookUp)) return ended("REJECTED", why);
  return canLookUp ? waiting({ ...record, doubtful }, "lookup", 0, why) : ended("UNCONFIRMED", unknownAfter(why));
}

/** A provider that says "too early" is not asked again sooner than this, ms, whatever its times say. */
const shortestTooEarlyMs = 1000;

/** Not cancelled yet, and they refused: the doubtful attempt may still be on its way, so the refusal stands in the end only. */
function afterOpen(record: Standpoint, refusal: Problem, policy: Policy, world: Circumstances): Progress {
  const nextLook = lookUpLater(record, refusal, policy, world);
  if (nextLook.status === "PENDING") return nextLook;
  const leftMs = shortestWatchMs - record.watchedMs;
  return leftMs > 0 ? waiting(record, "lookup", leftMs, refusal) : ended("REJECTED", refusal);
}

function afterNotSent(
  record: Standpoint,
  outcome: Outcome & { kind: "notSent" },
  policy: Policy,
  { random }: Circumstances,
): Progress {
  const leftMs = policy.giveUpAfterMs - record.ageMs;
  if (leftMs <= 0 && hasTriedEnough(record.retries, outcome, policy)) {
    return record.doubtful
      ? ended("UNCONFIRMED", problem("OUTCOME_UNKNOWN", outcome))
      : ended("REJECTED", problem("PROVIDER_UNAVAILABLE", outcome));
  }
  // Once more at the moment of giving up, but never before the provider allows it.
  const retryMs = retryDelay(record.retries, policy, random);
  const delayMs = Math.max(leftMs > 0 ? Math.min(retryMs, leftMs) : retryMs, outcome.retryAfterMs ?? 0);
  return waiting({ ...record, retries: record.retries + 1 }, "cancel", delayMs, problem(outcome.code, outcome));
}

/**
 * Age alone gives nothing up: what waited through a pause or an outage of ours gets its tries first, for as long as the
 * listed delays take, or until giving up where that is sooner.
 */
function hasTriedEnough(
  retries: number,
  outcome: Outcome & { kind: "notSent" },
  { retryDelaysMs, giveUpAfterMs }: Policy,
): boolean {
  // A provider that says it is busy names its own delays, which may be long.
  if (outcome.code === "PROVIDER_BUSY" && retries >= 2) return true;
  return sum(retryDelaysMs.slice(0, retries)) >= Math.min(giveUpAfterMs, sum(retryDelaysMs));
}

/** The n-th delay, the last one repeating, between 75 % and 100 % of it so that many do not come back as one. */
function retryDelay(retries: number, { retryDelaysMs }: Policy, random: number): number {
  const delayMs = retryDelaysMs[Math.min(retries, retryDelaysMs.length - 1)] ?? 0;
  return Math.round(delayMs * (0.75 + random / 4));
}

function lookUpLater(
  record: Standpoint,
  why: Problem,
  { lookupDelaysMs }: Policy,
  { canLookUp }: Circumstances,
  wait: { retryAfterMs?: number } = {},
): Progress {
  const delayMs = canLookUp ? lookupDelaysMs[record.lookups] : undefined;
  if (delayMs === undefined) return ended("UNCONFIRMED", unknownAfter(why));
  const waitMs = Math.max(delayMs, wait.retryAfterMs ?? 0);
  return waiting({ ...record, lookups: record.lookups + 1 }, "lookup", waitMs, why);
}

/** Repeating a cancel has no second effect, and each repetition costs one of the look-ups: it ends. */
function cancelAgain(record: Standpoint): Progress {
  return waiting(record, "cancel", 0, record.problem);
}

/** The attempt that just ended may have had an effect, and may have it later still. */
function inDoubtFromNow(record: Standpoint): Standpoint {
  return { ...record, doubtful: true, watchedMs: 0 };
}

function waiting(record: Standpoint, step: Progress["step"], delayMs: number, why: Problem | null): Progress {
  const { doubtful, retries, lookups } = record;
  const watchedMs = doubtful ? record.watchedMs + delayMs : 0;
  return { status: "PENDING", problem: why, step, delayMs, doubtful, retries, lookups, watchedMs };
}

function ended(status: Exclude<Progress["status"], "PENDING">, why: Problem | null): Progress {
  return { status, problem: why, step: "cancel", delayMs: null, doubtful: false, retries: 0, lookups: 0, watchedMs: 0 };
}

function sum(delaysMs: readonly number[]): number {
  return delaysMs.reduce((total, delayMs) => total + delayMs, 0);
}

/** UNCONFIRMED says OUTCOME_UNKNOWN, with the last words of the provider. */
function unknownAfter(why: Problem): Problem {
  return { ...why, code: "OUTCOME_UNKNOWN" };
}

function problem(code: ProblemCode | RefusalCode, { providerCode, providerMessage }: ProviderWords): Problem {
  return { code, providerCode: providerCode ?? null, providerMessage: providerMessage ?? null };
}

function unreachable(value: never): never {
  throw new Error(`not a kind of outcome: ${JSON.stringify(value)}`);
}
