import { setTimeout as pause } from "node:timers/promises";
import { getSystemErrorMessage } from "node:util";
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient, sql } from "kysely";
import pg from "pg";
import type { Clock } from "../../domain/clock.ts";
import { migrate } from "../migrations.ts";
import type { Tables } from "../schema.ts";
import type { Store } from "../store.ts";
import { openNotifications } from "./notifications.ts";

/** Opens the database that several instances share, migrated where needed; they may all start at once. */
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

/** One clock for all: those of the instances differ. */
const databaseClock: Store["now"] = () => sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

/** Longest that closing waits for a database which does not answer any more, ms. */
const goodbyeMs = 2000;

/** A call rejects within about five seconds, however the database is gone: a mutation waits ten, and may try again. */
const patience = {
  // To connect, or to get one of the pool's connections; a healthy server takes a few ms.
  connectionTimeoutMillis: 3000,
  // The server gives up first (see `limits`), then we do: a server that froze, or a network that swallows packets, says
  // nothing at all.
  query_timeout: 5000,
} satisfies pg.ClientConfig;

/**
 * Set after connecting, ms: PgBouncer refuses a connection that asks for them at its start. Our statements take a few ms, and
 * those that wait do so for a lock. An instance that froze in the middle of a transaction keeps its locks from the others no
 * longer than the last.
 */
const limits = "set lock_timeout = 2000; set statement_timeout = 4000; set idle_in_transaction_session_timeout = 10000";

/** PostgreSQL takes 100 connections in all where nobody says otherwise: eight instances, each with one more to listen. */
const maxConnections = 10;

/** Building an index on a large table takes its time, and so does waiting for the instance that does. */
const migrationMs = 10 * 60_000;

function connection(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    fallback_application_name: "order-cancellation",
    // Without it a connection that a firewall forgot stays open for ever.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}

/** int8 as a number, here and not in the whole process: ids and epoch ms stay far below 2^53. */
const types = {
  getTypeParser: (oid: number, format?: "text" | "binary") =>
    oid === pg.types.builtins.INT8 && format !== "binary" ? Number : pg.types.getTypeParser(oid, format),
} as pg.CustomTypesConfig;

function createPool(url: string): pg.Pool {
  const onConnect = async (client: pg.ClientBase) => void (await client.query(limits));
  return listenedTo(new pg.Pool({ ...connection(url), ...patience, max: maxConnections, types, onConnect }));
}

/** Connections that drop must not end the process, as an 'error' event does that nobody listens for. */
function listenedTo(pool: pg.Pool): pg.Pool {
  // While idle: whoever comes next gets another.
  pool.on("error", () => {});
  // In somebody's hands: the query under way rejects, or the next one does.
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

/** On one connection of its own, because it may take longer than anything afterwards may. */
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

/** A connection on which a query failed without PostgreSQL saying so is not used again: its answer may still come. */
function wary(pool: pg.Pool): PostgresPool {
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => {
      const client = await pool.connect();
      let lost: unknown;
      const query = async (text: string, values: unknown[]) => {
        if (lost) throw lost;
        try {
          return await client.query(text, values);
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

interface Address {
  place: string;
  password: string | undefined;
}

function readAddress(url: string): Address {
  const unreadable = new Error("it cannot be read: special characters in user and password need percent-encoding");
  if (!URL.canParse(url)) throw unreadable;
  const { username, password, href } = new URL(url);
  // A password with a bare `/`, `?` or `#` moves its own end, and the host, into the path.
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
  // Several addresses behind one name, each of which failed.
  if ("code" in error) return `no PostgreSQL answers at ${place}: ${error.code}`;
  return `${place} does not answer as PostgreSQL does: ${error.message}`;
}

/** One sentence for the operator, never with the password in it. */
function explain(error: unknown, { password }: Address): Error {
  const sentence = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ");
  return new Error(password ? sentence.replaceAll(password, "[password]") : sentence, { cause: error });
}
