import type { Cancellation, CancellationStatus, OrderKey } from "../../src/domain/cancellation.ts";

/** A record as the ledger would hold it. */
export function recordOf(orderId: string, status: CancellationStatus, attempts = 0): Cancellation {
  return {
    ...{ id: 1, provider: "ONRAMP", orderId, status, attempts, problem: null, requestedAt: 1 },
    settledAt: status === "PENDING" ? null : 2,
    nextAttemptAt: null,
    nextAttemptInMs: null,
  };
}

/** The keys of these orders of one provider. */
export function ordersOf(provider: string, orderIds: readonly string[]): OrderKey[] {
  return orderIds.map((orderId) => ({ provider, orderId }));
}
