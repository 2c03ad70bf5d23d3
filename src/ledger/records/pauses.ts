import type { Ledger } from "../../domain/ledger.ts";
import type { Store } from "../store.ts";

/** Which providers an operator has paused: a row for each. All instances read it. */
export function createPauses({ db, now }: Store): Pick<Ledger, "pauses" | "setPaused"> {
  return {
    pauses: async () => {
      const rows = await db.selectFrom("provider_pauses").selectAll().execute();
      return rows.map((row) => ({ provider: row.provider, pausedAt: row.paused_at, reason: row.reason }));
    },

    setPaused: async (provider, paused, reason) => {
      if (!paused) {
        await db.deleteFrom("provider_pauses").where("provider", "=", provider).execute();
        return;
      }
      await db
        .insertInto("provider_pauses")
        .values({ provider, paused_at: now(), reason })
        // Paused again, it is paused since the first time.
        .onConflict((conflict) => conflict.column("provider").doUpdateSet({ reason }))
        .execute();
    },
  };
}
