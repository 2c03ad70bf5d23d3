import { type Kysely, sql } from "kysely";
import type { SteadyClock } from "../../domain/clock.ts";
import { singleFlight } from "../../util/single-flight.ts";
import type { Tables } from "../schema.ts";
import type { Store } from "../store.ts";

/** Keeps the waits in the ledger as long as they were meant to be, even if the ledger's clock jumps. */
export interface Times {
  /**
   * Corrects the waits after a jump of the ledger's clock. If this process keeps the clock, all waits move by exactly that jump.
   * If the database server keeps it, a wait that was written in the future (the clock was set back since) goes on from now.
   */
  mend(): Promise<void>;
  /** Whether leases that look expired are so. After a jump forward all look expired, and their holders need time to renew. */
  leasesHold(): boolean;
  /**
   * The ledger's time as it was last looked at, epoch ms; a jump since then is not in it. Undefined for an hour after a jump forward
   * was seen, and before the first look: what is deleted by a wrong clock does not come back.
   */
  provenNow(): number | undefined;
}

/**
 * Interval of the check for waits that lie in the future, ms. It also runs at once when the clock is seen to go back. Another instance
 * may have written them before.
 */
const checkEveryMs = 30_000;

/** The database server's clock has jumped if it gains or loses this much on our own clock between two readings, ms. */
const smallestStepMs = 1000;

/** How long nothing is deleted after a jump forward, ms: time for a clock that was wrong for a moment to be put right. */
const probationMs = 3_600_000;

/** `leaseMs`: the length of a lease; holders renew three times within it. */
export function createTimes(store: Store, leaseMs: number): Times {
  const { elapsed } = store.clock;
  let checkedAt = Number.NEGATIVE_INFINITY;
  let jumpedForwardAt = Number.NEGATIVE_INFINITY;
  let lastSeen: { at: number; now: number } | undefined;

  return {
    // One at a time: each jump is corrected once.
    mend: singleFlight(mend),
    // On SQLite the leases move with the clock.
    leasesHold: () => store.ownClock !== undefined || elapsed() >= jumpedForwardAt + leaseMs / 2,
    provenNow: () => {
      if (elapsed() < jumpedForwardAt + probationMs) return undefined;
      if (store.ownClock) return store.ownClock.now();
      return lastSeen && Math.round(lastSeen.now + elapsed() - lastSeen.at);
    },
  };

  async function mend(): Promise<void> {
    if (store.ownClock) await followSteps(store.ownClock);
    else if ((await watch()) < -smallestStepMs) checkedAt = Number.NEGATIVE_INFINITY;
    if (elapsed() - checkedAt < checkEveryMs) return;
    await store.transact(async (transaction) => {
      for (const wait of waits) await cutBack(transaction, store, wait);
    });
    checkedAt = elapsed();
  }

  /** Resolves to how much the database server's clock has gained since the last reading, ms. */
  async function watch(): Promise<number> {
    const at = elapsed();
    const { rows } = await sql<{ now: number }>`select ${store.now()} as now`.execute(store.db);
    const now = rows[0]?.now ?? 0;
    if (lastSeen && now - lastSeen.now > elapsed() - lastSeen.at + smallestStepMs) jumpedForwardAt = elapsed();
    const gainMs = lastSeen ? now - lastSeen.now - (at - lastSeen.at) : 0;
    lastSeen = { at, now };
    return gainMs;
  }

  /** Moves all waits into the new time, in one transaction. The ledger's clock follows only after that. */
  async function followSteps(clock: SteadyClock): Promise<void> {
    const stepMs = clock.stepMs();
    if (stepMs === 0) return;
    if (stepMs > 0) jumpedForwardAt = elapsed();
    await store.transact(async (transaction) => {
      for (const wait of waits) await move(transaction, wait, stepMs);
    });
    clock.follow(stepMs);
  }
}

interface Wait {
  table: string;
  key: string;
  /** Which rows wait. */
  waiting: string;
  /** When the waits were written. */
  setAt: string;
  /** Instants to come. */
  ends: readonly string[];
  /** Instants that have passed. */
  begins: readonly string[];
}

/** Every instant in the ledger that something waits for. */
const waits: readonly Wait[] = [
  {
    table: "cancellations",
    key: "id",
    waiting: "status = 'PENDING'",
    setAt: "due_set_at",
    ends: ["due_at", "turn_at"],
    begins: ["requested_at"],
  },
  {
    table: "announcements",
    key: "id",
    waiting: "due_at is not null",
    setAt: "due_set_at",
    ends: ["due_at"],
    begins: [],
  },
  {
    table: "provider_slots",
    key: "provider",
    waiting: "true",
    setAt: "set_at",
    ends: ["free_at", "held_until"],
    begins: [],
  },
];

async function move(transaction: Kysely<Tables>, wait: Wait, stepMs: number): Promise<void> {
  const columns = [...wait.ends, ...wait.begins, wait.setAt].map((column) => `${column} = ${column} + ${stepMs}`);
  await sql.raw(`update ${wait.table} set ${columns.join(", ")} where ${wait.waiting}`).execute(transaction);
}

/** What was written in the future goes on from now. A row that is locked is written at this moment. */
async function cutBack(transaction: Kysely<Tables>, store: Store, wait: Wait): Promise<void> {
  const [table, key, setAt] = [wait.table, wait.key, wait.setAt].map((text) => sql.raw(text));
  const now = store.now();
  const ends = wait.ends.map((each) => sql`${sql.raw(each)} = ${sql.raw(each)} - (${setAt} - ${now})`);
  const begins = wait.begins
    .map((each) => sql.raw(each))
    .map((each) => sql`${each} = case when ${each} > ${now} then ${now} else ${each} end`);
  await sql`
    with ahead as materialized (
      select ${key} from ${table} where ${sql.raw(wait.waiting)} and ${setAt} > ${now} order by ${key}
      ${sql.raw(store.shared ? "for no key update skip locked" : "")}
    )
    update ${table} set ${sql.join([...ends, ...begins])}, ${setAt} = ${now}
    where ${key} in (select ${key} from ahead)`.execute(transaction);
}
