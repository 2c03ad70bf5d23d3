import { sql, type Transaction } from "kysely";
import type { CancellationEvent } from "../../domain/cancellation.ts";
import type { CancellationRow, Tables } from "../schema.ts";
import type { Store } from "../store.ts";

/** A new entry in the audit trail of the record in `row`. */
export type NewEvent = { row: CancellationRow } & Pick<CancellationEvent, "kind"> &
  Partial<
    Pick<
      CancellationEvent,
      | "problemCode"
      | "providerCode"
      | "providerMessage"
      | "httpStatus"
      | "durationMs"
      | "failure"
      | "requestedBy"
      | "requestId"
      | "note"
    >
  >;

/** Adds to the audit trails, in the transaction that changes the records: both are committed, or neither. */
export async function addEvents(
  transaction: Transaction<Tables>,
  store: Store,
  events: readonly NewEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const rows = store.rows(
    columns,
    events.map(({ row, kind, ...event }) => ({
      record: row.id,
      kind,
      attempt: row.attempts,
      status: kind === "SETTLED" || kind === "RESOLVED" ? row.status : null,
      problem: event.problemCode ?? null,
      code: event.providerCode ?? null,
      message: event.providerMessage ?? null,
      http: event.httpStatus ?? null,
      duration: event.durationMs ?? null,
      failure: event.failure ?? null,
      caller: event.requestedBy ?? null,
      request: event.requestId ?? null,
      note: event.note ?? null,
    })),
  );
  await sql`
    insert into cancellation_events (
      cancellation_id, at, kind, attempt, status, problem_code, provider_code, provider_message, http_status, duration_ms, failure,
      requested_by, request_id, note
    )
    select record, ${store.now()}, kind, attempt, status, problem, code, message, http, duration, failure, caller, request, note
    from ${rows} as added`.execute(transaction);
}

const columns = {
  record: "bigint",
  kind: "text",
  attempt: "bigint",
  status: "text",
  problem: "text",
  code: "text",
  message: "text",
  http: "bigint",
  duration: "bigint",
  failure: "text",
  caller: "text",
  request: "text",
  note: "text",
} as const;

/** The records that some of these events settled. */
export function settledIn(events: readonly NewEvent[]): CancellationRow[] {
  return events.filter(({ kind }) => kind === "SETTLED").map(({ row }) => row);
}
