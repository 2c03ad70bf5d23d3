import type { Duplex } from "node:stream";
import { type PostgresPool, type PostgresPoolClient, sql, type Transaction } from "kysely";
import pg from "pg";
import type { Tables } from "../schema.ts";

/** Every call rejects some seconds after it got a connection, if the database is unreachable. */
export interface Timeouts {
  /** To connect, ms. A healthy server takes a few. */
  connectMs: number;
  /** For an answer, ms. The server's own limits are shorter: this one is for a server that froze or a network that loses packets. */
  queryMs: number;
  /** For a connection that another call has, ms. The pool's own queue would give up as soon as a new connection does. */
  queueMs: number;
}

/** A call queues for as long as a mutation waits. */
export const usualTimeouts: Timeouts = { connectMs: 3000, queryMs: 5000, queueMs: 10_000 };

/**
 * Begins a transaction with limits in ms. `set local` ends with the transaction: behind a pooler another program gets the connection
 * next, and PgBouncer refuses a connection that asks for limits at its start. Our statements take a few ms; only a lock makes them
 * wait. The last limit ends the transaction of an instance that froze, so that the other instances get its locks.
 */
const beginWith = (lockMs: number) =>
  `begin isolation level read committed; set local lock_timeout = ${lockMs}; set local statement_timeout = 4000;
  set local idle_in_transaction_session_timeout = 10000`;

/** Longest wait of a statement for a lock, ms. */
const longestLockMs = 2000;

/** Callers share a transaction: one whose rows are locked must not hold up the others. It waits alone, see `waitForLocks`. */
const beginShared = beginWith(100);

/** A statement on its own is a transaction, too. */
const beginSingle = beginWith(longestLockMs);

/** Longest migration statement, ms. An index on a large table takes long, and so does the wait for an instance that builds it. */
const beginMigration = `begin; set local statement_timeout = ${10 * 60_000}`;

/** From now on this transaction waits as long for a lock as a statement on its own does. */
export async function waitForLocks(transaction: Transaction<Tables>): Promise<void> {
  await sql`set local lock_timeout = ${sql.lit(longestLockMs)}`.execute(transaction);
}

/** By default PostgreSQL accepts 100 connections: enough for eight instances, each with one more connection to listen. */
const maxConnections = 10;

/** The pool of one instance. Calls queue for its connections. */
export function openPool(url: string, timeouts: Timeouts): PostgresPool {
  const pool = new pg.Pool({ ...connection(url, timeouts), max: maxConnections, types, pipeline: true });
  return discardBroken(listenedTo(pool), timeouts.queueMs, { shared: beginShared, single: beginSingle });
}

/** One connection, whose statements may take long. */
export function openMigrationPool(url: string): PostgresPool {
  const timeouts = { ...usualTimeouts, queryMs: 0 };
  const pool = new pg.Pool({ ...connection(url, timeouts), max: 1, pipeline: true });
  return discardBroken(listenedTo(pool), timeouts.queueMs, { shared: beginMigration, single: beginMigration });
}

