import { setTimeout as pause } from "node:timers/promises";
import { getSystemErrorMessage } from "node:util";
import { type DialectAdapter, Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import type { Clock } from "../../domain/clock.ts";
import { migrate } from "../migrations.ts";
import type { NextTry } from "../queue/commit.ts";
import { groupCommit } from "../queue/group-commit.ts";
import type { EventRow, Tables } from "../schema.ts";
import type { Store } from "../store.ts";
import { openNotifications } from "./notifications.ts";
import { connection, openMigrationPool, openPool, type Timeouts, usualTimeouts, waitForLocks } from "./pool.ts";

export interface PostgresOptions {
  /** The ledger's clock; the database's own unless given. */
  now?: Store["now"];
  /** A direct connection to the same database, to listen and to migrate, if `url` leads through transaction pooling. */
  listenUrl?: string | undefined;
  timeouts?: Timeouts;
}

/** Opens the database that several instances share, and migrates it if needed. All instances may start at the same time. */
export async function openPostgres(
  url: string,
  clock: Clock,
  { now = databaseClock, listenUrl = url, timeouts = usualTimeouts }: PostgresOptions = {},
): Promise<Store> {
  const addresses = { pool: readAddress(url), listen: readAddress(listenUrl) };
  try {
    await migrateAlone(listenUrl, addresses.listen);
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: openPool(url, timeouts) }) });
    const notifications = await openNotifications({
      createClient: () => new pg.Client(connection(listenUrl, timeouts)),
      runInPool: (text) => sql.raw(text).execute(db),
    });
    return {
      db,
      ...groupCommit(db, { ...groups, afterFailure, waitForLocks, elapsed: clock.elapsed }),
      now,
      clock,
      shared: true,
      rows: (columns, rows) => {
        const names = Object.keys(columns) as (keyof typeof columns)[];
        const values = names.map((name) => sql`cast(${rows.map((row) => row[name])} as ${sql.raw(columns[name])}[])`);
        return sql`(select * from unnest(${sql.join(values)}) as given (${sql.join(names.map((name) => sql.id(name)))}))`;
      },
      ids: (ids) => sql<number>`(select unnest(cast(${ids} as bigint[])))`,
      latestEvents: (ids, last) => sql<EventRow>`
        select events.* from unnest(cast(${ids} as bigint[])) as records (id)
        cross join lateral (
          select * from cancellation_events where cancellation_id = records.id order by id desc limit ${last}) as events`,
      notifications,
      close: async () => {
        const closed = Promise.all([notifications.close(), db.destroy()]);
        await Promise.race([closed, pause(closeTimeoutMs, undefined, { ref: false })]);
      },
    };
  } catch (error) {
    throw toStartError(error, [addresses.pool, addresses.listen]);
  }
}

/** One clock for all instances: their own clocks differ. */
const databaseClock: Store["now"] = () => sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

/** Transactions of one instance at once, and how many callers share one: the other connections are for reading. */
const groups = { parallel: 4, mostCallers: 100 };

/**
 * A deadlock's victim may try again, and so may a transaction that PostgreSQL could not serialize. A locked row is the trouble of
 * one caller, and so is a statement that took too long. A connection that broke and a server that stops would hit the others, too.
 * Other errors are about the work itself.
 */
function afterFailure(error: unknown): NextTry {
  if (!(error instanceof pg.DatabaseError)) return isOfConnection(error) ? "fail" : "alone";
  const code = error.code ?? "";
  if (code === "40P01" || code === "40001") return "repeat";
  if (code === "55P03") return "locked";
  return /^(57P|25|53|08)/.test(code) ? "fail" : "alone";
}

/** Errors of sockets have a code; pg's own have only words ("Connection terminated unexpectedly", pg 8.23). */
function isOfConnection(error: unknown): boolean {
  return error instanceof Error && ("code" in error || /connection/i.test(error.message));
}

/** Longest that closing waits for a database that does not answer, ms. */
const closeTimeoutMs = 2000;

/** Migrates on a connection of its own, because that may take longer than any later statement may. */
async function migrateAlone(url: string, { place }: Address): Promise<void> {
  const pool = openMigrationPool(url);
  const db = new Kysely<never>({ dialect: new MigrationDialect({ pool }) });
  try {
    const first = await pool.connect().catch((error) => {
      throw new Error(whyNotConnected(error, place), { cause: error });
    });
    first.release();
    await migrate(db, "postgres");
  } finally {
    await pool.end();
  }
}

/** `migrate` locks for its transaction; the migrator's own lock would last as long as the session. */
class MigrationDialect extends PostgresDialect {
  override createAdapter(): DialectAdapter {
    const adapter = super.createAdapter();
    adapter.acquireMigrationLock = adapter.releaseMigrationLock = async () => {};
    return adapter;
  }
}

interface Address {
  place: string;
  password: string | undefined;
}

function readAddress(url: string): Address {
  const unreadable = new Error("it cannot be read: special characters in user and password need percent-encoding");
  if (!URL.canParse(url)) throw unreadable;
  const { username, password, href } = new URL(url);
  // If a password holds a `/`, `?` or `#` that is not encoded, the URL's path begins there, and holds the host.
  if (username === "" && password === "" && href.includes("@")) throw unreadable;
  try {
    const client = new pg.Client({ connectionString: url });
    return { place: `${client.host}:${client.port}`, password: client.password ?? undefined };
  } catch (error) {
    // Files that the URL names, as `sslrootcert`, are read at once.
    const { code, path } = error as NodeJS.ErrnoException;
    throw path ? new Error(`${path} cannot be read: ${code}`) : unreadable;
  }
}

function whyNotConnected(error: unknown, place: string): string {
  if (!(error instanceof Error)) return `${place} does not answer`;
  if (error instanceof pg.DatabaseError) return `PostgreSQL at ${place} refuses: ${error.message}`;
  if ("errno" in error && typeof error.errno === "number") {
    return `no PostgreSQL answers at ${place}: ${getSystemErrorMessage(error.errno)}`;
  }
  if ("code" in error && /CERT|SIGNATURE/.test(String(error.code))) {
    return `the certificate of ${place} is not accepted: ${error.code}`;
  }
  // The name has several addresses, and each of them failed.
  if ("code" in error) return `no PostgreSQL answers at ${place}: ${error.code}`;
  return `${place} does not answer as PostgreSQL does: ${error.message}`;
}

/** One sentence for the operator, without the password. */
function toStartError(error: unknown, addresses: readonly Address[]): Error {
  let sentence = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ");
  for (const { password } of addresses) if (password) sentence = sentence.replaceAll(password, "[password]");
  return new Error(sentence, { cause: error });
}
