import { type RawBuilder, sql } from "kysely";
import type { OrderKey } from "../domain/cancellation.ts";
import type { Ledger } from "../domain/ledger.ts";
import { orderKeyText } from "../domain/order-key.ts";
import { dueInMs, toCancellation, toEvent } from "./rows.ts";
import type { Store } from "./store.ts";

/** Reads records and their audit trails. */
export function createReads(store: Store): Pick<Ledger, "read" | "history"> {
  const { db } = store;

  return {
    read: async (keys) => {
      if (keys.length === 0) return [];
      const distinct = new Map(keys.map((key) => [orderKeyText(key), key]));
      const rows = await db
        .selectFrom("cancellations")
        .selectAll()
        .select(dueInMs(store))
        .where(isOneOf(store, [...distinct.values()]))
        .execute();
      const found = new Map(rows.map(toCancellation).map((record) => [orderKeyText(record), record]));
      return keys.map((key) => found.get(orderKeyText(key)));
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
}

/** With row values, the database finds each key by the index of both columns, even if the keys name several providers. */
export function isOneOf(store: Store, keys: readonly OrderKey[]): RawBuilder<boolean> {
  const pairs = keys.map(({ provider, orderId }) => [provider, orderId] as const);
  return sql<boolean>`(provider, order_id) in ${store.pairs(pairs, "text")}`;
}
