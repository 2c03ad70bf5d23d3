import { type Kysely, type RawBuilder, type SelectQueryBuilder, sql, type Transaction } from "kysely";
import type { OrderKey } from "../domain/cancellation.ts";
import type { Work } from "./group-commit.ts";
import type { Tables } from "./schema.ts";

/** What the two databases do differently. */
export interface Store {
  db: Kysely<Tables>;
  /** Runs this in a transaction and resolves once it is committed. It may be run more than once, until it is. */
  transact<T>(work: Work<T>): Promise<T>;
  /** The clock of leases and slots, epoch ms: the database's own where several instances share it. */
  now(): RawBuilder<number>;
  /** Whether others write at the same time, so that rows are locked in one order and claims pass over locked ones. */
  shared: boolean;
  /** Tells every other instance once the transaction commits; absent where there is only one. */
  notify?(transaction: Transaction<Tables>, keys: readonly OrderKey[]): Promise<void>;
  /** Calls back for the changes of other instances, as far as they can be heard of: some may get lost. */
  onNotified?(listener: (key: OrderKey) => void): void;
  close(): Promise<void>;
}

/** So many ms from now, by the store's clock. */
export function fromNow(store: Store, ms: number): RawBuilder<number> {
  return sql<number>`${store.now()} + ${sql.lit(Math.ceil(ms))}`;
}

/**
 * Locks rows by id, the one order in which every transaction takes them: two that want some of the same rows wait for each
 * other in a line, never in a circle. Weaker than FOR UPDATE, so that events can be added to the rows meanwhile.
 */
export function lockedById(store: Store, rows: SelectQueryBuilder<Tables, "cancellations", { id: number }>) {
  const ordered = rows.orderBy("id");
  return store.shared ? ordered.forNoKeyUpdate() : ordered;
}

/** Rows per statement: well below SQLite's 32,766 parameters and its expression depth of 1,000. */
const chunkSize = 200;

export function chunksOf<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / chunkSize) }, (_, index) =>
    items.slice(index * chunkSize, (index + 1) * chunkSize),
  );
}
