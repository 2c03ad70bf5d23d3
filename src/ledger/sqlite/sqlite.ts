import { closeSync, existsSync, mkdirSync, openSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { getSystemErrorMessage } from "node:util";
import { Kysely, sql } from "kysely";
import { type Clock, createSteadyClock } from "../../domain/clock.ts";
import { migrate } from "../migrations.ts";
import { groupCommit } from "../queue/group-commit.ts";
import { releaseAllAnnouncements } from "../records/outbox.ts";
import type { EventRow, Tables } from "../schema.ts";
import type { Store } from "../store.ts";
import { nodeSqliteDialect } from "./node-sqlite.ts";

/** Opens or makes the database file of a single process. Rejects if another process has it open. */
export async function openSqlite(path: string, clock: Clock): Promise<Store> {
  requireFixedSqlite(process.versions.sqlite ?? "0");
  let lock: DatabaseSync | undefined;
  let database: DatabaseSync | undefined;
  try {
    const file = path === ":memory:" ? path : realFile(path);
    if (file !== ":memory:") lock = lockBeside(file);
    database = new DatabaseSync(file, { timeout: busyMs });
    database.exec(`pragma synchronous = full; pragma foreign_keys = on; pragma cache_size = -${pageCacheKib}`);
    const db = new Kysely<Tables>({ dialect: nodeSqliteDialect(database) });
    await migrate(db as unknown as Kysely<never>, "sqlite");
    // This statement changes the file. Only now is it known that the file is ours.
    database.exec("pragma journal_mode = wal");
    const ownClock = createSteadyClock(clock);
    await takeOver(db, ownClock.now());
    return {
      db,
      ...groupCommit(db, { parallel: 1, mostCallers: 100, afterFailure: () => "alone", elapsed: clock.elapsed }),
      now: () => sql<number>`${ownClock.now()}`,
      clock,
      ownClock,
      shared: false,
      rows: (columns, rows) => {
        const names = Object.keys(columns) as (keyof typeof columns)[];
        const values = names.map((name, index) => sql`value ->> ${sql.lit(index)} as ${sql.id(name)}`);
        const lists = JSON.stringify(rows.map((row) => names.map((name) => row[name])));
        return sql`(select ${sql.join(values)} from json_each(${lists}))`;
      },
      ids: (ids) => sql<number>`(select value from json_each(${JSON.stringify(ids)}))`,
      latestEvents: (ids, last) => sql<EventRow>`
        select events.* from json_each(${JSON.stringify(ids)}) as records
        join cancellation_events as events on events.id in (
          select id from cancellation_events where cancellation_id = records.value order by id desc limit ${last})`,
      close: async () => {
        await db.destroy();
        if (lock?.isOpen) lock.close();
      },
    };
  } catch (error) {
    database?.close();
    lock?.close();
    throw toStartError(error, path);
  }
}

/**
 * Most memory for pages of the file, KiB. With SQLite's own 2 MB, reading 100 orders at random out of ten million took up to
 * three times as long. It is taken as pages are read.
 */
const pageCacheKib = 32 * 1024;

/** Longest wait while an operator's shell holds the write lock, ms. The wait blocks the whole process. */
const busyMs = 250;

/**
 * In SQLite 3.7.0 to 3.51.2 a commit during another connection's checkpoint could lose pages (sqlite.org/wal.html, "the
 * WAL-reset bug", March 2026). This process has one connection, but a backup or an operator's shell is the second.
 */
function requireFixedSqlite(version: string): void {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  if (major * 1_000_000 + minor * 1000 + patch >= 3_051_003) return;
  throw new Error(`SQLite ${version} is too old: 3.51.3 or newer is needed, as in Node 24.15`);
}

/** The real path of this file, which is made if it is missing. A process that opens a symbolic link must find the same lock. */
function realFile(path: string): string {
  // Only if it is missing: if there is a file with the directory's name, Node says misleadingly that it "already exists".
  if (!existsSync(dirname(path))) mkdirSync(dirname(path), { recursive: true });
  // Only if it is missing: closing a file drops the locks that SQLite has on it in the same process.
  if (!existsSync(path)) closeSync(openSync(path, "a"));
  return realpathSync(path);
}

/** An exclusive lock on a file beside the database. The operating system frees it even if the process is killed. */
function lockBeside(file: string): DatabaseSync {
  const lock = new DatabaseSync(`${file}.lock`, { timeout: 0 });
  try {
    lock.exec("begin exclusive");
    return lock;
  } catch (error) {
    lock.close();
    if (resultCode(error) !== 5) throw error;
    throw new Error("another process has it open; several instances need PostgreSQL", { cause: error });
  }
}

/**
 * Ends all leases, because no other process has this file open. Records are due at once. The last holder of a slot may have
 * sent its request just before it ended, and the provider may still be at work on it. So a slot stays closed until its lease
 * would have run out.
 */
async function takeOver(db: Kysely<Tables>, now: number): Promise<void> {
  await releaseAllAnnouncements(db, now);
  await db
    .updateTable("cancellations")
    .set({ lease_token: null, due_at: now, due_set_at: now })
    .where("status", "=", "PENDING")
    .where("lease_token", "is not", null)
    .execute();
  await db
    .updateTable("provider_slots")
    .set((eb) => ({ holder: null, free_at: eb.ref("held_until") }))
    .where("holder", "is not", null)
    .execute();
}

/** A sentence for the operator. */
function toStartError(error: unknown, path: string): Error {
  if (!(error instanceof Error)) return new Error(`${path} cannot be opened`, { cause: error });
  const code = resultCode(error);
  if (code !== undefined) {
    return new Error(`${path} ${sqliteSentences[code] ?? `cannot be opened: ${error.message}`}`, { cause: error });
  }
  if (!("errno" in error) || typeof error.errno !== "number") return error;
  return new Error(`${path} cannot be made or read: ${getSystemErrorMessage(error.errno)}`, { cause: error });
}

/** By SQLite's primary result codes (sqlite.org/rescode.html). */
const sqliteSentences: Readonly<Record<number, string>> = {
  5: "is being written to by another program",
  8: "cannot be written to",
  11: "is damaged: put back a backup, or move it away to begin with an empty one",
  13: "cannot grow: the disk is full",
  14: "cannot be opened for reading and writing",
  26: "is not an SQLite database",
};

/** The primary result code is the lowest byte of SQLite's code. */
function resultCode(error: unknown): number | undefined {
  return error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : undefined;
}
