import { type Kysely, type RawBuilder, type SelectQueryBuilder, sql } from "kysely";
import type { Cancellation, Claim, OrderKey } from "../domain/cancellation.ts";
import type { Clock, SteadyClock } from "../domain/clock.ts";
import type { Change } from "../domain/ledger.ts";
import type { Notifications } from "./postgres/notifications.ts";
import type { Transact } from "./queue/group-commit.ts";
import type { EventRow, Tables } from "./schema.ts";

/** What the two databases do differently. */
export interface Store extends Transact {
  db: Kysely<Tables>;
  /** The ledger's clock, epoch ms: the database's own if several instances share it, else that of this process. */
  now(): RawBuilder<number>;
  /** Measures how much time has passed in this process. */
  clock: Pick<Clock, "elapsed">;
  /** The ledger's clock, if this process keeps it. */
  ownClock?: SteadyClock;
  /** Whether other instances write at the same time. If so, rows are locked in one order, and claims skip locked rows. */
  shared: boolean;
  /** These rows as a subquery with these columns, in order. The statement's text does not depend on their number. */
  rows<Column extends string>(
    columns: Readonly<Record<Column, ColumnType>>,
    rows: readonly Readonly<Record<NoInfer<Column>, Value>>[],
  ): RawBuilder<unknown>;
  /** These ids as a subquery of one column. */
  ids(ids: readonly number[]): RawBuilder<number>;
  /** The latest `last` events of each of these records, found by the index on record and id. */
  latestEvents(ids: readonly number[], last: number): RawBuilder<EventRow>;
  /** Tells the other instances, and hears of them; absent if there is only one instance. */
  notifications?: Pick<Notifications, "notify" | "onNotified" | "hears">;
  close(): Promise<void>;
}

export type ColumnType = "bigint" | "text";
type Value = string | number | null;

/** Tells all listeners of this instance that a record has changed; `settled`: the record, if it is known to be settled now. */
export type Announce = (key: OrderKey, change: Change, settled?: Cancellation) => void;

/** The time `ms` from now, by the store's clock. */
export function fromNow(store: Store, ms: number): RawBuilder<number> {
  // A parameter, so that the statement's text is the same for every wait.
  return sql<number>`${store.now()} + ${Math.ceil(ms)}`;
}

/**
 * Locks rows in the order of their ids. Every transaction uses this order, so that two that want some of the same rows cannot
 * deadlock. The lock is weaker than FOR UPDATE, so that events can be added to the rows meanwhile.
 */
export function lockedById(store: Store, rows: SelectQueryBuilder<Tables, "cancellations", { id: number }>) {
  const ordered = rows.orderBy("id");
  return store.shared ? ordered.forNoKeyUpdate() : ordered;
}

/** The state that every guarded update leaves: PENDING, and still held under the same token. */
export function isHeld(store: Store, claims: readonly Claim[]): RawBuilder<boolean> {
  const held = store.rows({ id: "bigint", token: "text" }, claims);
  return sql<boolean>`(id, lease_token) in ${held} and ${unindexedStatus(store)} = 'PENDING'`;
}

/** The status of a few rows that are found by their ids. Without the plus, SQLite would read every row of that status by its index. */
export function unindexedStatus(store: Store): RawBuilder<string> {
  return sql.raw(store.shared ? "status" : "+status");
}

/** Ends a select from cancellations, ordered by id, whose rows are to be changed: the lock is that of `lockedById`. */
export function lockClause(store: Store): RawBuilder<unknown> {
  return sql.raw(store.shared ? "for no key update of cancellations" : "");
}

/** A column for whose sake the database shall not choose an index. */
export function withoutIndex<T>(store: Store, column: string): RawBuilder<T> {
  return sql<T>`${sql.raw(store.shared ? `(${column} + 0)` : `+${column}`)}`;
}
