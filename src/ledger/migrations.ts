import { type Kysely, type SchemaModule, sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";

/**
 * Brings the tables up to date, each migration in a transaction. Rejects, with a sentence for the operator, where the
 * database holds something else or was written by a newer version; nothing is changed then.
 */
export async function migrate(db: Kysely<never>, dialect: Dialect): Promise<void> {
  const tables = (await db.introspection.getTables({ withInternalKyselyTables: true })).map((table) => table.name);
  if (tables.length > 0 && !tables.includes("kysely_migration")) {
    throw new Error(`it holds tables of something else (${tables.slice(0, 3).join(", ")}); give this service its own`);
  }
  const known = migrations(dialect);
  const newer = (await appliedNames(db, tables)).filter((name) => !(name in known));
  if (newer.length > 0) {
    throw new Error(`it was written by a newer version of this service (${newer.join(", ")}); run that version`);
  }
  const { error } = await new Migrator({ db, provider: { getMigrations: async () => known } }).migrateToLatest();
  if (error) throw error;
}

export type Dialect = "sqlite" | "postgres";

/** Numbered, forward only; one that has been released is never edited. */
function migrations(dialect: Dialect): Record<string, Migration> {
  const serial = (schema: SchemaModule, table: string) =>
    dialect === "sqlite"
      ? schema.createTable(table).addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
      : schema
          .createTable(table)
          .addColumn("id", "bigint", (column) => column.primaryKey().generatedAlwaysAsIdentity());

  return {
    "001_cancellations": {
      up: async (db) => {
        await serial(db.schema, "cancellations")
          .addColumn("provider", "text", (column) => column.notNull())
          .addColumn("order_id", "text", (column) => column.notNull())
          .addColumn("status", "text", (column) => column.notNull())
          .addColumn("problem_code", "text")
          .addColumn("provider_code", "text")
          .addColumn("provider_message", "text")
          .addColumn("requested_at", "bigint", (column) => column.notNull())
          .addColumn("settled_at", "bigint")
          .addColumn("attempts", "integer", (column) => column.notNull())
          .addColumn("step", "text", (column) => column.notNull())
          .addColumn("doubtful", "integer", (column) => column.notNull())
          .addColumn("retries", "integer", (column) => column.notNull())
          .addColumn("lookups", "integer", (column) => column.notNull())
          .addColumn("sent_at", "bigint")
          .addColumn("due_at", "bigint")
          .addColumn("lease_token", "text")
          .addUniqueConstraint("cancellations_order", ["provider", "order_id"])
          .execute();
        await db.schema
          .createIndex("cancellations_pending")
          .on("cancellations")
          .columns(["provider", "requested_at", "id"])
          .where(sql.ref("status"), "=", sql.lit("PENDING"))
          .execute();
        await serial(db.schema, "cancellation_events")
          .addColumn("cancellation_id", "bigint", (column) => column.notNull().references("cancellations.id"))
          .addColumn("at", "bigint", (column) => column.notNull())
          .addColumn("kind", "text", (column) => column.notNull())
          .addColumn("attempt", "integer", (column) => column.notNull())
          .addColumn("status", "text")
          .addColumn("problem_code", "text")
          .addColumn("http_status", "integer")
          .addColumn("duration_ms", "integer")
          .addColumn("requested_by", "text")
          .execute();
        await db.schema
          .createIndex("cancellation_events_record")
          .on("cancellation_events")
          .columns(["cancellation_id", "id"])
          .execute();
      },
    },
    "002_provider_slots": {
      up: async (db) => {
        await db.schema
          .createTable("provider_slots")
          .addColumn("provider", "text", (column) => column.primaryKey())
          .addColumn("free_at", "bigint", (column) => column.notNull())
          .addColumn("holder", "text")
          .addColumn("held_until", "bigint", (column) => column.notNull())
          .execute();
      },
    },
  };
}

async function appliedNames(db: Kysely<never>, tables: readonly string[]): Promise<string[]> {
  if (!tables.includes("kysely_migration")) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map((row) => row.name);
}
