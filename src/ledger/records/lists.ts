import { sql } from "kysely";
import type { Ledger } from "../../domain/ledger.ts";
import type { Store } from "../store.ts";
import { dueInMs, toCancellation } from "./rows.ts";

/** Lists for the back office, and numbers for the person on call. */
export function createPages(store: Store): Pick<Ledger, "page" | "backlog" | "unconfirmed"> {
  const { db } = store;
  return {
    page: async ({ provider = null, status = null, problemCode = null, first, after = null }) => {
      // By id, which grows with each new order and never changes: inserts and changed records do not shift the pages.
      let query = db.selectFrom("cancellations").selectAll().select(dueInMs(store)).orderBy("id", "desc").limit(first);
      if (provider !== null) query = query.where("provider", "=", provider);
      if (status !== null) query = query.where("status", "=", status);
      if (problemCode !== null) query = query.where("problem_code", "=", problemCode);
      if (after !== null) query = query.where("id", "<", after);
      return (await query.execute()).map(toCancellation);
    },

    backlog: async () => {
      // The status stands in the text, not as a parameter, because the index covers PENDING only. SQLite has to be told to use it.
      const { rows } = await sql<{ provider: string; open: number; oldest_age_ms: number }>`
        select provider, count(*) as open, ${store.now()} - min(requested_at) as oldest_age_ms
        from cancellations ${sql.raw(store.shared ? "" : "indexed by cancellations_due")}
        where status = 'PENDING' group by provider`.execute(db);
      return rows.map((row) => ({
        provider: row.provider,
        open: Number(row.open),
        oldestAgeMs: Math.max(0, row.oldest_age_ms),
      }));
    },

    unconfirmed: (providers) =>
      Promise.all(providers.map(async (provider) => ({ provider, orders: await countUnconfirmed(store, provider) }))),
  };
}

/** Counting goes no further than this: 10,000 entries of an index are read in about a millisecond, a million in a second. */
const mostCounted = 10_000;

async function countUnconfirmed({ db }: Store, provider: string): Promise<number> {
  const some = db
    .selectFrom("cancellations")
    .select("id")
    .where("provider", "=", provider)
    .where("status", "=", "UNCONFIRMED")
    .limit(mostCounted);
  const counted = await db
    .selectFrom(some.as("some"))
    .select((eb) => eb.fn.countAll<number>().as("orders"))
    .executeTakeFirst();
  return Number(counted?.orders ?? 0);
}
