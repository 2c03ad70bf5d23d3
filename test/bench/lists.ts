import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { systemClock } from "../../src/domain/clock.ts";
import type { Ledger, PageFilter } from "../../src/domain/ledger.ts";
import { startPostgres } from "../support/postgres.ts";
import { built } from "./built.ts";
import { median } from "./numbers.ts";

const { openLedger } = await built("ledger/open.js");

export interface ListsOptions {
  folder: string;
  /** How many records each ledger holds. */
  orders: number;
  /** How often each list is asked for. */
  rounds: number;
}

/** How long one list takes, ms. */
export interface ListTime {
  list: string;
  store: "SQLite" | "PostgreSQL";
  medianMs: number;
  longestMs: number;
  /** Of the first part; fewer than the page holds if the search was ended. */
  records: number;
}

/** What the console and back offices ask for, and what is hardest to find: filters that let nearly nothing of much pass. */
export async function measureLists({ folder, orders, rounds }: ListsOptions): Promise<ListTime[]> {
  const postgres = await startPostgres({
    settings: ["shared_buffers=512MB", "maintenance_work_mem=512MB", "max_wal_size=4GB"],
  });
  try {
    const path = join(folder, "lists.db");
    const url = await postgres.createDatabase("lists");
    const stores = [
      { store: "SQLite", address: { kind: "sqlite", path }, database: path },
      { store: "PostgreSQL", address: { kind: "postgres", url }, database: url },
    ] as const;
    const times: ListTime[] = [];
    for (const { store, address, database } of stores) {
      await (await openLedger(address, systemClock, { leaseMs: 30_000 })).close();
      await withDatabase(store, database, (opened) => fill(opened, orders));
      const ledger: Ledger = await openLedger(address, systemClock, { leaseMs: 30_000 });
      for (const [list, ask] of Object.entries(listsOf(ledger, orders)))
        times.push({ list, store, ...(await time(ask, rounds)) });
      await ledger.close();
    }
    return times;
  } finally {
    await postgres.stop();
  }
}

const providers = ["FINPAY", "KWIKPAISA", "ONRAMP", "SMS4SATS", "TRONSAVE"];

/** The records were asked for at even intervals within this time, up to now. */
const [now, spanMs] = [Date.now(), 94_608_000_000];

/** Half of the records lie before this moment. */
const middleMs = now - spanMs / 2;

function listsOf(ledger: Ledger, orders: number): Readonly<Record<string, () => Promise<number>>> {
  const page = (filter: Omit<PageFilter, "first">) => async () =>
    (await ledger.page({ ...filter, first: 50 })).records.length;
  const keys = providers.map((provider) => ({ provider, orderId: String(10_000_000 + Math.floor(orders / 2)) }));
  return {
    "newest first": page({}),
    "oldest first": page({ oldestFirst: true }),
    "UNCONFIRMED, oldest first": page({ status: "UNCONFIRMED", oldestFirst: true }),
    "UNCONFIRMED of one provider": page({ status: "UNCONFIRMED", provider: "ONRAMP" }),
    "UNCONFIRMED, ended before the middle": page({ status: "UNCONFIRMED", settledBefore: middleMs, oldestFirst: true }),
    "all that ended before the middle, newest first": page({ settledBefore: middleMs }),
    "an order by its id": page({ keys }),
    "a request of ten orders": page({ requestId: `r-${Math.floor(orders / 20)}` }),
    "the request id of all others": page({ requestId: "constant" }),
    "a subject that asked for ten": page({ requestedBy: `person-${Math.floor(orders / 200) * 10}` }),
    "the subject that asked for nine of ten": page({ requestedBy: "service" }),
    "… that are UNCONFIRMED": page({ requestedBy: "service", status: "UNCONFIRMED" }),
    "… that are CANCELLED, of one provider, oldest first": page({
      requestedBy: "service",
      status: "CANCELLED",
      provider: "SMS4SATS",
      oldestFirst: true,
    }),
    "… and that met a problem that theirs never met": page({ requestedBy: "service", problemCode: "NOT_PERMITTED" }),
    counts: async () => (await ledger.counts(providers)).length,
    "what ended in the last 15 minutes": async () => (await ledger.settledByMinute(15)).length,
  };
}

