import type { Ledger } from "../domain/ledger.ts";
import type { Store } from "./store.ts";

/** Least time between two writes that only try whether the database takes any, ms. */
const writeEveryMs = 5000;

/** Whether this ledger can be worked with, and by whom. */
export function createChecks(store: Store): Pick<Ledger, "bindEnvironments" | "check"> {
  const { db } = store;
  let writtenAt = Number.NEGATIVE_INFINITY;

  return {
    bindEnvironments: (environments) =>
      store.transact(async (transaction) => {
        for (const { provider, host } of environments) {
          const bound = await transaction
            .selectFrom("provider_environments")
            .select("host")
            .where("provider", "=", provider)
            .executeTakeFirst();
          if (bound && bound.host !== host) {
            const used = transaction.selectFrom("cancellations").select("id").where("provider", "=", provider).limit(1);
            if (await used.executeTakeFirst()) throw new Error(otherEnvironment(provider, bound.host, host));
          }
          await transaction
            .insertInto("provider_environments")
            .values({ provider, host })
            .onConflict((conflict) => conflict.column("provider").doUpdateSet({ host }))
            .execute();
        }
      }),

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

function otherEnvironment(provider: string, bound: string, host: string): string {
  return `it holds ${provider} orders of ${bound}, and ${provider} is now set to ${host}; give each environment a database of its own`;
}
