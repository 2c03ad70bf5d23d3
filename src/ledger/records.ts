import { randomUUID } from "node:crypto";
import type { Transaction } from "kysely";
import type { Ledger } from "../domain/ledger.ts";
import type { Environments } from "./environments.ts";
import { addEvents } from "./events.ts";
import { isOneOf } from "./reads.ts";
import { ageMs, dueInMs, toCancellation, toClaim } from "./rows.ts";
import type { CancellationRow, Tables } from "./schema.ts";
import { chunksOf, fromNow, lockedById, type Store } from "./store.ts";

/** Records requests. */
export function createRecords(
  store: Store,
  leaseMs: number,
  environments: Pick<Environments, "require">,
): Pick<Ledger, "open"> {
  return {
    open: ({ provider, orderIds, requestedBy, requestId = null, claim }) =>
      store.transact(async (transaction) => {
        await environments.require(transaction, provider);
        const added = await add(transaction, provider, orderIds);
        const known = without(orderIds, added);
        const reopened = await reopen(transaction, provider, known);
        const opened = inOrder(orderIds, [...added, ...reopened]);
        await addEvents(
          transaction,
          store,
          opened.map((row) => ({ row, kind: "REQUESTED", requestedBy, requestId })),
        );
        const claims = await hold(transaction, opened.slice(0, claim));
        const records = await readOrders(transaction, provider, without(orderIds, claims));
        return { claims: claims.map(toClaim), records: records.map(toCancellation) };
      }, orderIds.length),
  };

  /** If two transactions add the same order at once, the second waits for the first to commit and then finds the record. */
  async function add(transaction: Transaction<Tables>, provider: string, orderIds: readonly string[]) {
    const added: CancellationRow[] = [];
    // Sorted, so that two transactions that add some of the same orders cannot deadlock.
    for (const chunk of chunksOf(orderIds.toSorted())) {
      const rows = await transaction
        .insertInto("cancellations")
        .values(
          chunk.map((orderId) => ({
            provider,
            order_id: orderId,
            status: "PENDING",
            requested_at: store.now(),
            attempts: 0,
            step: "cancel",
            in_doubt: 0,
            retries: 0,
            lookups: 0,
            watched_ms: 0,
            due_at: store.now(),
            due_set_at: store.now(),
          })),
        )
        // Not DO UPDATE: that would lock, and wait for, records that stay as they are.
        .onConflict((conflict) => conflict.columns(["provider", "order_id"]).doNothing())
        .returningAll()
        .execute();
      added.push(...rows);
    }
    return added;
  }

  async function reopen(transaction: Transaction<Tables>, provider: string, orderIds: readonly string[]) {
    const ids: number[] = [];
    for (const chunk of chunksOf(orderIds)) {
      const ended = await transaction
        .selectFrom("cancellations")
        .select("id")
        .where("provider", "=", provider)
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
          status: "PENDING",
          problem_code: null,
          provider_code: null,
          provider_message: null,
          settled_at: null,
          step: "cancel",
          retries: 0,
          lookups: 0,
          watched_ms: 0,
          sent_at: null,
          requested_at: store.now(),
          due_at: store.now(),
          due_set_at: store.now(),
          // The attempt that was not confirmed may still have had an effect.
          in_doubt: eb.case().when("status", "=", "UNCONFIRMED").then(1).else(0).end(),
        }))
        .where("id", "in", (eb) => eb.selectFrom("ended").select("ended.id"))
        .returningAll()
        .execute();
      reopened.push(...rows);
    }
    return reopened;
  }

  /** Claims these, and returns them in the same order. */
  async function hold(transaction: Transaction<Tables>, rows: readonly CancellationRow[]) {
    if (rows.length === 0) return [];
    const held = await transaction
      .updateTable("cancellations")
      .set({ lease_token: randomUUID(), due_at: fromNow(store, leaseMs), due_set_at: store.now() })
      .where("id", "in", store.ids(rows.map(({ id }) => id)))
      .returningAll()
      .returning(ageMs(store))
      .execute();
    return inOrder(
      rows.map((row) => row.order_id),
      held,
    );
  }

  async function readOrders(transaction: Transaction<Tables>, provider: string, orderIds: readonly string[]) {
    if (orderIds.length === 0) return [];
    return transaction
      .selectFrom("cancellations")
      .selectAll()
      .select(dueInMs(store))
      .where(
        isOneOf(
          store,
          orderIds.map((orderId) => ({ provider, orderId })),
        ),
      )
      .execute();
  }
}

function without(orderIds: readonly string[], rows: readonly CancellationRow[]): string[] {
  return [...new Set(orderIds).difference(new Set(rows.map((row) => row.order_id)))];
}

function inOrder<Row extends CancellationRow>(orderIds: readonly string[], rows: readonly Row[]): Row[] {
  const byOrder = new Map(rows.map((row) => [row.order_id, row]));
  return [...new Set(orderIds)].flatMap((orderId) => byOrder.get(orderId) ?? []);
}
