import type { Cancellations } from "../cancellation/cancellations.ts";
import type { Pauses } from "../cancellation/pauses.ts";
import type { ProviderSetup } from "../domain/provider.ts";
import { isTestAddress, type ProviderName, providers } from "../providers/registry.ts";
import type { CancellationProvider } from "./types.ts";

/** What each provider allows, and whether and how it is set up here. */
export function readCatalogue(
  configured: readonly { name: ProviderName; setup: ProviderSetup }[],
  { circuit }: Pick<Cancellations, "circuit">,
  pauses: Pick<Pauses, "of">,
): CancellationProvider[] {
  return configured.map(({ name, setup }) => {
    const pause = pauses.of(name);
    const provider = providers[name];
    return {
      provider: name,
      configured: setup.connect !== undefined,
      sandbox: isTestAddress(setup),
      paused: pause !== undefined,
      pausedAt: pause && pause.pausedAt !== null ? new Date(pause.pausedAt) : null,
      pausedReason: pause?.reason ?? null,
      circuit: circuit(name) ?? null,
      maxBatchSize: setup.maxBatchSize,
      minIntervalMs: setup.minIntervalMs,
      statusLookup: provider.statusLookup,
      cancellableWhen: provider.cancellableWhen,
      cancellableAfterSeconds: provider.cancellableAfterSeconds,
      autoCancelledAfterSeconds: provider.autoCancelledAfterSeconds,
      documentationUrl: provider.documentationUrl,
    };
  });
}
