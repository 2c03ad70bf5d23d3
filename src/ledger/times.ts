import { sql } from "kysely";
import type { Store } from "./store.ts";

/** Keeps the waits in the ledger what they were meant to be, whatever the ledger's clock does. */
export interface Times {
  /**
   * A wait that was written in the future (the clock has been set back since) goes on from now. If this process has seen the
   * clock step forward, nothing becomes due by that.
   */
  mend(): Promise<void>;
}

/** Steps of a clock that this process cannot watch are looked for this often, ms. */
const checkEveryMs = 5000;

export function createTimes(store: Store): Times {
  let checkedAt = Number.NEGATIVE_INFINITY;
  /** Seen, and not made good yet. */
  let stepMs = 0;

  return {
    mend: async () => {
      stepMs += store.stepMs();
      if (stepMs === 0 && store.clock.elapsed() - checkedAt < checkEveryMs) return;
      if (stepMs > 0) await delayAll(store, stepMs);
      stepMs = 0;
      await cutBack(store);
      checkedAt = store.clock.elapsed();
    },
  };
}

async function delayAll({ db }: Store, ms: number): Promise<void> {
  const by = sql.lit(Math.round(ms));
  await db
    .updateTable("cancellations")
    .set((eb) => ({ due_at: eb("due_at", "+", by), due_set_at: eb("due_set_at", "+", by) }))
    .where("status", "=", sql.lit("PENDING"))
    .execute();
  await db
    .updateTable("provider_slots")
    .set((eb) => ({
      free_at: eb("free_at", "+", by),
      held_until: eb("held_until", "+", by),
      set_at: eb("set_at", "+", by),
    }))
    .execute();
}

async function cutBack(store: Store): Promise<void> {
  const { db } = store;
  await db
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
      due_set_at: store.now(),
      requested_at: sql<number>`case when requested_at > ${store.now()} then ${store.now()} else requested_at end`,
    })
    .where("id", "in", (eb) => eb.selectFrom("ahead").select("ahead.id"))
    .execute();
  await db
    .updateTable("provider_slots")
    .set({
      free_at: sql<number>`free_at - (set_at - ${store.now()})`,
      held_until: sql<number>`held_until - (set_at - ${store.now()})`,
      set_at: store.now(),
    })
    .where("set_at", ">", store.now())
    .execute();
}