async function time(ask: () => Promise<number>, rounds: number) {
  const times: number[] = [];
  let records = 0;
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now();
    records = await ask();
    times.push(performance.now() - startedAt);
  }
  return { medianMs: median(times), longestMs: Math.max(...times), records };
}

/**
 * Of a hundred records, ten met a problem, and of a thousand three are UNCONFIRMED and two PENDING. One subject asked for nine of ten, and a
 * person for each ten of the others; those alone met NOT_PERMITTED. By statements of the database, without indexes meanwhile: in any other
 * way ten million records take an hour.
 */
async function fill({ store, run }: Opened, orders: number): Promise<void> {
  const isPostgres = store === "PostgreSQL";
  const indexes = await run(
    isPostgres
      ? `select indexname as name, indexdef as definition from pg_indexes where schemaname = current_schema()
          and tablename in ('cancellations', 'cancellation_events') and indexdef not like '%UNIQUE%'`
      : `select name, sql as definition from sqlite_master where type = 'index' and sql is not null
          and tbl_name in ('cancellations', 'cancellation_events')`,
  );
  for (const { name } of indexes) await run(`drop index ${name}`);
  const numbers = isPostgres
    ? `generate_series(0, ${orders - 1}) as numbers (n)`
    : `(with recursive counter (n) as (select 0 union all select n + 1 from counter where n + 1 < ${orders}) select n from counter)`;
  const at = `${now} - cast(${orders} - 1 - n as bigint) * ${Math.ceil(spanMs / orders)}`;
  await run(`
    insert into cancellations (
      provider, order_id, status, problem_code, requested_at, settled_at, attempts, step, in_doubt, retries, lookups, due_at, due_set_at
    )
    select case n % 5 ${providers.map((name, index) => `when ${index} then '${name}'`).join(" ")} end, cast(10000000 + n as text),
      case when n % 1000 < 2 then 'PENDING' when n % 1000 < 5 then 'UNCONFIRMED' when n % 10 = 7 then 'REJECTED' else 'CANCELLED' end,
      case when n % 1000 in (2, 3, 4) then 'OUTCOME_UNKNOWN' when n % 10 <> 7 then null
        when n / 10 % 10 = 9 then 'NOT_PERMITTED' when n % 3 = 0 then 'ORDER_NOT_FOUND' else 'TOO_LATE' end,
      ${at}, case when n % 1000 < 2 then null else ${at} + 500 end, 1, 'cancel', 0, 0, 0,
      case when n % 1000 < 2 then ${at} end, case when n % 1000 < 2 then ${at} end
    from ${numbers} where true order by n`);
  const isPerson = "(id - 1) / 10 % 10 = 9";
  await run(`
    insert into cancellation_events (cancellation_id, at, kind, attempt, requested_by, request_id)
    select id, requested_at, 'REQUESTED', 0,
      case when ${isPerson} then 'person-' || cast((id - 1) / 100 * 10 as text) else 'service' end,
      case when ${isPerson} then 'constant' else 'r-' || cast((id - 1) / 10 as text) end
    from cancellations order by id`);
  for (const { definition } of indexes) await run(`${definition}`);
  if (isPostgres) await run("vacuum analyze");
}

/** A database that is open beside the ledger. */
interface Opened {
  store: ListTime["store"];
  run(text: string): Promise<Record<string, unknown>[]>;
}

async function withDatabase(
  store: ListTime["store"],
  address: string,
  use: (opened: Opened) => Promise<void>,
): Promise<void> {
  if (store === "SQLite") {
    const database = new DatabaseSync(address);
    // If this is interrupted, the file is thrown away.
    database.exec("pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -524288");
    return use({ store, run: async (text) => database.prepare(text).all() }).finally(() => database.close());
  }
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  await use({ store, run: async (text) => (await client.query(text)).rows }).finally(() => client.end());
}
