import { type Kysely, type RawBuilder, type SelectQueryBuilder, sql, type Transaction } from "kysely";
import type { Claim, OrderKey } from "../domain/cancellation.ts";
import type { Clock } from "../domain/clock.ts";
import type { Tables } from "./schema.ts";
import type { Work } from "./sqlite/group-commit.ts";
import type { SteadyClock } from "./sqlite/steady-clock.ts";

/** What the two databases do differently. */
export interface Store {
  db: Kysely<Tables>;
  /**
   * Runs this in a transaction and resolves once it is committed. It may be run more than once, until it is. `rows`: how many
   * it writes, about; 1 unless given.
   */
  transact<T>(work: Work<T>, rows?: number): Promise<T>;
  /** The ledger's clock, epoch ms: the database's own if several instances share it, else that of this process. */
  now(): RawBuilder<number>;
  /** How this process measures how much time has passed. */
  clock: Pick<Clock, "elapsed">;
  /** The ledger's clock if it is this process that keeps it. */
  ownClock?: SteadyClock;
  /** Whether others write at the same time, so that rows are locked in one order and claims pass over locked ones. */
  shared: boolean;
  /** These pairs as a subquery of two columns. The statement's text is the same however many there are. */
  pairs(pairs: readonly (readonly [string | number, string])[], first: "bigint" | "text"): RawBuilder<unknown>;
  /** These ids as a subquery of one column. */
  ids(ids: readonly number[]): RawBuilder<number>;
  /** Tells every other instance once the transaction commits; absent if there is only one. */
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

/** The state that every move leaves: PENDING, and in these very hands. */
export function isHeld(store: Store, claims: readonly Claim[]): RawBuilder<boolean> {
  const held = store.pairs(
    claims.map(({ id, token }) => [id, token]),
    "bigint",
  );
  // The plus keeps SQLite from reading every PENDING row by the index on status, in place of these few by their ids.
  return sql<boolean>`(id, lease_token) in ${held} and ${sql.raw(store.shared ? "status" : "+status")} = 'PENDING'`;
}

/** Rows per statement that inserts: well below SQLite's 32,766 parameters. */
const chunkSize = 200;

export function chunksOf<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / chunkSize) }, (_, index) =>
    items.slice(index * chunkSize, (index + 1) * chunkSize),
  );
}
