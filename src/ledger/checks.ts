import type { Ledger } from "../domain/ledger.ts";
import type { Store } from "./store.ts";

/** Least time between two writes that only try whether the database takes any, ms. */
const writeEveryMs = 5000;

export function createChecks(store: Store): Pick<Ledger, "check"> {
  const { db } = store;
  let writtenAt = Number.NEGATIVE_INFINITY;

  return {
    check: async () => {
      // A table of ours: a database that answers but lost them is as good as away.
      await db.selectFrom("cancellations").select("id").limit(1).execute();
      if (store.clock.elapsed() - writtenAt < writeEveryMs) return;
      // A full disk, a file that became read-only and a copy that is no primary yet all answer reads.
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
