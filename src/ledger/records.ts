import { randomUUID } from "node:crypto";
import { type Kysely, sql, type Transaction } from "kysely";
import type { OrderKey } from "../domain/cancellation.ts";
import type { Ledger } from "../domain/ledger.ts";
import { addEvents } from "./events.ts";
import { toCancellation, toClaim, toEvent } from "./rows.ts";
import type { CancellationRow, Tables } from "./schema.ts";
import { chunksOf, fromNow, lockedById, type Store } from "./store.ts";

/** Writing down what is asked for, and reading what is written. */
export function createRecords(store: Store, leaseMs: number): Pick<Ledger, "open" | "read" | "history"> {
  const { db } = store;

  return {
    open: ({ provider, orderIds, requestedBy, claim }) =>
      store.transact(async (transaction) => {
        const token = claim ? randomUUID() : null;
        const asked = { provider, lease_token: token, due_at: token ? fromNow(store, leaseMs) : store.now() };
        const added = await add(transaction, asked, orderIds);
        const known = without(orderIds, added);
        const reopened = await reopen(transaction, asked, known);
        const opened = inOrder(orderIds, [...added, ...reopened]);
        await addEvents(
          transaction,
          store,
          opened.map((row) => ({ row, kind: "REQUESTED", requestedBy })),
        );
        const left = await readOrders(transaction, provider, without(known, reopened));
        if (token === null) return { claims: [], records: [...left, ...opened].map(toCancellation) };
        return { claims: opened.map(toClaim), records: left.map(toCancellation) };
      }),

    read: async (keys) => {
      if (keys.length === 0) return [];
      const distinct = new Map(keys.map((key) => [keyText(key), key]));
      const rows = await db
        .selectFrom("cancellations")
        .selectAll()
        .where(isOneOf([...distinct.values()]))
        .execute();
      const found = new Map(rows.map(toCancellation).map((record) => [keyText(record), record]));
      return keys.map((key) => found.get(keyText(key)));
    },

    history: async (ids) => {
      if (ids.length === 0) return [];
      const rows = await db
        .selectFrom("cancellation_events")
        .selectAll()
        .where("cancellation_id", "in", [...new Set(ids)])
        .orderBy("id")
        .execute();
      const trails = Map.groupBy(rows, (row) => row.cancellation_id);
      return ids.map((id) => (trails.get(id) ?? []).map(toEvent));
    },
  };

  /** Of two that add the same order at once, the second waits for the first to commit and then finds it there. */
  async function add(transaction: Transaction<Tables>, asked: Asked, orderIds: readonly string[]) {
    const added: CancellationRow[] = [];
    // Sorted: two that add some of the same orders wait for each other in a line, not in a circle.
    for (const chunk of chunksOf(orderIds.toSorted())) {
      const rows = await transaction
        .insertInto("cancellations")
        .values(
          chunk.map((orderId) => ({
            ...{ ...asked, order_id: orderId, status: "PENDING", requested_at: store.now(), attempts: 0 },
            ...{ step: "cancel", doubtful: 0, retries: 0, lookups: 0 },
          })),
        )
        // Not DO UPDATE: that would lock, and wait for, records that are only to be joined.
        .onConflict((conflict) => conflict.columns(["provider", "order_id"]).doNothing())
        .returningAll()
        .execute();
      added.push(...rows);
    }
    return added;
  }

  async function reopen(transaction: Transaction<Tables>, asked: Asked, orderIds: readonly string[]) {
    const ids: number[] = [];
    for (const chunk of chunksOf(orderIds)) {
      const ended = await transaction
        .selectFrom("cancellations")
        .select("id")
        .where("provider", "=", asked.provider)
        .where("order_id", "in", chunk)
        .where("status", "in", ["REJECTED", "UNCONFIRMED"])
        .execute();
      ids.push(...ended.map(({ id }) => id));
    }
    const reopened: CancellationRow[] = [];
    for (const chunk of chunksOf(ids.sort((a, b) => a - b))) {
      const rows = await transaction
        .with(
          (cte) => cte("ended").materialized(),
          (query) =>
            lockedById(
              store,
              query
                .selectFrom("cancellations")
                .select("id")
                .where("id", "in", chunk)
                .where("status", "in", ["REJECTED", "UNCONFIRMED"]),
            ),
        )
        .updateTable("cancellations")
        .set((eb) => ({
          ...{ status: "PENDING", problem_code: null, provider_code: null, provider_message: null },
          ...{ settled_at: null, step: "cancel", retries: 0, lookups: 0, sent_at: null },
          ...{ requested_at: store.now(), due_at: asked.due_at, lease_token: asked.lease_token },
          // What an unconfirmed attempt may have done, it may still have done.
          doubtful: eb.case().when("status", "=", "UNCONFIRMED").then(1).else(0).end(),
        }))
        .where("id", "in", (eb) => eb.selectFrom("ended").select("ended.id"))
        .returningAll()
        .execute();
      reopened.push(...rows);
    }
    return reopened;
  }
}

/** What the records of one request have in common. */
interface Asked {
  provider: string;
  lease_token: string | null;
  due_at: ReturnType<Store["now"]>;
}

async function readOrders(db: Kysely<Tables>, provider: string, orderIds: readonly string[]) {
  const rows: CancellationRow[] = [];
  for (const chunk of chunksOf(orderIds)) rows.push(...(await selectOrders(db, provider, chunk)));
  return rows;
}

function selectOrders(db: Kysely<Tables>, provider: string, orderIds: readonly string[]) {
  return db
    .selectFrom("cancellations")
    .selectAll()
    .where("provider", "=", provider)
    .where("order_id", "in", orderIds)
    .execute();
}

function without(orderIds: readonly string[], rows: readonly CancellationRow[]): string[] {
  return [...new Set(orderIds).difference(new Set(rows.map((row) => row.order_id)))];
}

function inOrder(orderIds: readonly string[], rows: readonly CancellationRow[]): CancellationRow[] {
  const byOrder = new Map(rows.map((row) => [row.order_id, row]));
  return [...new Set(orderIds)].flatMap((orderId) => byOrder.get(orderId) ?? []);
}

/** Row values find each key by the index of both columns, however many providers the keys name. */
function isOneOf(keys: readonly OrderKey[]) {
  const values = keys.map(({ provider, orderId }) => sql`(${provider}, ${orderId})`);
  return sql<boolean>`(provider, order_id) in (values ${sql.join(values)})`;
}

function keyText({ provider, orderId }: OrderKey): string {
  return `${provider}\n${orderId}`;
}
