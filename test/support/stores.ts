import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll } from "vitest";
import type { Clock } from "../../src/domain/clock.ts";
import { openPostgres } from "../../src/ledger/postgres/postgres.ts";
import { nodeSqliteDialect } from "../../src/ledger/sqlite/node-sqlite.ts";
import { openSqlite } from "../../src/ledger/sqlite/sqlite.ts";
import type { Store } from "../../src/ledger/store.ts";
import type { Databases } from "./postgres.ts";
import { sharedPostgres } from "./shared-postgres.ts";

/** One of the two databases a ledger can stand on. */
export interface TestedStore {
  name: "SQLite" | "PostgreSQL";
  /** The address of a database that nobody has used. */
  createDatabase(): Promise<string>;
  /** Opens it, with a clock of the test's own. */
  open(database: string, clock: Clock): Promise<Store>;
  /** Connects to it as it is, with nothing made or migrated. */
  connect(database: string): Kysely<never>;
}

/** Both, for one test file. */
export function testedStores(): TestedStore[] {
  const stores = [sqlite(), postgres()];
  beforeAll(() => Promise.all(stores.map(({ begin }) => begin())));
  afterAll(() => Promise.all(stores.map(({ end }) => end())));
  return stores;
}

interface Started {
  begin(): Promise<unknown>;
  end(): Promise<unknown>;
}

function sqlite(): TestedStore & Started {
  let directory = "";
  let made = 0;
  return {
    name: "SQLite",
    begin: async () => {
      directory = mkdtempSync(join(tmpdir(), "ledger-sqlite-"));
    },
    end: async () => rmSync(directory, { recursive: true, force: true }),
    createDatabase: async () => join(directory, `${made++}.db`),
    open: openSqlite,
    connect: (path) => new Kysely<never>({ dialect: nodeSqliteDialect(new DatabaseSync(path)) }),
  };
}

function postgres(): TestedStore & Started {
  let server: Databases | undefined;
  let made = 0;
  return {
    name: "PostgreSQL",
    begin: async () => {
      server = await sharedPostgres();
    },
    end: async () => {},
    createDatabase: async () => {
      if (!server) throw new Error("PostgreSQL has not started");
      return server.createSchema(`test_${made++}`);
    },
    open: (url, clock) => openPostgres(url, clock, { now: () => sql.lit(clock.now()) }),
    connect: (url) => {
      const pool = new pg.Pool({ connectionString: url });
      // It may still be closing when the server goes.
      pool.on("connect", (client) => client.on("error", () => {}));
      pool.on("error", () => {});
      return new Kysely<never>({ dialect: new PostgresDialect({ pool }) });
    },
  };
}
