import { setTimeout as pause } from "node:timers/promises";
import { getSystemErrorMessage } from "node:util";
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient, sql } from "kysely";
import pg from "pg";
import type { Clock } from "../../domain/clock.ts";
import { migrate } from "../migrations.ts";
import type { EventRow, Tables } from "../schema.ts";
import type { Store } from "../store.ts";
import { openNotifications } from "./notifications.ts";

/** Opens the database that several instances share, and migrates it if needed. All instances may start at the same time. */
export async function openPostgres(url: string, clock: Clock, now: Store["now"] = databaseClock): Promise<Store> {
  const address = readAddress(url);
  try {
    await migrateAlone(url, address);
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: wary(createPool(url)) }) });
    const notifications = await openNotifications(() => new pg.Client({ ...connection(url), ...patience }));
    return {
      db,
      transact: (work) => db.transaction().execute(work),
      now,
      clock,
      shared: true,
      pairs: (pairs, first) => {
        const [left, right] = [pairs.map(([each]) => each), pairs.map(([, each]) => each)];
        return sql`(select * from unnest(cast(${left} as ${sql.raw(first)}[]), cast(${right} as text[])))`;
      },
      ids: (ids) => sql<number>`(select unnest(cast(${ids} as bigint[])))`,
      latestEvents: (ids, last) => sql<EventRow>`
        select events.* from unnest(cast(${ids} as bigint[])) as records (id)
        cross join lateral (
          select * from cancellation_events where cancellation_id = records.id order by id desc limit ${last}) as events`,
      notify: notifications.notify,
      onNotified: notifications.onNotified,
      close: async () => {
        const closed = Promise.all([notifications.close(), db.destroy()]);
        await Promise.race([closed, pause(goodbyeMs, undefined, { ref: false })]);
      },
    };
  } catch (error) {
    throw explain(error, address);
  }
}

/** One clock for all instances: their own clocks differ. */
const databaseClock: Store["now"] = () => sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

/** Longest that closing waits for a database that does not answer, ms. */
const goodbyeMs = 2000;

/** Every call rejects within about five seconds if the database is unreachable. A mutation waits ten, and can try again. */
const patience = {
  // To connect, or to get one of the pool's connections; a healthy server takes a few ms.
  connectionTimeoutMillis: 3000,
  // The server's own limits are shorter (see `limits`). This one is for a server that froze or a network that loses packets.
  query_timeout: 5000,
} satisfies pg.ClientConfig;

/**
 * Limits in ms. They are set after connecting, because PgBouncer refuses a connection that asks for them at its start. Our
 * statements take a few ms; only a lock makes them wait. The last limit ends the transaction of an instance that froze, so that
 * the other instances get its locks.
 */
const limits = "set lock_timeout = 2000; set statement_timeout = 4000; set idle_in_transaction_session_timeout = 10000";

/** By default PostgreSQL accepts 100 connections: enough for eight instances, each with one more connection to listen. */
const maxConnections = 10;

/** Longest migration statement, ms. An index on a large table takes long, and so does the wait for an instance that builds it. */
const migrationMs = 10 * 60_000;

function connection(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    fallback_application_name: "order-cancellation",
    // Without it a connection that a firewall dropped silently stays open for ever.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}

/** Reads int8 as a number, for this pool and not for the whole process. Ids and epoch ms stay far below 2^53. */
const types = {
  getTypeParser: (oid: number, format?: "text" | "binary") =>
    oid === pg.types.builtins.INT8 && format !== "binary" ? Number : pg.types.getTypeParser(oid, format),
} as pg.CustomTypesConfig;

function createPool(url: string): pg.Pool {
  const onConnect = async (client: pg.ClientBase) => void (await client.query(limits));
  return listenedTo(new pg.Pool({ ...connection(url), ...patience, max: maxConnections, types, onConnect }));
}

/** A connection that breaks must not end the process, as an 'error' event without a listener does. */
function listenedTo(pool: pg.Pool): pg.Pool {
  // An idle connection broke: the next query gets another one.
  pool.on("error", () => {});
  // A connection in use broke: its current query rejects, or the next one.
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

/** Migrates on a connection of its own, because that may take longer than any later statement may. */
async function migrateAlone(url: string, { place }: Address): Promise<void> {
  const { connectionTimeoutMillis } = patience;
  const onConnect = async (client: pg.ClientBase) =>
    void (await client.query(`set statement_timeout = ${migrationMs}`));
  const pool = listenedTo(new pg.Pool({ ...connection(url), max: 1, connectionTimeoutMillis, onConnect }));
  const db = new Kysely<never>({ dialect: new PostgresDialect({ pool }) });
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

/**
 * If a query fails without an answer of PostgreSQL, as by a timeout, its connection is discarded: a late answer would be read as
 * the answer to the next query.
 */
function wary(pool: pg.Pool): PostgresPool {
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => {
      const client = await pool.connect().catch(nameTimeOut);
      let lost: unknown;
      const query = async (text: string, values: unknown[]) => {
        if (lost) throw lost;
        try {
          return await client.query(text, values).catch(nameTimeOut);
        } catch (error) {
          if (!(error instanceof pg.DatabaseError)) lost = error;
          throw error;
        }
      };
      const release = (destroy?: boolean) => client.release(destroy || lost !== undefined);
      // Kysely's other form of `query`, for cursors, is not used here.
      return { query, release } as unknown as PostgresPoolClient;
    },
  };
}

/** pg's own time-outs have no code, only words (pg 8.23, pg-pool 3.14). The log shows codes and no words. */
const timeOuts: Readonly<Record<string, string>> = {
  "timeout exceeded when trying to connect": "POOL_TIMEOUT",
  "Connection terminated due to connection timeout": "CONNECT_TIMEOUT",
  "Query read timeout": "QUERY_TIMEOUT",
};

/** `POOL_TIMEOUT`: all connections were in use. `CONNECT_TIMEOUT`: no new one was ready. `QUERY_TIMEOUT`: no answer came. */
function nameTimeOut(error: unknown): never {
  const code = error instanceof Error ? timeOuts[error.message] : undefined;
  throw code ? Object.assign(error as Error, { code }) : error;
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
  } catch {
    throw unreadable;
  }
}

function whyNotConnected(error: unknown, place: string): string {
  if (!(error instanceof Error)) return `${place} does not answer`;
  if (error instanceof pg.DatabaseError) return `PostgreSQL at ${place} refuses: ${error.message}`;
  if ("errno" in error && typeof error.errno === "number") {
    return `no PostgreSQL answers at ${place}: ${getSystemErrorMessage(error.errno)}`;
  }
  // The name has several addresses, and each of them failed.
  if ("code" in error) return `no PostgreSQL answers at ${place}: ${error.code}`;
  return `${place} does not answer as PostgreSQL does: ${error.message}`;
}

/** One sentence for the operator, without the password. */
function explain(error: unknown, { password }: Address): Error {
  const sentence = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ");
  return new Error(password ? sentence.replaceAll(password, "[password]") : sentence, { cause: error });
}
