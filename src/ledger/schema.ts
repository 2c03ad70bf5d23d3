import type { Generated, Selectable } from "kysely";
import type { CancellationStatus, EventKind } from "../domain/cancellation.ts";
import type { ExchangeFailure, ProblemCode } from "../domain/outcome.ts";

/** The tables as the migrations leave them. Instants are epoch ms; truth values are 0 or 1, for both stores. */
export interface Tables {
  cancellations: CancellationTable;
  cancellation_events: EventTable;
  provider_slots: SlotTable;
  provider_environments: EnvironmentTable;
  provider_pauses: PauseTable;
  ledger_checks: CheckTable;
  announcements: AnnouncementTable;
}

interface CancellationTable {
  /** Grows with each record and never changes: lists are sorted by it. */
  id: Generated<number>;
  provider: string;
  order_id: string;
  status: CancellationStatus;
  problem_code: ProblemCode | null;
  provider_code: string | null;
  provider_message: string | null;
  requested_at: number;
  settled_at: number | null;
  attempts: number;
  step: "cancel" | "lookup";
  in_doubt: number;
  retries: number;
  lookups: number;
  watched_ms: number;
  /** Set just before the request is sent, until its outcome is written. */
  sent_at: number | null;
  /** While PENDING: from when on any instance may claim it, which is the end of a wait or of the holder's lease. */
  due_at: number | null;
  /** When `due_at` was written: later than now only if the clock was set back since. */
  due_set_at: number | null;
  /** Where it stands among the due records: by this time, epoch ms; 0, the front, if an older version recorded it. */
  turn_at: Generated<number>;
  /** How far it stands behind others that became due at the same time, ms: its caller had asked for others before it. */
  lag_ms: Generated<number>;
  /** Most orders in the next request with it; null unless a batch with it was refused as a whole. */
  max_batch: number | null;
  /** The token of its holder; null while it waits. */
  lease_token: string | null;
  /** The token of the holder that wrote its last step. */
  written_by: string | null;
}

interface EventTable {
  id: Generated<number>;
  cancellation_id: number;
  at: number;
  kind: EventKind | "ANSWERED";
  attempt: number;
  status: CancellationStatus | null;
  problem_code: ProblemCode | null;
  provider_code: string | null;
  provider_message: string | null;
  http_status: number | null;
  duration_ms: number | null;
  requested_by: string | null;
  failure: ExchangeFailure | null;
  request_id: string | null;
  note: string | null;
}

interface SlotTable {
  provider: string;
  /** From when on the next request may be sent. */
  free_at: number;
  holder: string | null;
  /** When a holder that does not release the slot loses it. */
  held_until: number;
  /** When this row was written: later than now only if the clock was set back since. */
  set_at: number;
}

/** Which environment a provider's records come from. */
interface EnvironmentTable {
  provider: string;
  /** Host of the base URL, with its port if the URL names one; `simulator` for the built-in simulators. */
  host: string;
}

/** A row for each provider that is paused. */
interface PauseTable {
  provider: string;
  paused_at: number;
  reason: string | null;
}

/** One row. It is written from time to time, to test whether the database takes writes. */
interface CheckTable {
  id: number;
  checked_at: number;
}

/** What the webhook still has to announce, and what it gave up. What was delivered is deleted. */
interface AnnouncementTable {
  id: Generated<number>;
  cancellation_id: number;
  provider: string;
  order_id: string;
  status: CancellationStatus;
  settled_at: number;
  message_id: string;
  failures: number;
  /** From when on any instance may claim it: the end of a wait, or of the holder's lease. Null if it was given up. */
  due_at: number | null;
  /** When `due_at` was written: later than now only if the clock was set back since. */
  due_set_at: number;
  /** The token of the instance that tries to deliver it; null while it waits. */
  lease_token: string | null;
}

export type AnnouncementRow = Selectable<AnnouncementTable>;
export type CancellationRow = Selectable<CancellationTable>;
export type EventRow = Selectable<EventTable>;
