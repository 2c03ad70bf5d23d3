import { setTimeout as pause } from "node:timers/promises";
import type { ControlledInstance } from "./controlled-instance.ts";
import type { ChaosDatabase } from "./database.ts";
import { type Periods, recordPeriods } from "./periods.ts";
import { between, pick, type Random } from "./random.ts";

/**
 * `kill`: SIGKILL, and started again. `clock`: the clock of a running instance jumps, and most often back again.
 * `outage`: the database is away for longer than a lease. `freeze`: SIGSTOP for longer than a lease, then SIGCONT.
 */
export const disturbanceKinds = ["kill", "clock", "outage", "freeze"] as const;
export type DisturbanceKind = (typeof disturbanceKinds)[number];

export interface Disturbances {
  /** Draws some of these kinds and goes through with them, side by side. Resolves when they are over. */
  strike(kinds: readonly DisturbanceKind[]): Promise<void>;
  /** Every clock shows again what it showed at the start. */
  calm(): Promise<void>;
  /** How often each kind happened. */
  readonly counts: Readonly<Record<DisturbanceKind, number>>;
  /** When the database was away. */
  readonly outages: Periods;
  /** One line for each thing done, with its time. */
  readonly log: readonly string[];
}

/** How likely each kind is in a round. The last two take more than ten seconds. */
const likelihoods: Readonly<Record<DisturbanceKind, number>> = { kill: 0.6, clock: 0.5, outage: 0.15, freeze: 0.15 };

const jumpsMs = [5000, -5000, -20_000, 3_600_000, -3_600_000];

/** `skew` says how far the clock of an instance that starts again is off, ms. */
export function createDisturbances(
  instances: readonly ControlledInstance[],
  database: ChaosDatabase,
  leaseMs: number,
  random: Random,
  skew: (instance: ControlledInstance) => number,
): Disturbances {
  const counts = { kill: 0, clock: 0, outage: 0, freeze: 0 };
  const outages = recordPeriods();
  const log: string[] = [];
  let databaseBack: Promise<void> = Promise.resolve();
  const plans = { kill: planKill, clock: planClock, outage: planOutage, freeze: planFreeze };

  return {
    counts,
    outages,
    log,
    strike: async (kinds) => {
      const draw = () => kinds.filter((kind) => random() < likelihoods[kind]);
      let drawn = draw();
      while (drawn.length === 0 && kinds.length > 0) drawn = draw();
      for (const kind of drawn) counts[kind] += 1;
      // All that is random is drawn now, so that a seed gives the same plan again.
      await Promise.all(drawn.map((kind) => plans[kind]()).map((carryOut) => carryOut()));
    },
    calm: async () => {
      for (const instance of instances) await instance.exclusively(() => instance.setClock(instance.clockOffsetMs));
    },
  };

  function note(what: string): void {
    log.push(`${new Date().toISOString()} ${what}`);
  }

  function planKill(): () => Promise<void> {
    const [victim, afterMs] = [pick(instances, random), between(0, 600, random)];
    const clockOffsetMs = skew(victim);
    return async () => {
      await pause(afterMs);
      await victim.exclusively(async () => {
        note(`kill ${victim.name}`);
        await victim.kill();
        await databaseBack;
        victim.clockOffsetMs = clockOffsetMs;
        await victim.restart();
        note(`${victim.name} is back, its clock off by ${clockOffsetMs} ms`);
      });
    };
  }

  function planClock(): () => Promise<void> {
    const [victim, jumpMs, afterMs] = [pick(instances, random), pick(jumpsMs, random), between(0, 600, random)];
    const [stayMs, comesBack] = [between(500, 4000, random), random() < 0.7];
    return async () => {
      await pause(afterMs);
      await victim.exclusively(async () => {
        note(`the clock of ${victim.name} jumps to ${victim.clockOffsetMs + jumpMs} ms`);
        await victim.setClock(victim.clockOffsetMs + jumpMs);
        await pause(stayMs);
        if (!comesBack) return;
        note(`the clock of ${victim.name} jumps back`);
        await victim.setClock(victim.clockOffsetMs);
      });
    };
  }

  function planOutage(): () => Promise<void> {
    const [[kind, begin], forMs] = [pick(Object.entries(database.outages), random), longerThanLease()];
    const afterMs = between(800, 1800, random);
    return async () => {
      await pause(afterMs);
      // A start needs the database: those under way end first, and the next ones wait.
      await Promise.all(instances.map((instance) => instance.running()));
      const back = Promise.withResolvers<void>();
      databaseBack = back.promise;
      outages.begin();
      note(`database away: ${kind}`);
      const bringBack = await begin();
      await pause(forMs);
      await bringBack();
      outages.end();
      note("database back");
      back.resolve();
    };
  }

  function planFreeze(): () => Promise<void> {
    const [victim, afterMs, forMs] = [pick(instances, random), between(0, 600, random), longerThanLease()];
    return async () => {
      await pause(afterMs);
      await victim.exclusively(async () => {
        note(`freeze ${victim.name}`);
        victim.freeze();
        await pause(forMs);
        victim.thaw();
        note(`thaw ${victim.name}`);
      });
    };
  }

  function longerThanLease(): number {
    return leaseMs + between(1000, 3000, random);
  }
}
