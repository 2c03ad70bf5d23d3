import { type RawBuilder, sql } from "kysely";
import type { OrderKey } from "../domain/cancellation.ts";
import type { Ledger } from "../domain/ledger.ts";
import { orderKeyText } from "../domain/order-key.ts";
import { cancellationColumns, dueInMs, type ReadRow, toCancellation, toEvent } from "./rows.ts";
import type { Store } from "./store.ts";

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

  return {
    read: async (keys) => {
      if (keys.length === 0) return [];
      const texts = keys.map(orderKeyText);
      const distinct = new Map(texts.map((text, index) => [text, keys[index] as OrderKey]));
      // In the order of the text.
      const parts = [store.now(), isOneOf(store, [...distinct.values()])];
      const parameters = parts.flatMap((part) => part.compile(db).parameters);
      const { rows } = await db.executeQuery<ReadRow>({ ...reading, parameters });
      const found = new Map(rows.map(toCancellation).map((record) => [orderKeyText(record), record]));
      return texts.map((text) => found.get(text));
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
  return sql<boolean>`(provider, order_id) in ${store.rows({ provider: "text", orderId: "text" }, keys)}`;
}
