import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

export type Dialect = "sqlite" | "postgres";

/** Rejects if the database holds something else. */
export async function refuseForeign(db: Kysely<never>, dialect: Dialect): Promise<void> {
  const tables = await tableNames(db, dialect);
  const others = tables.filter((name) => name !== bookkeeping && name !== `${bookkeeping}_lock`);
  if (others.length === 0 || (tables.includes(bookkeeping) && tables.includes("cancellations"))) return;
  throw new Error(`it holds tables of something else (${others.slice(0, 3).join(", ")}); give this service its own`);
}

/** Rejects if migrations have run that this version does not know. */
export async function refuseNewer(
  db: Kysely<never>,
  dialect: Dialect,
  known: Record<string, Migration>,
): Promise<void> {
  if (!(await tableNames(db, dialect)).includes(bookkeeping)) return;
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(bookkeeping)} order by name`.execute(db);
  const newer = rows.map((row) => row.name).filter((name) => !(name in known));
  if (newer.length === 0) return;
  throw new Error(`it was written by a newer version of this service (${newer.join(", ")}); run that version`);
}

/** Kysely's table of the migrations that have run. Kysely makes it before all others. */
const bookkeeping = "kysely_migration";

/** The tables in our schema, without those of an extension. */
async function tableNames(db: Kysely<never>, dialect: Dialect): Promise<string[]> {
  const query =
    dialect === "sqlite"
      ? sql<{
          name: string;
        }>`select name from sqlite_schema where type = 'table' and name not like 'sqlite^_%' escape '^'`
      : sql<{ name: string }>`
          select relname as name from pg_class
          where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
            and not exists (
              select from pg_depend
              where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e'
            )`;
  const { rows } = await query.execute(db);
  return rows.map((row) => row.name);
}

export async function currentSchema(db: Kysely<never>): Promise<string> {
  const { rows } = await sql<{ schema: string | null }>`select current_schema() as schema`.execute(db);
  const schema = rows[0]?.schema;
  if (!schema) throw new Error("its search_path names no schema that exists");
  return schema;
}
