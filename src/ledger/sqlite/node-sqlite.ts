import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";

/** Kysely over Node's own SQLite. Kysely gives the one connection to one user at a time (see its SqliteAdapter). */
export function nodeSqliteDialect(database: DatabaseSync): Dialect {
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: () => createDriver(database),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** SQLite rolls back CREATE TABLE, too: a crash during a migration leaves nothing of it in the file. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

function createDriver(database: DatabaseSync): Driver {
  const prepare = keepStatements(database);
  const connection: DatabaseConnection = {
    executeQuery: async ({ sql, parameters }) => {
      const { statement, answersRows } = prepare(sql);
      const values = parameters as (string | number | null)[];
      if (answersRows) return { rows: statement.all(...values) as never[] };
      return { rows: [], numAffectedRows: BigInt(statement.run(...values).changes) };
    },
    streamQuery: () => {
      throw new Error("streaming is not needed here");
    },
  };
  const run = async (statement: string) => void (await connection.executeQuery(CompiledQuery.raw(statement)));

  return {
    init: async () => {},
    acquireConnection: async () => connection,
    // Plain `begin` takes the write lock late, and fails with BUSY if two transactions have read first.
    beginTransaction: () => run("begin immediate"),
    commitTransaction: () => run("commit"),
    // On a full disk SQLite rolls back by itself. A second rollback would fail, and its error would hide the first one.
    rollbackTransaction: async () => (database.isTransaction ? run("rollback") : undefined),
    releaseConnection: async () => {},
    destroy: async () => database.close(),
  };
}

interface Prepared {
  statement: StatementSync;
  answersRows: boolean;
}

/** Most statements that are kept. The service has about 50 texts; those of lists and of inserts depend on their lengths. */
const mostStatements = 300;

/** Prepares each text once: preparing takes longer than running. SQLite prepares a statement anew if the tables have changed. */
function keepStatements(database: DatabaseSync): (sql: string) => Prepared {
  const kept = new Map<string, Prepared>();
  return (sql) => {
    const known = kept.get(sql);
    if (known) return known;
    const statement = database.prepare(sql);
    const prepared = { statement, answersRows: statement.columns().length > 0 };
    // All go at once: which one was used last is not worth noting each time.
    if (kept.size === mostStatements) kept.clear();
    kept.set(sql, prepared);
    return prepared;
  };
}
