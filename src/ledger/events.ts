import type { Transaction } from "kysely";
import type { CancellationEvent } from "../domain/cancellation.ts";
import type { CancellationRow, Tables } from "./schema.ts";
import { chunksOf, type Store } from "./store.ts";

/** A new entry in the audit trail of the record in `row`. */
export type NewEvent = { row: CancellationRow } & Pick<CancellationEvent, "kind"> &
  Partial<
    Pick<
      CancellationEvent,
      "problemCode" | "httpStatus" | "durationMs" | "failure" | "requestedBy" | "requestId" | "note"
    >
  >;

/** Adds to the audit trails, in the transaction that changes the records: both are committed, or neither. */
export async function addEvents(
  transaction: Transaction<Tables>,
  store: Store,
  events: readonly NewEvent[],
): Promise<void> {
  for (const chunk of chunksOf(events)) {
    await transaction
      .insertInto("cancellation_events")
      .values(
        chunk.map(({ row, kind, ...told }) => ({
          cancellation_id: row.id,
          at: store.now(),
          kind,
          attempt: row.attempts,
          status: kind === "SETTLED" || kind === "RESOLVED" ? row.status : null,
          problem_code: told.problemCode ?? null,
          http_status: told.httpStatus ?? null,
          duration_ms: told.durationMs ?? null,
          failure: told.failure ?? null,
          requested_by: told.requestedBy ?? null,
          request_id: told.requestId ?? null,
          note: told.note ?? null,
        })),
      )
      .execute();
  }
}

/** The records that some of these events settled. */
export function settledIn(events: readonly NewEvent[]): CancellationRow[] {
  return events.filter(({ kind }) => kind === "SETTLED").map(({ row }) => row);
}
