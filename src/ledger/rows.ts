import type { Cancellation, CancellationEvent, Claim } from "../domain/cancellation.ts";
import type { CancellationRow, EventRow } from "./schema.ts";

/** Rows, in the domain's words. */
export function toCancellation(row: CancellationRow): Cancellation {
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
    nextAttemptAt: row.lease_token === null ? row.due_at : null,
    attempts: row.attempts,
  };
}

export function toClaim(row: CancellationRow): Claim {
  return {
    ...toCancellation(row),
    token: row.lease_token ?? "",
    step: row.step,
    doubtful: row.doubtful === 1,
    retries: row.retries,
    lookups: row.lookups,
    sentAt: row.sent_at,
  };
}

export function toEvent(row: EventRow): CancellationEvent {
  return {
    at: row.at,
    kind: row.kind,
    attempt: row.attempt,
    status: row.status,
    problemCode: row.problem_code,
    httpStatus: row.http_status,
    durationMs: row.duration_ms,
    requestedBy: row.requested_by,
  };
}
