import { setTimeout as pause } from "node:timers/promises";
import type { Simulators } from "../../src/simulators/simulators.ts";
import { type OrderText, orderText, readStatuses } from "./client.ts";
import { type ControlledInstance, startControlledInstance } from "./controlled-instance.ts";
import type { ChaosDatabase } from "./database.ts";
import { createDisturbances, type DisturbanceKind, disturbanceKinds } from "./disturbances.ts";
import { nextFault } from "./faults.ts";
import { createLoad, type Load } from "./load.ts";
import { createRandom, pick, type Random } from "./random.ts";
import { startReaders } from "./readers.ts";
import { type FailingReceiver, startFailingReceiver } from "./receiver.ts";
import { createReport, type Report } from "./report.ts";

export interface ChaosOptions {
  /** How often new orders are asked for while something is disturbed. */
  rounds: number;
  instances: number;
  database: ChaosDatabase;
  /** Makes the run repeatable as far as processes are. */
  seed: number;
  /** What may happen; all of it by default. */
  disturb?: readonly Disturbance[];
  /** Told of each round that is over, and then how many orders are not settled yet. */
  onProgress?: (text: string) => void;
}

/**
 * Beside what happens in rounds, for the whole run: `skew`, a clock that is off by 15 minutes (of several instances the
 * last one's; that of a single one whenever it starts, or not); `late`, lost answers whose effect comes some seconds later; `greedy`, a
 * caller who asks for much in each round.
 */
export type Disturbance = DisturbanceKind | "skew" | "late" | "greedy";
export const allDisturbances: readonly Disturbance[] = [...disturbanceKinds, "skew", "late", "greedy"];

/** All simulators run in the caller's process and survive whatever happens to the instances. */
export async function runChaos(startSimulators: StartSimulators, options: ChaosOptions): Promise<Report> {
  const { database, seed, disturb = allDisturbances, onProgress = () => {} } = options;
  const { simulators, settings, close } = await startSimulators({
    minIntervalMs: 100,
    jointLimit: seed % 2 === 0,
    remember: 1_000_000,
  });
  const skew = createSkew(options.instances, disturb.includes("skew"), createRandom(seed + 1));
  const receiver = await startFailingReceiver(createRandom(seed + 5));
  const answered = new Map<string, ControlledInstance>();
  const instances: ControlledInstance[] = [];
  try {
    for (let index = 0; index < options.instances; index += 1) {
      const all = { ...hurried, ...settings, ...receiver.settings, DATABASE_URL: database.url };
      const onAnswer = (request: string, by: ControlledInstance) => answered.set(request, by);
      instances.push(await startControlledInstance(`instance-${index}`, all, skew(index), onAnswer));
    }
    const disturbances = createDisturbances(instances, database, leaseMs, createRandom(seed + 2), (instance) =>
      skew(instances.indexOf(instance)),
    );
    const load = createLoad(simulators, instances, createRandom(seed + 3));
    const readers = startReaders(simulators, instances, createRandom(seed + 6));
    const [random, faultRandom] = [createRandom(seed), createRandom(seed + 4)];
    for (const simulator of simulators) {
      simulator.faults((request) => nextFault(simulator.provider, request, disturb.includes("late"), faultRandom));
    }

    for (let round = 0; round < options.rounds; round += 1) {
      const asking = load.ask(round, disturb.includes("greedy"));
      await pause(random() * 600);
      await disturbances.strike(disturbanceKinds.filter((kind) => disturb.includes(kind)));
      await asking;
      onProgress(`round ${round + 1} of ${options.rounds} is over`);
    }

    for (const simulator of simulators) simulator.faults(undefined);
    await disturbances.calm();
    // A provider that checks timestamps answers nothing of use to an instance whose clock is off: in the end it is set right.
    await Promise.all(instances.map((instance) => instance.setClock(0)));
    const url = instances[0]?.url ?? "";
    const statuses = await settledStatuses(url, simulators, load, onProgress);
    await lateEffects(simulators);
    await readers.stop();
    await allAnnounced(receiver, statuses, onProgress);
    const evidence = { simulators, answered, outages: disturbances.outages };
    return await createReport({ statuses, load, readers, evidence, receiver, disturbances, url });
  } finally {
    await Promise.all(instances.map((instance) => instance.kill()));
    await close();
    await receiver.close();
  }
}

type StartSimulators = (options: {
  minIntervalMs: number;
  jointLimit: boolean;
  remember: number;
}) => Promise<Simulators>;

/** As short as the service accepts: ten seconds more than an exchange with a provider may take. */
const leaseMs = 10_400;

/** Everything as in production, in a tenth of the time or less. */
const hurried = {
  SANDBOX: "false",
  CANCEL_WAIT_MS: "1500",
  PROVIDER_TIMEOUT_MS: "400",
  RETRY_DELAYS_MS: "50,100,200,400",
  LOOKUP_DELAYS_MS: "100,200,400,800,800,800",
  LEASE_MS: String(leaseMs),
};

/** How far the clock of an instance is off when it starts, ms. */
function createSkew(instances: number, skewed: boolean, random: Random): (index: number) => number {
  const offsetMs = pick([15 * 60_000, -15 * 60_000], random);
  if (!skewed) return () => 0;
  if (instances > 1) return (index) => (index === instances - 1 ? offsetMs : 0);
  return () => pick([0, offsetMs, -offsetMs], random);
}

/** Status by order once nothing is PENDING, or after four minutes as it is then. */
async function settledStatuses(
  url: string,
  simulators: Simulators["simulators"],
  load: Load,
  onProgress: (text: string) => void,
): Promise<Map<OrderText, string>> {
  const known = simulators.flatMap(({ provider, orders }) => [...orders.keys()].map((id) => orderText(provider, id)));
  const all = [...new Set([...known, ...load.accepted.keys()])];
  const deadline = Date.now() + 240_000;
  for (;;) {
    const isLast = Date.now() > deadline;
    // The database may have come back this very moment.
    const statuses = await readStatuses(url, all).catch((error) => {
      if (isLast) throw error;
    });
    const open = [...(statuses?.values() ?? [])].filter((status) => status === "PENDING").length;
    if (statuses && (isLast || open === 0)) return statuses;
    onProgress(`${open} orders are not settled`);
    await pause(1000);
  }
}

/** Resolves when all are announced, or after two minutes: a try of an instance that was killed is made again after 30 s. */
async function allAnnounced(
  receiver: FailingReceiver,
  statuses: ReadonlyMap<OrderText, string>,
  onProgress: (text: string) => void,
): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const missing = receiver.unannounced(statuses).length;
    if (missing === 0 || Date.now() > deadline) return;
    onProgress(`${missing} orders are not announced`);
    await pause(1000);
  }
}

/** What was settled too early shows only when the last effect has come. */
async function lateEffects(simulators: Simulators["simulators"]): Promise<void> {
  const comeAt = simulators.flatMap(({ received }) =>
    received.map(({ at, fault }) => (fault && "effectAfterMs" in fault ? at + (fault.effectAfterMs ?? 0) : 0)),
  );
  const last = comeAt.reduce((latest, each) => Math.max(latest, each), 0);
  await pause(Math.max(0, last + 100 - Date.now()));
}
