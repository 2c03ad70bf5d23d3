import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../../src/domain/clock.ts";
import { built } from "./built.ts";

const { openLedger } = await built("ledger/open.js");

/** The id of the order of a row, counted from 0. */
export function orderIdOf(row: number): string {
  return String(10_000_000 + row);
}

/**
 * Makes a database file with this many settled orders of Onramp, each with its four events, by statements of SQLite alone: ten
 * million rows take some minutes in any other way.
 */
export async function makeRows(path: string, orders: number): Promise<void> {
  const ledger = await openLedger({ kind: "sqlite", path }, systemClock, { leaseMs: 30_000 });
  await ledger.close();
  const database = new DatabaseSync(path);
  // If this is interrupted, the file is thrown away.
  database.exec("pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -262144");
  database.exec("begin");
  database.exec(`
    with recursive counter (n) as (select 0 union all select n + 1 from counter where n + 1 < ${orders})
    insert into cancellations (provider, order_id, status, requested_at, settled_at, attempts, step, in_doubt, retries, lookups)
    select 'ONRAMP', ${10_000_000} + n, 'CANCELLED', 1700000000000 + n, 1700000000500 + n, 1, 'cancel', 0, 0, 0
    from counter where ${orders} > 0`);
  database.exec("commit");
  database.close();
}
