import type { ProblemCode } from "./outcome.ts";

export type CancellationStatus = "PENDING" | "CANCELLED" | "REJECTED" | "UNCONFIRMED";

/** Names an order: a provider's name and that provider's id. */
export interface OrderKey {
  provider: string;
  orderId: string;
}

export interface Problem {
  code: ProblemCode;
  providerCode: string | null;
  providerMessage: string | null;
}

/** Our record of one order's cancel. Instants are epoch ms. */
export interface Cancellation extends OrderKey {
  id: number;
  status: CancellationStatus;
  problem: Problem | null;
  /** When the cancel under way, or the last one, was asked for. */
  requestedAt: number;
  settledAt: number | null;
  /** When the next step is due; null while a step is under way, and when settled. */
  nextAttemptAt: number | null;
  /** Requests that have carried this order's cancel to the provider, over all times it was asked for. */
  attempts: number;
}

/** What a record becomes after a step: the state that `settle` decides on and the ledger writes. */
export interface Progress {
  status: CancellationStatus;
  problem: Problem | null;
  /** What to do next while PENDING. */
  step: "cancel" | "lookup";
  /** Epoch ms of the next step; null unless PENDING. */
  dueAt: number | null;
  /** Whether some earlier attempt may have had an effect that we do not know of. */
  doubtful: boolean;
  /** Times in a row that the cancel was certainly not acted on. */
  retries: number;
  /** Scheduled look-ups spent since the outcome became unknown. */
  lookups: number;
}

/** A PENDING record in the hands of one worker. Its token fences: once another holds the record, nothing is written. */
export interface Claim extends Cancellation, Omit<Progress, "dueAt"> {
  token: string;
  /** Set where an earlier holder marked it sent and never said how that ended. */
  sentAt: number | null;
}

export type EventKind = "REQUESTED" | "SENT" | "ANSWERED" | "LOOKED_UP" | "SETTLED";

/** One step in the audit trail. */
export interface CancellationEvent {
  at: number;
  kind: EventKind;
  /** Value of `attempts` at the time. */
  attempt: number;
  /** Only with SETTLED. */
  status: CancellationStatus | null;
  problemCode: ProblemCode | null;
  httpStatus: number | null;
  /** Length of the exchange, ms. */
  durationMs: number | null;
  /** Only with REQUESTED: the subject of the caller's token; null where callers are not authenticated. */
  requestedBy: string | null;
}
