import type { Ledger } from "../../domain/ledger.ts";
import type { Store } from "../store.ts";

/** Least time between two writes that only test whether the database takes writes, ms. */
const writeEveryMs = 5000;

export function createChecks(store: Store): Pick<Ledger, "check"> {
  const { db } = store;
  let writtenAt = Number.NEGATIVE_INFINITY;

  return {
    check: async () => {
      // One of our tables: a database that answers but has lost them is of no use.
      await db.selectFrom("cancellations").select("id").limit(1).execute();
      if (store.clock.elapsed() - writtenAt < writeEveryMs) return;
      // A database on a full disk, a read-only file or a replica that is not yet the primary still answers reads.
      await store.transact((transaction) =>
        transaction
          .insertInto("ledger_checks")
          .values({ id: 1, checked_at: store.now() })
          .onConflict((conflict) => conflict.column("id").doUpdateSet({ checked_at: store.now() }))
          .execute(),
      );
      writtenAt = store.clock.elapsed();
    },
  };
}
