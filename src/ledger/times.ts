import { type Kysely, sql } from "kysely";
import { cutBackAnnouncements, moveAnnouncements } from "./announcements.ts";
import type { Tables } from "./schema.ts";
import type { SteadyClock } from "./sqlite/steady-clock.ts";
import type { Store } from "./store.ts";

/** Keeps the waits in the ledger as long as they were meant to be, even if the ledger's clock jumps. */
export interface Times {
  /**
   * Corrects the waits after a jump of the ledger's clock. If this process keeps the clock, all waits move by exactly that jump.
   * If the database server keeps it, a wait that was written in the future (the clock was set back since) goes on from now.
   */
  mend(): Promise<void>;
  /** Whether leases that look expired are so. After a jump forward all look expired, and their holders need time to renew. */
  leasesHold(): boolean;
}

/**
 * How often waits that were written in the future are looked for, ms, beside whenever the clock is seen to go back: another instance
 * may have written them before it did.
 */
const checkEveryMs = 30_000;

/** The database server's clock has jumped if it gains or loses this much on our own clock between two readings, ms. */
const smallestStepMs = 1000;

/** `leaseMs`: the length of a lease; holders renew three times within it. */
export function createTimes(store: Store, leaseMs: number): Times {
  const { elapsed } = store.clock;
  let checkedAt = Number.NEGATIVE_INFINITY;
  let distrustUntil = Number.NEGATIVE_INFINITY;
  let lastSeen: { at: number; now: number } | undefined;
  let mending: Promise<void> | undefined;

  return {
    mend: () => {
      // One at a time: each jump is corrected once.
      mending ??= mend().finally(() => {
        mending = undefined;
      });
      return mending;
    },
    leasesHold: () => elapsed() >= distrustUntil,
  };

  async function mend(): Promise<void> {
    if (store.ownClock) await followSteps(store, store.ownClock);
    else if ((await watch()) < -smallestStepMs) checkedAt = Number.NEGATIVE_INFINITY;
    if (elapsed() - checkedAt < checkEveryMs) return;
    await store.transact((transaction) => cutBack(transaction, store));
    checkedAt = elapsed();
  }

  /** Resolves to how much the database server's clock has gained since the last reading, ms. */
  async function watch(): Promise<number> {
    const at = elapsed();
    const { rows } = await sql<{ now: number }>`select ${store.now()} as now`.execute(store.db);
    const now = rows[0]?.now ?? 0;
    if (lastSeen && now - lastSeen.now > elapsed() - lastSeen.at + smallestStepMs)
      distrustUntil = elapsed() + leaseMs / 2;
    const gainMs = lastSeen ? now - lastSeen.now - (at - lastSeen.at) : 0;
    lastSeen = { at, now };
    return gainMs;
  }
}

/** Moves all waits into the new time, in one transaction. The ledger's clock follows only after that. */
async function followSteps(store: Store, clock: SteadyClock): Promise<void> {
  const stepMs = clock.stepMs();
  if (stepMs === 0) return;
  await store.transact((transaction) => moveAll(transaction, stepMs));
  clock.follow(stepMs);
}

async function moveAll(transaction: Kysely<Tables>, stepMs: number): Promise<void> {
  await moveAnnouncements(transaction, stepMs);
  const by = sql.lit(stepMs);
  await transaction
    .updateTable("cancellations")
    .set((eb) => ({
      due_at: eb("due_at", "+", by),
      due_set_at: eb("due_set_at", "+", by),
      turn_at: eb("turn_at", "+", by),
      requested_at: eb("requested_at", "+", by),
    }))
    .where("status", "=", sql.lit("PENDING"))
    .execute();
  await transaction
    .updateTable("provider_slots")
    .set((eb) => ({
      free_at: eb("free_at", "+", by),
      held_until: eb("held_until", "+", by),
      set_at: eb("set_at", "+", by),
    }))
    .execute();
}

async function cutBack(transaction: Kysely<Tables>, store: Store): Promise<void> {
  await cutBackAnnouncements(transaction, store);
  await transaction
    .with(
      (cte) => cte("ahead").materialized(),
      (query) => {
        const rows = query
          .selectFrom("cancellations")
          .select("id")
          .where("status", "=", sql.lit("PENDING"))
          .where("due_set_at", ">", store.now())
          .orderBy("id");
        return store.shared ? rows.forNoKeyUpdate().skipLocked() : rows;
      },
    )
    .updateTable("cancellations")
    .set({
      due_at: sql<number>`due_at - (due_set_at - ${store.now()})`,
      turn_at: sql<number>`turn_at - (due_set_at - ${store.now()})`,
      due_set_at: store.now(),
      requested_at: sql<number>`case when requested_at > ${store.now()} then ${store.now()} else requested_at end`,
    })
    .where("id", "in", (eb) => eb.selectFrom("ahead").select("ahead.id"))
    .execute();
  await transaction
    .updateTable("provider_slots")
    .set({
      free_at: sql<number>`free_at - (set_at - ${store.now()})`,
      held_until: sql<number>`held_until - (set_at - ${store.now()})`,
      set_at: store.now(),
    })
    .where("set_at", ">", store.now())
    .execute();
}