export function connection(url: string, { connectMs, queryMs }: Timeouts): pg.ClientConfig {
  return {
    connectionString: url,
    connectionTimeoutMillis: connectMs,
    query_timeout: queryMs,
    fallback_application_name: "order-cancellation",
    // Without it a connection that a firewall dropped silently stays open for ever.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}

/** A connection that breaks must not end the process, as an 'error' event without a listener does. */
function listenedTo(pool: pg.Pool): pg.Pool {
  // An idle connection broke: the next query gets another one.
  pool.on("error", () => {});
  // A connection in use broke: its current query rejects, or the next one.
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

/** Reads int8 as a number, for this pool and not for the whole process. Ids and epoch ms stay far below 2^53. */
const types = {
  getTypeParser: (oid: number, format?: "text" | "binary") =>
    oid === pg.types.builtins.INT8 && format !== "binary" ? Number : pg.types.getTypeParser(oid, format),
} as pg.CustomTypesConfig;

/**
 * If a query fails without an answer of PostgreSQL, as by a timeout, its connection is discarded: a late answer would be read as
 * the answer to the next query.
 */
function discardBroken(pool: pg.Pool, queueMs: number, begin: { shared: string; single: string }): PostgresPool {
  const queue = createQueue(pool.options.max ?? 1, queueMs);
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => {
      await queue.enter();
      const client = await pool.connect().catch((error) => {
        queue.leave();
        return nameTimeOut(error);
      });
      let lost: unknown;
      let state: "idle" | "begun" | "open" = "idle";
      /** A transaction begins with its first statement, in one message to the server. */
      const run = async (text: string, values: unknown[]): Promise<pg.QueryResult> => {
        const isEnd = text === "commit" || text === "rollback";
        if (text === "begin" || (state === "begun" && isEnd)) {
          state = isEnd ? "idle" : "begun";
          return nothing;
        }
        if (state === "open") {
          if (isEnd) state = "idle";
          return client.query(text, values);
        }
        const isSingle = state === "idle";
        if (!isSingle) state = "open";
        const statement = { text, values };
        return together(client, isSingle ? [begin.single, statement, "commit"] : [begin.shared, statement]);
      };
      const query = async (text: string, values: unknown[]) => {
        if (lost) throw lost;
        try {
          return await run(text, values).catch(nameTimeOut);
        } catch (error) {
          if (!(error instanceof pg.DatabaseError)) lost = error;
          throw error;
        }
      };
      const release = (destroy?: boolean) => {
        client.release(destroy || lost !== undefined);
        queue.leave();
      };
      // Kysely's other form of `query`, for cursors, is not used here.
      return { query, release } as unknown as PostgresPoolClient;
    },
  };
}

/** What needs no answer of the server. */
const nothing = { command: "", rowCount: null, rows: [] } as unknown as pg.QueryResult;

/** Sends these statements in one packet, without a wait for the answers in between. Resolves to the answer to the second one. */
async function together(
  client: pg.PoolClient,
  statements: readonly (string | pg.QueryConfig)[],
): Promise<pg.QueryResult> {
  const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection;
  stream.cork();
  const sent = statements.map((statement) => client.query(statement));
  stream.uncork();
  const answers = await Promise.allSettled(sent);
  for (const answer of answers) if (answer.status === "rejected") throw answer.reason;
  return (answers[1] as PromiseFulfilledResult<pg.QueryResult>).value;
}

/** pg's own time-outs have no code, only words (pg 8.23, pg-pool 3.14). The log shows codes and no words. */
const timeOuts: Readonly<Record<string, string>> = {
  "timeout exceeded when trying to connect": "CONNECT_TIMEOUT",
  "Connection terminated due to connection timeout": "CONNECT_TIMEOUT",
  "Query read timeout": "QUERY_TIMEOUT",
};

/** `CONNECT_TIMEOUT`: no new connection was ready. `QUERY_TIMEOUT`: no answer came. */
function nameTimeOut(error: unknown): never {
  const code = error instanceof Error ? timeOuts[error.message] : undefined;
  throw code ? Object.assign(error as Error, { code }) : error;
}

/** Lets so many in at once, first come, first served. All connections were in use: `POOL_TIMEOUT`. */
function createQueue(most: number, longestMs: number) {
  const waiting: (() => void)[] = [];
  let inside = 0;

  return {
    enter: async () => {
      if (inside < most) {
        inside += 1;
        return;
      }
      await new Promise<void>((resolve, reject) => {
        const enter = () => {
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(() => {
          waiting.splice(waiting.indexOf(enter), 1);
          const error = new Error(`no database connection became free within ${longestMs} ms`);
          reject(Object.assign(error, { code: "POOL_TIMEOUT" }));
        }, longestMs);
        waiting.push(enter);
      });
    },
    leave: () => {
      const next = waiting.shift();
      if (next) next();
      else inside -= 1;
    },
  };
}
