import { sql } from "kysely";
import type { Cancellation, CancellationEvent, Claim } from "../../domain/cancellation.ts";
import type { CancellationRow, EventRow } from "../schema.ts";
import type { Store } from "../store.ts";

/** Selected with a row that becomes a Cancellation: in how many ms it is due. */
export function dueInMs(store: Store) {
  return sql<number | null>`due_at - ${store.now()}`.as("due_in_ms");
}

/** Selected with a row that becomes a Claim: how long ago it was asked for, ms. */
export function ageMs(store: Store) {
  return sql<number>`${store.now()} - requested_at`.as("age_ms");
}

/** What a Cancellation is made of. */
export const cancellationColumns = [
  "id",
  "provider",
  "order_id",
  "status",
  "problem_code",
  "provider_code",
  "provider_message",
  "requested_at",
  "settled_at",
  "due_at",
  "lease_token",
  "attempts",
] as const satisfies readonly (keyof CancellationRow)[];

export type ReadRow = Pick<CancellationRow, (typeof cancellationColumns)[number]> & { due_in_ms?: number | null };

/** Turns a row into the domain's type. */
export function toCancellation(row: ReadRow): Cancellation {
  const waits = row.lease_token === null;
  return {
    id: row.id,
    provider: row.provider,
    orderId: row.order_id,
    status: row.status,
    problem: row.problem_code && {
      code: row.problem_code,
      providerCode: row.provider_code,
      providerMessage: row.provider_message,
    },
    requestedAt: row.requested_at,
    settledAt: row.settled_at,
    nextAttemptAt: waits ? row.due_at : null,
    nextAttemptInMs: waits ? (row.due_in_ms ?? null) : null,
    attempts: row.attempts,
  };
}

export function toClaim(row: CancellationRow & { age_ms: number }): Claim {
  return {
    ...toCancellation(row),
    token: row.lease_token ?? "",
    ageMs: Math.max(0, row.age_ms),
    nextAction: row.step,
    inDoubt: row.in_doubt === 1,
    retries: row.retries,
    lookups: row.lookups,
    watchedMs: row.watched_ms,
    maxBatch: row.max_batch,
    sentAt: row.sent_at,
  };
}

export function toEvent(row: EventRow): CancellationEvent {
  return {
    at: row.at,
    // Versions before 0.2 wrote ANSWERED.
    kind: row.kind === "ANSWERED" ? "ATTEMPT_ENDED" : row.kind,
    attempt: row.attempt,
    status: row.status,
    problemCode: row.problem_code,
    providerCode: row.provider_code,
    providerMessage: row.provider_message,
    httpStatus: row.http_status,
    durationMs: row.duration_ms,
    failure: row.failure,
    requestedBy: row.requested_by,
    requestId: row.request_id,
    note: row.note,
  };
}
