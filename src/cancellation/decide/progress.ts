import type { Claim, Problem, Progress } from "../../domain/cancellation.ts";
import {
  type LookupResult,
  type Outcome,
  type ProblemCode,
  type ProviderDetails,
  problemCodeOf,
  type RefusalCode,
} from "../../domain/outcome.ts";

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
  "ageMs" | "nextAction" | "problem" | "inDoubt" | "retries" | "lookups" | "watchedMs" | "maxBatch"
>;

/** What else the decisions depend on: a random number in [0, 1), and whether this provider has look-ups. */
export interface Conditions {
  random: number;
  canLookUp: boolean;
}

/** What the decisions about one provider's records depend on at one moment. */
export interface Situation {
  policy: Policy;
  conditions: Conditions;
}

export function waiting(
  record: RecordState,
  nextAction: Progress["nextAction"],
  delayMs: number,
  why: Problem | null,
): Progress {
  const { inDoubt, retries, lookups, maxBatch } = record;
  const watchedMs = inDoubt ? record.watchedMs + delayMs : 0;
  return { status: "PENDING", problem: why, nextAction, delayMs, inDoubt, retries, lookups, watchedMs, maxBatch };
}

export function settled(status: Exclude<Progress["status"], "PENDING">, why: Problem | null): Progress {
  const nothing = { inDoubt: false, retries: 0, lookups: 0, watchedMs: 0, maxBatch: null };
  return { status, problem: why, nextAction: "cancel", delayMs: null, ...nothing };
}

/** Looks up again, or ends: with what the last look-up said, if it said anything. */
export function lookUpLater(
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

export type Unclear = LookupResult & { kind: "unclear" };

/** Whether all scheduled look-ups were made, and not yet the one more for `endsInMs`. */
export function isLast({ lookups }: RecordState, { lookupDelaysMs }: Policy): boolean {
  return lookups === lookupDelaysMs.length;
}

/** The provider refused a batch of this many orders, with this one, as a whole: its halves are sent next. */
export function halved(record: RecordState, orders: number): Progress {
  return { ...waiting(record, record.nextAction, 0, record.problem), maxBatch: Math.ceil(orders / 2) };
}

export function problem(code: ProblemCode | RefusalCode, { providerCode, providerMessage }: ProviderDetails): Problem {
  return { code, providerCode: providerCode ?? null, providerMessage: providerMessage ?? null };
}

/** UNCONFIRMED carries OUTCOME_UNKNOWN, with the last details that the provider gave. */
export function unknownAfter(why: Problem, last: ProviderDetails = {}): Problem {
  return saysAnything(last) ? problem("OUTCOME_UNKNOWN", last) : { ...why, code: "OUTCOME_UNKNOWN" };
}

export function saysAnything({ providerCode, providerMessage }: ProviderDetails): boolean {
  return providerCode !== undefined || providerMessage !== undefined;
}

export function sum(delaysMs: readonly number[]): number {
  return delaysMs.reduce((total, delayMs) => total + delayMs, 0);
}

/** What the history and the log keep of an answer. */
export function detailsOf(answer: Outcome | LookupResult) {
  return {
    problemCode: problemCodeOf(answer),
    providerCode: answer.providerCode ?? null,
    providerMessage: answer.providerMessage ?? null,
    httpStatus: answer.httpStatus ?? null,
    failure: answer.failure ?? null,
  };
}

export function unreachable(value: never): never {
  throw new Error(`not a kind of outcome: ${JSON.stringify(value)}`);
}
