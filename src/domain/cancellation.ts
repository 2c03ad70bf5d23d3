import type { ExchangeFailure, ProblemCode } from "./outcome.ts";

export type CancellationStatus = "PENDING" | "CANCELLED" | "REJECTED" | "UNCONFIRMED";

/** Names an order: a provider's name and that provider's id. */
export interface OrderKey {
  provider: string;
  orderId: string;
}

/** An operator has stopped all requests to a provider. */
export interface Pause {
  provider: string;
  /** Since when, epoch ms; null if a setting of this instance pauses it. */
  pausedAt: number | null;
  /** What the operator gave as the reason. */
  reason: string | null;
}

export interface Problem {
  code: ProblemCode;
  providerCode: string | null;
  providerMessage: string | null;
}

/** Our record of one order's cancel. Instants are epoch ms, by the ledger's clock. */
export interface Cancellation extends OrderKey {
  id: number;
  status: CancellationStatus;
  problem: Problem | null;
  /** When the current cancel was asked for; once it is settled, the last one. */
  requestedAt: number;
  /** When it ended: became CANCELLED, REJECTED or UNCONFIRMED. */
  settledAt: number | null;
  /** When the next step is due; null while a step is under way, and when settled. */
  nextAttemptAt: number | null;
  /** The same, in ms from when the record was read: the ledger's clock and ours may differ. */
  nextAttemptInMs: number | null;
  /** How many requests have carried this order's cancel to the provider, over all times it was asked for. */
  attempts: number;
}

/** What a record becomes after a step: `decide.ts` decides it, and the ledger writes it. */
export interface Progress {
  status: CancellationStatus;
  problem: Problem | null;
  /** What to do next while PENDING. */
  nextAction: "cancel" | "lookup";
  /** Ms from now until the next step; null unless PENDING. */
  delayMs: number | null;
  /** Whether an earlier attempt may have had an effect that we do not know of. */
  inDoubt: boolean;
  /** Times in a row that the cancel was certainly not acted on. */
  retries: number;
  /** How many scheduled look-ups were made since the outcome became unknown. */
  lookups: number;
  /** Sum of all waits since the last attempt that may have had an effect, ms. */
  watchedMs: number;
  /**
   * Most orders in the next request with this one. It is set after the provider refused a batch with it as a whole: this order may be
   * the cause. Null if there is no such suspicion.
   */
  maxBatch: number | null;
}

/**
 * A PENDING record that one instance holds. Its token is a fencing token: once another instance holds the record, nothing is
 * written under the old token.
 */
export interface Claim extends Cancellation, Omit<Progress, "delayMs"> {
  token: string;
  /** Ms since `requestedAt` when it was claimed or marked, never below 0. */
  ageMs: number;
  /** Set if an earlier holder marked it as sent and never wrote how that ended. */
  sentAt: number | null;
}

export type EventKind = "REQUESTED" | "SENT" | "ATTEMPT_ENDED" | "LOOKED_UP" | "SETTLED" | "RESOLVED";

/** One step in the audit trail. */
export interface CancellationEvent {
  at: number;
  kind: EventKind;
  /** Value of `attempts` at the time. */
  attempt: number;
  /** Only with SETTLED and RESOLVED. */
  status: CancellationStatus | null;
  problemCode: ProblemCode | null;
  /** What the provider said in the answer; null if it said nothing, or nothing was answered. */
  providerCode: string | null;
  providerMessage: string | null;
  httpStatus: number | null;
  /** How the exchange failed; null if an answer came, or nothing was exchanged. */
  failure: ExchangeFailure | null;
  /** Length of the exchange, ms. */
  durationMs: number | null;
  /**
   * Only with REQUESTED, RESOLVED, and LOOKED_UP if a person asked for the look-up: the subject of the caller's token; null if callers
   * are not authenticated.
   */
  requestedBy: string | null;
  /** The id of the GraphQL request, with the same. */
  requestId: string | null;
  /** Only with RESOLVED: what a person wrote. */
  note: string | null;
}

/** An order's key as one text, for maps. No provider's name holds a line break, so that two keys never share a text. */
export function orderKeyText({ provider, orderId }: OrderKey): string {
  return `${provider}\n${orderId}`;
}

/** A request that names orders: who makes it, and since when it waits. */
export interface OrdersRequest {
  requestedBy: string | null;
  requestId?: string | null;
  /** How long ago it arrived, ms: that counts as waiting. */
  ageMs?: number;
}
