import { type Caller, createContext, type RequestContext } from "../../src/api/context.ts";
import type { CancellationProvider } from "../../src/api/types.ts";
import type { Cancellability } from "../../src/cancellability/cancellability.ts";
import type { Standing } from "../../src/cancellability/standing.ts";
import type { Cancellations } from "../../src/cancellation/cancellations.ts";
import type { Cancellation, CancellationEvent } from "../../src/domain/cancellation.ts";

/** What goes wrong while a request is answered. */
export const faults = [
  "none",
  "no reads",
  "no lists",
  "no history",
  "no token",
  "no scope",
  "no access check",
] as const;

export type Fault = (typeof faults)[number];

/** The context of a request to a service that needs no database. The texts of some ids say what is wrong with their orders. */
export function fakeContext(fault: Fault = "none"): RequestContext {
  const failIf = (failing: Fault) => {
    if (fault === failing) throw new Error(failing);
  };
  const service = {
    cancellations: {} as Cancellations,
    ledger: {
      read: async (keys: readonly { provider: string; orderId: string }[]) => {
        failIf("no reads");
        return keys.map(record);
      },
      page: async () => {
        failIf("no lists");
        return { records: [record(one), record({ ...one, orderId: "2" })], after: null };
      },
      counts: async () => {
        failIf("no lists");
        return [{ ...settled, problemCode: null, oldestRequestedAt: 1 }];
      },
      settledByMinute: async () => {
        failIf("no lists");
        return [{ ...settled, minute: 60_000 }];
      },
      history: async (ids: readonly number[], last: number) => {
        failIf("no history");
        return ids.map(() => events.slice(-last));
      },
    } as never,
    cancellability: fakeCancellability,
    pauses: { of: () => undefined } as never,
    orderWatch: {} as never,
    catalogue: () => [onramp],
    maxIdsPerRequest: 500,
  };
  const caller: Caller = {
    authenticated: fault !== "no token",
    subject: "alice",
    expiresInMs: null,
    holds: () => fault !== "no scope",
    allowed: async (_provider, ids) => {
      failIf("no access check");
      return new Set(ids.filter((id) => id !== "foreign"));
    },
  };
  return createContext(service, caller, "r-1");
}

/** Nothing can be cancelled any more. When that was said tells how old a word might be. */
export const fakeCancellability: Cancellability = {
  begin: () => ({
    ask: async ({ provider }, _record, maxAgeMs) =>
      provider === "ONRAMP" ? { ...tooLate, checkedAt: maxAgeMs } : null,
    impossible: () => tooLate,
  }),
};
const tooLate: Standing = {
  state: "NOT_CANCELLABLE",
  reason: "TOO_LATE",
  ...{ checkedAt: 1, cancellableFrom: null, cancellableUntil: null },
};

const settled = { provider: "ONRAMP", status: "REJECTED", count: 7 };
const one = { provider: "ONRAMP", orderId: "1" };

/** As the catalogue shows it. */
export const onramp = {
  ...{ provider: "ONRAMP", configured: true, sandbox: true, paused: false, circuit: "CLOSED", statusLookup: true },
  ...{ pausedAt: null, pausedReason: null },
  ...{ maxBatchSize: 1, minIntervalMs: null, cancellableAfterSeconds: null, autoCancelledAfterSeconds: 900 },
  ...{ cancellableWhen: "Waiting for payment.", documentationUrl: "https://provider.test" },
} as CancellationProvider;

function record({ provider, orderId }: { provider: string; orderId: string }): Cancellation | undefined {
  if (orderId === "broken") throw new Error("the database is away");
  if (orderId === "unknown") return undefined;
  const problem = { code: "TOO_LATE" as const, providerCode: "7", providerMessage: "paid" };
  const instants = { requestedAt: 1, settledAt: 2, nextAttemptAt: null, nextAttemptInMs: null };
  const status = orderId === "strange" ? ("ODD" as never) : orderId === "1" ? "CANCELLED" : "REJECTED";
  return { id: Number(orderId) || 9, provider, orderId, status, problem, ...instants, attempts: Number(orderId) };
}

const event: CancellationEvent = {
  ...{ at: 1, kind: "REQUESTED", attempt: 0, status: null, problemCode: null, httpStatus: null, failure: null },
  ...{ providerCode: null, providerMessage: null },
  ...{ durationMs: null, requestedBy: "bob", requestId: null, note: null },
};
const events = [event, { ...event, at: 2 }, { ...event, at: 3, requestedBy: "alice" }];
