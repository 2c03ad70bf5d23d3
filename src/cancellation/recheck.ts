import { type Cancellation, type OrderKey, type OrdersRequest, orderKeyText } from "../domain/cancellation.ts";
import type { Emit } from "../domain/events.ts";
import type { Ledger } from "../domain/ledger.ts";
import type { LookupResult } from "../domain/outcome.ts";
import { within } from "../util/within.ts";
import { afterRecheck } from "./decide/after-lookup.ts";
import { detailsOf } from "./decide/progress.ts";
import type { Asker, Unasked } from "./sending/asker.ts";

export interface Rechecked {
  /** One per order, in order, as it stands afterwards; undefined if its cancel was never asked for. */
  records: (Cancellation | undefined)[];
  /** The UNCONFIRMED orders that were not looked up in time, with the reason. */
  unasked: NotRechecked[];
}

export interface NotRechecked {
  order: OrderKey;
  /** `unanswered`: the provider was asked, and what it answers will be recorded. */
  why: Unasked["why"] | "unanswered";
}

export interface RecheckOptions {
  ledger: Pick<Ledger, "read" | "recordLookups">;
  /** Undefined if the provider is not set up. */
  askerOf(provider: string): Asker | undefined;
  /** Longest wait for providers, ms. */
  waitMs: number;
  elapsed(): number;
  emit: Emit;
}

/**
 * Looks these distinct orders up once more, if they are UNCONFIRMED. A record stays UNCONFIRMED until an answer is written to it: whatever
 * happens to this process meanwhile, nothing is lost but a look-up, which can be asked for again. Two at the same moment are two
 * look-ups; what was settled or asked for anew meanwhile is not changed. Rejects if the ledger does.
 */
export function createRecheck({ ledger, askerOf, waitMs, elapsed, emit }: RecheckOptions) {
  return async (orders: readonly OrderKey[], request: OrdersRequest): Promise<Rechecked> => {
    const { requestedBy, requestId = null, ageMs = 0 } = request;
    const deadline = elapsed() + Math.max(0, waitMs - ageMs);
    const unconfirmed = (await ledger.read(orders)).filter((record) => record?.status === "UNCONFIRMED");
    /** Those that were neither answered nor given up. */
    const open = new Map(unconfirmed.flatMap((record) => (record ? [[orderKeyText(record), record] as const] : [])));
    const unasked: NotRechecked[] = [];
    const asking = [...Map.groupBy(open.values(), ({ provider }) => provider)].map(([provider, records]) =>
      ask(provider, records),
    );
    const all = Promise.all(asking);
    // It may fail after this request was answered.
    all.catch((error) => emit({ event: "recheck-failed", error }));
    await within(Math.max(0, deadline - elapsed()), all, undefined);
    for (const order of open.values()) unasked.push({ order, why: "unanswered" });
    return { records: await ledger.read(orders), unasked };

    async function ask(provider: string, records: readonly Cancellation[]): Promise<void> {
      const asker = askerOf(provider);
      if (!asker) throw new Error(`${provider} is not set up`);
      const notAsked = await asker.ask(records, deadline, (asked, results, durationMs) =>
        write(provider, asked, results, durationMs),
      );
      for (const { order, why } of notAsked) {
        open.delete(orderKeyText(order));
        unasked.push({ order, why });
      }
    }

    async function write(
      provider: string,
      asked: readonly OrderKey[],
      results: readonly LookupResult[],
      durationMs: number,
    ): Promise<void> {
      const lookups = asked.flatMap((order, index) => {
        const [record, result] = [open.get(orderKeyText(order)), results[index]];
        if (!record || !result) return [];
        const event = { ...detailsOf(result), durationMs, requestedBy, requestId };
        return { record, progress: afterRecheck(record, result), event };
      });
      const written = await ledger.recordLookups(lookups);
      for (const order of asked) open.delete(orderKeyText(order));
      const ends = written.flatMap((record) => record?.status ?? []);
      for (const status of ["CANCELLED", "REJECTED"] as const) {
        const orders = ends.filter((each) => each === status).length;
        if (orders > 0) emit({ event: "settled", provider, orders, outcomes: { [status]: orders } });
      }
    }
  };
}
