import type { StartingEvent } from "../domain/events.ts";
import type { ProviderSetup } from "../domain/provider.ts";
import { proxyFor } from "../egress/proxies.ts";
import { isTestAddress } from "../providers/registry.ts";
import type { Simulators } from "../simulators/simulators.ts";
import { type Config, readConfig } from "./config.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Without credentials, or with SANDBOX, the simulators are started and add their own settings. They are loaded only then. */
export async function configure(
  environment: Environment,
): Promise<{ config: Config; simulators: Simulators | undefined }> {
  const asked = readConfig(environment);
  if (!asked.simulated) return { config: asked, simulators: undefined };
  const setups = new Map<string, ProviderSetup>(asked.providers.map(({ name, setup }) => [name, setup]));
  const { startSimulators } = await import("../simulators/simulators.ts");
  const simulators = await startSimulators({
    optionsOf: (name) => ({
      minIntervalMs: setups.get(name)?.minIntervalMs ?? undefined,
      jointLimit: setups.get(name)?.ownLookupLimit === false,
    }),
  });
  const config = readConfig({ ...withoutFilesOf(simulators.settings, environment), ...simulators.settings });
  // With the simulators' own keys it looks like a service with real ones.
  return { config: { ...config, simulated: true }, simulators };
}

/** A simulator's key takes the place of the real one, also if that one is in a file. */
function withoutFilesOf(settings: Environment, environment: Environment): Environment {
  const files = Object.keys(settings).map((name) => `${name}_FILE`);
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !files.includes(name)));
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
