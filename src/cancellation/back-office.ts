import type { Cancellation, OrderKey } from "../domain/cancellation.ts";
import type { Emit } from "../domain/events.ts";
import type { Ledger, Resolution } from "../domain/ledger.ts";
import type { Pauses } from "./pauses.ts";

/** What people do by hand. */
export interface BackOffice {
  /** Records what the provider told a person about these distinct orders. Undefined for each that is not UNCONFIRMED: it is not changed. */
  resolve(orders: readonly OrderKey[], resolution: Resolution): Promise<(Cancellation | undefined)[]>;
  /** Stops or starts all requests to a provider, in all instances. */
  setPaused: Pauses["set"];
  /** Whether nothing is sent to the provider now. */
  isPaused(provider: string): boolean;
}

export function createBackOffice(ledger: Pick<Ledger, "resolve">, pauses: Pauses, emit: Emit): BackOffice {
  return {
    setPaused: pauses.set,
    isPaused: (provider) => pauses.of(provider) !== undefined,

    resolve: async (orders, resolution) => {
      const { status, requestId } = resolution;
      const resolved = await ledger.resolve(orders, resolution);
      const changed = resolved.filter((record) => record !== undefined);
      for (const [provider, { length }] of Map.groupBy(changed, (record) => record.provider)) {
        emit({ event: "resolved", provider, outcomes: { [status]: length }, requestId: requestId ?? undefined });
      }
      return resolved;
    },
  };
}
