import { type RawBuilder, sql } from "kysely";
import type { CancellationStatus } from "../../domain/cancellation.ts";
import type { Ledger, RecordCount } from "../../domain/ledger.ts";
import { type ProblemCode, problemCodes } from "../../domain/outcome.ts";
import type { Store } from "../store.ts";

/** Numbers for the person on call. */
export function createCounts(store: Store): Pick<Ledger, "backlog" | "unconfirmed" | "counts" | "settledByMinute"> {
  const { db } = store;
  return {
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

    counts: async (providers) => {
      const groups = providers.flatMap((provider) => states.map((state) => ({ of_provider: provider, ...state })));
      const [with_, without] = [groups.filter(hasProblem), groups.filter((group) => !hasProblem(group))];
      const { rows } = await sql<CountRow>`
        ${count(store, with_, sql`problem_code = of_problem`)} union all
        ${count(store, without, sql`problem_code is null`)}`.execute(db);
      return rows.flatMap(toCount);
    },

    settledByMinute: async (minutes) => {
      // A number, so that PostgreSQL knows how few records it asks for: its clock may tell another time for each of them.
      const {
        rows: [clock],
      } = await sql<{ now: number }>`select ${store.now()} as now`.execute(db);
      const since = (Math.floor((clock?.now ?? 0) / 60_000) - minutes) * 60_000;
      const { rows } = await sql<{ provider: string; status: CancellationStatus; minute: number; records: number }>`
        select provider, status, settled_at / ${minuteMs} as minute, count(*) as records from cancellations
        where settled_at >= ${since}
        group by provider, status, settled_at / ${minuteMs}`.execute(db);
      return rows
        .map(({ provider, status, minute, records }) => ({
          provider,
          status,
          minute: minute * 60_000,
          count: Number(records),
        }))
        .sort((a, b) => a.minute - b.minute);
    },
  };
}

/** In the text of the statement: a group must be the same expression as the selected one. */
const minuteMs = sql.lit(60_000);

/** Counting goes no further than this: 10,000 entries of an index are read in about a millisecond, a million in a second. */
const mostCounted = 10_000;

/** How a record can stand. */
const states = (["PENDING", "CANCELLED", "REJECTED", "UNCONFIRMED"] satisfies CancellationStatus[]).flatMap((status) =>
  [null, ...problemCodes].map((problem) => ({ of_status: status, of_problem: problem })),
);

interface CountRow {
  of_provider: string;
  of_status: CancellationStatus;
  of_problem: ProblemCode | null;
  records: number;
  oldest: number | null;
}

type Group = Pick<CountRow, "of_provider" | "of_status" | "of_problem">;

function hasProblem({ of_problem }: Group): boolean {
  return of_problem !== null;
}

/** Of each group, the number and the oldest, by one index: PostgreSQL needs its columns named to see that it need not sort. */
function count(store: Store, groups: readonly Group[], sameProblem: RawBuilder<unknown>): RawBuilder<unknown> {
  const rows = store.rows(
    { of_provider: "text", of_status: "text", of_problem: "text" },
    groups.map((group) => ({ ...group })),
  );
  const group = sql`from cancellations where provider = of_provider and status = of_status and ${sameProblem}`;
  return sql`
    select of_provider, of_status, of_problem,
      (select count(*) from (select 1 ${group} limit ${sql.lit(mostCounted)}) as counted) as records,
      (select requested_at ${group} order by problem_code, requested_at limit 1) as oldest
    from ${rows} as asked`;
}

function toCount({ of_provider, of_status, of_problem, records, oldest }: CountRow): RecordCount[] {
  if (oldest === null) return [];
  const count = Number(records);
  return [{ provider: of_provider, status: of_status, problemCode: of_problem, count, oldestRequestedAt: oldest }];
}

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
