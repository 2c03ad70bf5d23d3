import { type RawBuilder, sql } from "kysely";
import { type Cancellation, type OrderKey, orderKeyText } from "../../domain/cancellation.ts";
import type { Ledger } from "../../domain/ledger.ts";
import type { Store } from "../store.ts";
import { cancellationColumns, dueInMs, type ReadRow, toCancellation, toEvent } from "./rows.ts";

/** Reads records and their audit trails. */
export function createReads(store: Store): Pick<Ledger, "read" | "history"> {
  const { db } = store;
  // Its text is always the same: it is compiled once, because that takes as long as reading some records.
  const reading = db
    .selectFrom("cancellations")
    .select(cancellationColumns)
    .select(dueInMs(store))
    .where(isOneOf(store, []))
    .compile();
  /** Calls that come in one turn of the event loop share a statement, because most ask for few records. */
  const waiting: Reading[] = [];

  return {
    read: (keys) => {
      if (keys.length === 0) return Promise.resolve([]);
      return new Promise((resolve, reject) => {
        if (waiting.length === 0) setImmediate(readWaiting);
        waiting.push({ keys, resolve, reject });
      });
    },

    history: async (ids, last) => {
      if (ids.length === 0) return [];
      const { rows } = await store.latestEvents([...new Set(ids)], last).execute(db);
      const trails = Map.groupBy(
        rows.sort((a, b) => a.id - b.id),
        (row) => row.cancellation_id,
      );
      return ids.map((id) => (trails.get(id) ?? []).map(toEvent));
    },
  };

  async function readWaiting(): Promise<void> {
    const readings = takeSome(waiting);
    if (waiting.length > 0) setImmediate(readWaiting);
    try {
      const records = await readAll(readings.flatMap(({ keys }) => keys));
      for (const { keys, resolve } of readings) resolve(keys.map((key) => records.get(orderKeyText(key))));
    } catch (error) {
      for (const { reject } of readings) reject(error);
    }
  }

  async function readAll(keys: readonly OrderKey[]): Promise<Map<string, Cancellation>> {
    // In the order of the text.
    const parts = [store.now(), isOneOf(store, keys)];
    const parameters = parts.flatMap((part) => part.compile(db).parameters);
    const { rows } = await db.executeQuery<ReadRow>({ ...reading, parameters });
    return new Map(rows.map(toCancellation).map((record) => [orderKeyText(record), record]));
  }
}

/** A call of `read` that waits for its statement. */
interface Reading {
  keys: readonly OrderKey[];
  resolve(records: (Cancellation | undefined)[]): void;
  reject(error: unknown): void;
}

/** Most keys in one statement, unless one call has more: SQLite blocks the process while it reads. */
const mostKeys = 1000;

function takeSome(waiting: Reading[]): Reading[] {
  let keys = 0;
  const end = waiting.findIndex((reading, index) => {
    keys += reading.keys.length;
    return index > 0 && keys > mostKeys;
  });
  return waiting.splice(0, end < 0 ? waiting.length : end);
}

/** With row values, the database finds each key by the index of both columns, even if the keys name several providers. */
export function isOneOf(store: Store, keys: readonly OrderKey[]): RawBuilder<boolean> {
  return sql<boolean>`(provider, order_id) in ${store.rows({ provider: "text", orderId: "text" }, keys)}`;
}
