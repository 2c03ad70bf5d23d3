import { type Kysely, type SchemaModule, sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { currentSchema, type Dialect, refuseForeign, refuseNewer } from "./schema-guard.ts";

/**
 * Brings the tables up to date, all in one transaction. Several instances may call it at once. Rejects, with a sentence for the
 * operator, if the database holds something else or was written by a newer version. Then nothing is changed.
 */
export async function migrate(database: Kysely<never>, dialect: Dialect): Promise<void> {
  await database.transaction().execute(async (db) => {
    if (dialect === "postgres") await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(db);
    await refuseForeign(db, dialect);
    const known = migrations(dialect);
    await refuseNewer(db, dialect, known);
    // The schema is named because the migrator could otherwise find its table of another schema.
    const schema = dialect === "postgres" ? { migrationTableSchema: await currentSchema(db) } : {};
    const migrator = new Migrator({ db, ...schema, provider: { getMigrations: async () => known } });
    const { error } = await migrator.migrateToLatest();
    if (error) throw error;
  });
}

/**
 * The lock that Kysely's migrator takes for a session (0.29), and earlier versions of this service with it. Ours ends with the
 * transaction: behind transaction pooling a session is not one's own.
 */
const migrationLock = 3853314791062309107n;

/** Numbered, forward only; one that has been released is never edited. */
export function migrations(dialect: Dialect): Record<string, Migration> {
  return {
    "001_cancellations": { up: (db) => createCancellations(db, dialect) },
    "002_provider_slots": { up: createProviderSlots },
    "003_cancellation_lists": { up: indexLists },
    "004_clocks_and_environments": { up: addClocksAndEnvironments },
    "005_turns": { up: addTurns },
    "006_announcements": { up: (db) => createAnnouncements(db, dialect) },
    "007_operations": { up: addOperations },
    "008_provider_words": { up: addProviderWords },
    "009_attention": { up: indexAttention },
    "010_lookups": { up: indexLookups },
  };
}

/** Tables as a migration finds them: of no certain type. */
type Database = Parameters<Migration["up"]>[0];

async function createCancellations(db: Database, dialect: Dialect): Promise<void> {
  await serialTable(db.schema, dialect, "cancellations")
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
  await serialTable(db.schema, dialect, "cancellation_events")
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
}

/** A table whose `id` counts up by itself. */
function serialTable(schema: SchemaModule, dialect: Dialect, table: string) {
  return dialect === "sqlite"
    ? schema.createTable(table).addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    : schema.createTable(table).addColumn("id", "bigint", (column) => column.primaryKey().generatedAlwaysAsIdentity());
}

async function createProviderSlots(db: Database): Promise<void> {
  await db.schema
    .createTable("provider_slots")
    .addColumn("provider", "text", (column) => column.primaryKey())
    .addColumn("free_at", "bigint", (column) => column.notNull())
    .addColumn("holder", "text")
    .addColumn("held_until", "bigint", (column) => column.notNull())
    .execute();
}

async function indexLists(db: Database): Promise<void> {
  const lists = { by_provider: ["provider"], by_status: ["status"], by_provider_status: ["provider", "status"] };
  for (const [name, columns] of Object.entries(lists)) {
    await db.schema
      .createIndex(`cancellations_${name}`)
      .on("cancellations")
      .columns([...columns, "id"])
      .execute();
  }
}

async function addClocksAndEnvironments(db: Database): Promise<void> {
  await db.schema
    .alterTable("cancellations")
    .addColumn("watched_ms", "bigint", (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema.alterTable("cancellations").addColumn("due_set_at", "bigint").execute();
  await db.schema.alterTable("cancellations").addColumn("written_by", "text").execute();
  await db.schema.alterTable("cancellations").renameColumn("doubtful", "in_doubt").execute();
  await db.schema.alterTable("cancellation_events").addColumn("failure", "text").execute();
  await db.schema
    .alterTable("provider_slots")
    .addColumn("set_at", "bigint", (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema.dropIndex("cancellations_pending").execute();
  await db.schema
    .createIndex("cancellations_due")
    .on("cancellations")
    .columns(["provider", "due_at", "id", "requested_at"])
    .where(sql.ref("status"), "=", sql.lit("PENDING"))
    .execute();
  await db.schema
    .createTable("provider_environments")
    .addColumn("provider", "text", (column) => column.primaryKey())
    .addColumn("host", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("ledger_checks")
    .addColumn("id", "integer", (column) => column.primaryKey())
    .addColumn("checked_at", "bigint", (column) => column.notNull())
    .execute();
}

async function addTurns(db: Database): Promise<void> {
  for (const name of ["turn_at", "lag_ms"]) {
    await db.schema
      .alterTable("cancellations")
      .addColumn(name, "bigint", (column) => column.notNull().defaultTo(0))
      .execute();
  }
  await db.schema.alterTable("cancellations").addColumn("max_batch", "integer").execute();
  await sql`update cancellations set turn_at = due_at where status = 'PENDING'`.execute(db);
  await db.schema
    .createIndex("cancellations_turn")
    .on("cancellations")
    .columns(["provider", "turn_at", "id", "due_at"])
    .where(sql.ref("status"), "=", sql.lit("PENDING"))
    .execute();
  await db.schema
    .createIndex("cancellations_suspects")
    .on("cancellations")
    .columns(["provider", "turn_at", "id", "due_at"])
    .where(sql.ref("status"), "=", sql.lit("PENDING"))
    .where(sql.ref("max_batch"), "is not", null)
    .execute();
}

async function createAnnouncements(db: Database, dialect: Dialect): Promise<void> {
  await serialTable(db.schema, dialect, "announcements")
    .addColumn("cancellation_id", "bigint", (column) => column.notNull().references("cancellations.id"))
    .addColumn("provider", "text", (column) => column.notNull())
    .addColumn("order_id", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("settled_at", "bigint", (column) => column.notNull())
    .addColumn("message_id", "text", (column) => column.notNull())
    .addColumn("failures", "integer", (column) => column.notNull())
    .addColumn("due_at", "bigint")
    .addColumn("due_set_at", "bigint", (column) => column.notNull())
    .addColumn("lease_token", "text")
    .execute();
  await db.schema.createIndex("announcements_due").on("announcements").columns(["due_at", "id"]).execute();
  await db.schema
    .createIndex("announcements_record")
    .on("announcements")
    .columns(["cancellation_id", "due_at"])
    .execute();
  // Of one cancellation, only one announcement is held at a time.
  await db.schema
    .createIndex("announcements_held")
    .unique()
    .on("announcements")
    .columns(["cancellation_id"])
    .where(sql.ref("lease_token"), "is not", null)
    .execute();
}

async function addOperations(db: Database): Promise<void> {
  await db.schema.alterTable("cancellation_events").addColumn("request_id", "text").execute();
  await db.schema.alterTable("cancellation_events").addColumn("note", "text").execute();
  await db.schema
    .createIndex("cancellations_settled")
    .on("cancellations")
    .columns(["settled_at"])
    .where(sql.ref("settled_at"), "is not", null)
    .execute();
  await db.schema
    .createTable("provider_pauses")
    .addColumn("provider", "text", (column) => column.primaryKey())
    .addColumn("paused_at", "bigint", (column) => column.notNull())
    .addColumn("reason", "text")
    .execute();
  // One for each combination of filters of the list. Those that are CANCELLED have no problem, and no entry.
  const lists = {
    by_problem: ["problem_code"],
    by_provider_problem: ["provider", "problem_code"],
    by_status_problem: ["status", "problem_code"],
    by_provider_status_problem: ["provider", "status", "problem_code"],
  };
  for (const [name, columns] of Object.entries(lists)) {
    await db.schema
      .createIndex(`cancellations_${name}`)
      .on("cancellations")
      .columns([...columns, "id"])
      .where(sql.ref("problem_code"), "is not", null)
      .execute();
  }
}

/** What the provider said at each step. */
async function addProviderWords(db: Database): Promise<void> {
  await db.schema.alterTable("cancellation_events").addColumn("provider_code", "text").execute();
  await db.schema.alterTable("cancellation_events").addColumn("provider_message", "text").execute();
}

/** What a person on call asks for: how many stand how and since when, what settled lately, and what a subject or a request asked for. */
async function indexAttention(db: Database): Promise<void> {
  await db.schema
    .createIndex("cancellations_standing")
    .on("cancellations")
    .columns(["provider", "status", "problem_code", "requested_at"])
    .execute();
  await db.schema.dropIndex("cancellations_settled").execute();
  await db.schema
    .createIndex("cancellations_settled_lately")
    .on("cancellations")
    .columns(["settled_at", "provider", "status"])
    .where(sql.ref("settled_at"), "is not", null)
    .execute();
  for (const column of ["requested_by", "request_id"]) {
    await db.schema
      .createIndex(`cancellation_events_${column}`)
      .on("cancellation_events")
      .columns([column, "cancellation_id"])
      .where(sql.ref(column), "is not", null)
      .execute();
  }
}

/** Look-ups are claimed apart if the provider gives them a limit of their own. */
async function indexLookups(db: Database): Promise<void> {
  await db.schema
    .createIndex("cancellations_lookups")
    .on("cancellations")
    .columns(["provider", "turn_at", "id", "due_at"])
    .where(sql.ref("status"), "=", sql.lit("PENDING"))
    .where(sql.ref("step"), "=", sql.lit("lookup"))
    .execute();
}
