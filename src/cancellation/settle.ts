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
export type Standpoint = Pick<
  Claim,
  "requestedAt" | "step" | "problem" | "doubtful" | "retries" | "lookups" | "provider"
>;

/** The world as arguments: the clock, a die in [0, 1), and whether this provider has look-ups at all. */
export interface Circumstances {
  now: number;
  random: number;
  canLookUp: boolean;
}

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
      return lookUpLater({ ...record, doubtful: true }, problem("OUTCOME_UNKNOWN", outcome), policy, world);
    default:
      return unreachable(outcome);
  }
}

/** What a doubtful record becomes after a look-up ended this way. */
export function settleStanding(record: Standpoint, standing: Standing, policy: Policy, world: Circumstances): Progress {
  // A refusal that followed a doubtful attempt is being explained; it is kept as the record's problem meanwhile.
  const refusal = record.problem && record.problem.code !== "OUTCOME_UNKNOWN" ? record.problem : undefined;
  switch (standing.kind) {
    case "cancelled":
      return ended("CANCELLED", null);
    case "closed":
      return ended("REJECTED", problem(standing.code, standing));
    case "open":
      return refusal ? afterOpen(record, refusal, policy, world) : cancelAgain(record, world);
    case "unclear":
      return refusal ? ended("UNCONFIRMED", unknownAfter(refusal)) : cancelAgain(record, world);
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
  const { giveUpAfterMs, lookupDelaysMs } = policy;
  const { now } = world;
  const lastAt = lookupDelaysMs.reduce((at, each) => at + each, record.requestedAt + giveUpAfterMs);
  const why = record.problem ?? problem("OUTCOME_UNKNOWN", {});
  return now < lastAt ? waiting(record, "lookup", now + delayMs, why) : lookUpLater(record, why, policy, world);
}

function afterRefusal(
  record: Standpoint,
  outcome: Outcome & { kind: "refused" },
  { giveUpAfterMs }: Policy,
  { now, canLookUp }: Circumstances,
): Progress {
  const why = problem(outcome.code, outcome);
  const opens = outcome.code === "TOO_EARLY" && outcome.opensAt !== undefined && outcome.opensAt > now;
  if (opens && now - record.requestedAt < giveUpAfterMs) {
    return waiting({ ...record, retries: 0 }, "cancel", outcome.opensAt ?? now, why);
  }
  // No request can ever have carried such an id.
  if (!record.doubtful || outcome.code === "INVALID_ORDER_ID") return ended("REJECTED", why);
  return canLookUp ? waiting(record, "lookup", now, why) : ended("UNCONFIRMED", unknownAfter(why));
}

/** Not cancelled yet, and they refused: the doubtful attempt may still be on its way, so the refusal stands in the end only. */
function afterOpen(record: Standpoint, refusal: Problem, policy: Policy, world: Circumstances): Progress {
  const nextLook = lookUpLater(record, refusal, policy, world);
  return nextLook.status === "PENDING" ? nextLook : ended("REJECTED", refusal);
}

function afterNotSent(
  record: Standpoint,
  outcome: Outcome & { kind: "notSent" },
  policy: Policy,
  { now, random }: Circumstances,
): Progress {
  const giveUpAt = record.requestedAt + policy.giveUpAfterMs;
  if (now >= giveUpAt && hasTriedEnough(record.retries, outcome, policy)) {
    return record.doubtful
      ? ended("UNCONFIRMED", problem("OUTCOME_UNKNOWN", outcome))
      : ended("REJECTED", problem("PROVIDER_UNAVAILABLE", outcome));
  }
  // Once more at the moment of giving up, but never before the provider allows it.
  const delayedTo = now + retryDelay(record.retries, policy, random);
  const retryAt = now < giveUpAt ? Math.min(delayedTo, giveUpAt) : delayedTo;
  const dueAt = Math.max(retryAt, now + (outcome.retryAfterMs ?? 0));
  return waiting({ ...record, retries: record.retries + 1 }, "cancel", dueAt, problem(outcome.code, outcome));
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
  const sum = (delays: readonly number[]) => delays.reduce((total, delayMs) => total + delayMs, 0);
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
  { now, canLookUp }: Circumstances,
  wait: { retryAfterMs?: number } = {},
): Progress {
  const delayMs = canLookUp ? lookupDelaysMs[record.lookups] : undefined;
  if (delayMs === undefined) return ended("UNCONFIRMED", unknownAfter(why));
  const dueAt = now + Math.max(delayMs, wait.retryAfterMs ?? 0);
  return waiting({ ...record, lookups: record.lookups + 1 }, "lookup", dueAt, why);
}

/** Repeating a cancel has no second effect, and each repetition costs one of the look-ups: it ends. */
function cancelAgain(record: Standpoint, { now }: Circumstances): Progress {
  return waiting(record, "cancel", now, record.problem);
}

function waiting(record: Standpoint, step: Progress["step"], dueAt: number, why: Problem | null): Progress {
  const { doubtful, retries, lookups } = record;
  return { status: "PENDING", problem: why, step, dueAt, doubtful, retries, lookups };
}

function ended(status: Exclude<Progress["status"], "PENDING">, why: Problem | null): Progress {
  return { status, problem: why, step: "cancel", dueAt: null, doubtful: false, retries: 0, lookups: 0 };
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
