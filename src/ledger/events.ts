import type { Transaction } from "kysely";
import type { CancellationEvent } from "../domain/cancellation.ts";
import type { CancellationRow, Tables } from "./schema.ts";
import { chunksOf, type Store } from "./store.ts";

/** A new entry in the audit trail of the record in `row`. */
export type NewEvent = { row: CancellationRow } & Pick<CancellationEvent, "kind"> &
  Partial<Pick<CancellationEvent, "problemCode" | "httpStatus" | "durationMs" | "failure" | "requestedBy">>;

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
        chunk.map(({ row, kind, problemCode, httpStatus, durationMs, failure, requestedBy }) => ({
          cancellation_id: row.id,
          at: store.now(),
          kind,
          attempt: row.attempts,
          status: kind === "SETTLED" ? row.status : null,
          problem_code: problemCode ?? null,
          http_status: httpStatus ?? null,
          duration_ms: durationMs ?? null,
          failure: failure ?? null,
          requested_by: requestedBy ?? null,
        })),
      )
      .execute();
  }
}
