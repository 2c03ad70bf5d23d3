import { startFinpay } from "./finpay.ts";
import type { Simulator, SimulatorOptions } from "./kit/simulator.ts";
import { startKwikpaisa } from "./kwikpaisa.ts";
import { startOnramp } from "./onramp.ts";
import { firstLook, seeds } from "./seeds.ts";
import { startSms4sats } from "./sms4sats.ts";
import { startTronsave } from "./tronsave.ts";

export { firstLook, seeds } from "./seeds.ts";

/** All five simulators with orders to try. */
export interface Simulators {
  readonly simulators: readonly Simulator[];
  /** The merged settings of all five. */
  readonly settings: Record<string, string>;
  /** For a first look: per provider one id that can be cancelled, one that is too late, one nobody knows. */
  readonly firstLook: Readonly<
    Record<Simulator["provider"], { cancellable: string; tooLate: string; unknown: string }>
  >;
  close(): Promise<void>;
}

export interface SimulatorsOptions extends SimulatorOptions {
  /** Tronsave's rate limit: least time between two requests; 2000 by default. */
  minIntervalMs?: number;
}

/** Where a `port` is given, the five take that one and the four after it. */
export async function startSimulators(options: SimulatorsOptions = {}): Promise<Simulators> {
  const starts = [startFinpay, startKwikpaisa, startOnramp, startSms4sats, startTronsave];
  const started = await Promise.allSettled(
    starts.map((start, index) => start({ ...options, port: options.port ? options.port + index : 0 })),
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
  for (const simulator of simulators) seed(simulator, options.now ?? Date.now);
  return {
    simulators,
    settings: Object.assign({}, ...simulators.map((simulator) => simulator.settings)),
    firstLook,
    close,
  };
}

function seed(simulator: Simulator, now: () => number): void {
  const { open, completed } = seeds[simulator.provider];
  for (const id of open) simulator.add(id);
  for (const id of completed) simulator.add(id, { state: "completed" });
  if (simulator.provider === "SMS4SATS") keepCancellable(simulator, now);
}

/** sms4sats cancels by itself after 21 minutes. Its seeds stay ten minutes old, so that a long-running process has some left. */
function keepCancellable(simulator: Simulator, now: () => number): void {
  for (const order of simulator.orders.values()) {
    Object.defineProperty(order, "createdAt", { get: () => now() - 10 * 60_000, enumerable: true });
  }
}
