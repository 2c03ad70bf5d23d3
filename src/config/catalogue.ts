import type { CancellationProvider } from "../api/types.ts";
import type { Cancellations } from "../cancellation/cancellations.ts";
import type { Pauses } from "../cancellation/pauses.ts";
import type { StartingEvent } from "../domain/events.ts";
import type { ProviderSetup } from "../domain/provider.ts";
import { proxyFor } from "../egress/proxies.ts";
import { providers } from "../providers/registry.ts";
import { isLoopback } from "../util/loopback.ts";
import type { Config } from "./config.ts";

/** What each provider allows, and whether and how it is set up here. */
export function readCatalogue(
  config: Pick<Config, "providers">,
  { circuit }: Pick<Cancellations, "circuit">,
  pauses: Pick<Pauses, "of">,
): CancellationProvider[] {
  return config.providers.map(({ name, setup }) => {
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

/** Which providers this instance serves, and how. */
export function describeStart(config: Pick<Config, "providers" | "simulated" | "proxies">): StartingEvent {
  const { providers, simulated, proxies } = config;
  const setUp = providers.filter(({ setup }) => setup.connect);
  const namesOf = (some: Config["providers"]) => some.map(({ name }) => name);
  return {
    event: "starting",
    setUp: namesOf(setUp),
    paused: namesOf(setUp.filter(({ paused }) => paused)),
    simulated: simulated ? namesOf(setUp) : [],
    testEnvironment: simulated ? [] : namesOf(setUp.filter(({ setup }) => isTestAddress(setup))),
    proxied: namesOf(setUp.filter(({ setup }) => proxyFor(proxies, setup.baseUrl) !== null)),
  };
}

/** Whether the vendor calls this host a test environment, or the host is this machine, which is never a real provider. */
export function isTestAddress({ baseUrl, testHosts }: Pick<ProviderSetup, "baseUrl" | "testHosts">): boolean {
  return testHosts.includes(baseUrl.hostname) || isLoopback(baseUrl.hostname);
}
