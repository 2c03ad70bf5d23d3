import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Kysely, sql } from "kysely";
import type { Store } from "./ledger.ts";
import { migrate } from "./migrations.ts";
import { nodeSqliteDialect } from "./node-sqlite.ts";
import type { Tables } from "./schema.ts";

/** Opens, or makes, the one database file of a single process. Rejects where another process has it open. */
export async function openSqlite(path: string, now: () => number): Promise<Store> {
  requireFixedSqlite(process.versions.sqlite ?? "0");
  const lock = path === ":memory:" ? undefined : lockFile(path);
  try {
    const database = new DatabaseSync(path);
    database.exec("pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;");
    const db = new Kysely<Tables>({ dialect: nodeSqliteDialect(database) });
    await migrate(db as unknown as Kysely<never>, "sqlite");
    await takeOver(db, now());
    return {
      db,
      now: () => sql`${now()}`,
      shared: false,
      close: async () => {
        await db.destroy();
        lock?.close();
      },
    };
  } catch (error) {
    lock?.close();
    throw error;
  }
}

/** Before 3.51.3 a checkpoint at the wrong moment could lose pages of the WAL (sqlite.org/wal.html, "the WAL-reset bug"). */
function requireFixedSqlite(version: string): void {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  if (major * 1_000_000 + minor * 1000 + patch >= 3_051_003) return;
  throw new Error(`SQLite ${version} is too old: 3.51.3 or newer is needed, as in Node 24.15`);
}

/** An exclusive lock on a file beside the database; the operating system frees it however the process ends. */
function lockFile(path: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true });
  const lock = new DatabaseSync(`${path}.lock`, { timeout: 0 });
  try {
    lock.exec("begin exclusive");
    return lock;
  } catch (error) {
    lock.close();
    throw new Error("another process has it open; several instances need PostgreSQL", { cause: error });
  }
}

/** Whoever held a lease or a slot is gone: this process is alone with the file. Slots stay shut as if just answered. */
async function takeOver(db: Kysely<Tables>, now: number): Promise<void> {
  await db
    .updateTable("cancellations")
    .set({ lease_token: null, due_at: now })
    .where("status", "=", "PENDING")
    .where("lease_token", "is not", null)
    .execute();
}
