import type { Rules } from "./kit/rules.ts";
import { sampleFaults, tooEarlyAgeMs } from "./kit/sample-orders.ts";
import { type Simulator, type SimulatorOptions, startSimulator } from "./kit/simulator.ts";
import { type ProviderName, rulesOf, simulatedProviders } from "./registry.ts";
import { firstLook, seeds } from "./seeds.ts";

export type { ProviderName } from "./registry.ts";
export { firstLook, seeds } from "./seeds.ts";

/** A simulator of every provider, with orders to try. */
export interface Simulators {
  readonly simulators: readonly Simulator[];
  /** The settings of all simulators in one. */
  readonly settings: Record<string, string>;
  /** For a first look: per provider one id that can be cancelled, one that is too late, one that is unknown. */
  readonly firstLook: typeof firstLook;
  close(): Promise<void>;
}

export interface SimulatorsOptions extends SimulatorOptions {
  /** Options of one simulator, which win over those of all. */
  optionsOf?(name: ProviderName): SimulatorOptions;
}

/** If a `port` is given, the first simulator takes that one, and each other one the next. */
export async function startSimulators({ optionsOf, ...options }: SimulatorsOptions = {}): Promise<Simulators> {
  const started = await Promise.allSettled(
    simulatedProviders.map((name, index) => {
      const port = options.port ? options.port + index : 0;
      return startOne(name, { ...options, port, ...optionsOf?.(name) });
    }),
  );
  const simulators = started.filter((result) => result.status === "fulfilled").map((result) => result.value);
  const close = async () => {
    await Promise.all(simulators.map((simulator) => simulator.close()));
  };
  const failure = started.find((result) => result.status === "rejected");
  if (failure !== undefined) {
    await close();
    throw failure.reason;
  }
  for (const simulator of simulators) addSamples(simulator, options.now ?? Date.now);
  return {
    simulators,
    settings: Object.assign({}, ...simulators.map((simulator) => simulator.settings)),
    firstLook,
    close,
  };
}

/** One provider's simulator, without any order. */
export function startOne(name: ProviderName, options: SimulatorOptions = {}): Promise<Simulator> {
  return startSimulator(name, rulesOf[name], options);
}

function addSamples(simulator: Simulator, now: () => number): void {
  const { open, completed } = seeds[simulator.provider];
  for (const id of open) simulator.add(id);
  for (const id of completed) simulator.add(id, { state: "completed" });
  const rules: Rules = rulesOf[simulator.provider];
  if (rules.samplesStayYoung) keepAge(simulator, rules.defaultOrderAgeMs, now);
  const { troubled } = rules.samples;
  for (const id of Object.values(troubled)) simulator.add(id);
  const onFirst = (id: string) => {
    if (id === troubled.tooEarly) simulator.add(id, { createdAt: now() - tooEarlyAgeMs });
  };
  simulator.faults(sampleFaults(troubled, onFirst));
}

/** So that a process that runs for long has some orders left to cancel. */
function keepAge(simulator: Simulator, ageMs: number, now: () => number): void {
  for (const order of simulator.orders.values()) {
    Object.defineProperty(order, "createdAt", { get: () => now() - ageMs, enumerable: true });
  }
}
