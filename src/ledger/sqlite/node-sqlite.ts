import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
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
      const { statement, toRows } = prepare(sql);
      const values = parameters as (string | number | null)[];
      if (toRows) return { rows: toRows(statement.all(...values) as unknown as Values[]) as never[] };
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
  /** Names the values of its rows; absent if it answers none. */
  toRows: ((rows: readonly Values[]) => Record<string, SQLOutputValue>[]) | undefined;
}

/** The values of one row, in the order of the columns. */
type Values = readonly SQLOutputValue[];

/** Most statements that are kept. The service has about 50 texts; that of a list depends on its filters. */
const mostStatements = 300;

/** Prepares each text once: preparing takes longer than running. SQLite prepares a statement anew if the tables have changed. */
function keepStatements(database: DatabaseSync): (sql: string) => Prepared {
  const kept = new Map<string, Prepared>();
  return (sql) => {
    const known = kept.get(sql);
    if (known) return known;
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    const prepared = { statement, toRows: statement.columns().length > 0 ? rowsOf(statement) : undefined };
    // All go at once: which one was used last is not worth noting each time.
    if (kept.size === mostStatements) kept.clear();
    kept.set(sql, prepared);
    return prepared;
  };
}

/** Rows as objects of one shape, which V8 knows. Node itself makes dictionaries: these take more memory, and more time to be read. */
function rowsOf(statement: StatementSync): NonNullable<Prepared["toRows"]> {
  let columns: string[] = [];
  let toRow: (values: Values) => Record<string, SQLOutputValue>;
  return (rows) => {
    // At first, and after the tables have changed.
    if (rows[0] && rows[0].length !== columns.length) {
      columns = statement.columns().map(({ name }) => name);
      const fields = columns.map((name, index) => `${JSON.stringify(name)}: values[${index}]`);
      toRow = new Function("values", `return { ${fields.join(", ")} }`) as typeof toRow;
    }
    return rows.map((values) => toRow(values));
  };
}
