import type { Cancellation } from "../domain/cancellation.ts";
import type { Emit } from "../domain/events.ts";
import type { Ledger, Resolution } from "../domain/ledger.ts";
import type { Pauses } from "./pauses.ts";

/** What people do by hand. */
export interface BackOffice {
  /** Records what the provider told a person. Resolves to undefined if the order is not UNCONFIRMED, and changes nothing. */
  resolve(resolution: Resolution): Promise<Cancellation | undefined>;
  /** Stops or starts all requests to a provider, in all instances. */
  setPaused: Pauses["set"];
  /** Whether nothing is sent to the provider now. */
  isPaused(provider: string): boolean;
}

export function createBackOffice(ledger: Pick<Ledger, "resolve">, pauses: Pauses, emit: Emit): BackOffice {
  return {
    setPaused: pauses.set,
    isPaused: (provider) => pauses.of(provider) !== undefined,

    resolve: async (resolution) => {
      const resolved = await ledger.resolve(resolution);
      if (resolved) {
        const { provider, status, requestId } = resolution;
        emit({ event: "resolved", provider, outcomes: { [status]: 1 }, requestId: requestId ?? undefined });
      }
      return resolved;
    },
  };
}
