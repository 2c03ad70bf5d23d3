import { randomUUID } from "node:crypto";
import { type RawBuilder, sql, type Transaction } from "kysely";
import { type Cancellation, type Claim, type OrderKey, orderKeyText } from "../../domain/cancellation.ts";
import type { Ledger, OpenRequest, Places } from "../../domain/ledger.ts";
import type { CancellationRow, Tables } from "../schema.ts";
import { type Announce, fromNow, lockClause, type Store, unindexedStatus } from "../store.ts";
import type { Environments } from "./environments.ts";
import { addEvents } from "./events.ts";
import { isOneOf } from "./reads.ts";
import { dueInMs, toCancellation, toClaim } from "./rows.ts";

/** Records requests. Those of many callers share a transaction and its statements. */
export function createRecords(
  store: Store,
  leaseMs: number,
  environments: Pick<Environments, "require">,
  announce: Announce,
): Pick<Ledger, "open"> {
  return {
    open: async (...requests) => {
      const orders = requests.reduce((sum, { orderIds }) => sum + orderIds.length, 0);
      const opened = await store.transactShared(openAll, requests, orders);
      for (const key of opened.flatMap(({ requested }) => requested)) announce(key, "requested");
      return { claims: opened.flatMap(({ claims }) => claims), records: opened.flatMap(({ records }) => records) };
    },
  };

  async function openAll(transaction: Transaction<Tables>, requests: readonly OpenRequest[]): Promise<Opened[]> {
    for (const provider of new Set(requests.map((request) => request.provider))) {
      await environments.require(transaction, provider);
    }
    const asked = requests.map(ordersOf);
    // An order that several requests name is opened for the first of them.
    const first = new Map(
      asked
        .flat()
        .reverse()
        .map((order) => [orderKeyText(order), order]),
    );
    const opened = new Map<Order, CancellationRow>();
    const note = (rows: readonly CancellationRow[]) => {
      for (const row of rows) {
        const order = first.get(orderKeyText({ provider: row.provider, orderId: row.order_id }));
        if (order) opened.set(order, row);
      }
    };
    note(await add(transaction, [...first.values()]));
    const known = [...first.values()].filter((order) => !opened.has(order));
    note(await reopen(transaction, known));
    await addEvents(
      transaction,
      store,
      [...opened].map(([{ requestedBy, requestId }, row]) => ({ row, kind: "REQUESTED", requestedBy, requestId })),
    );
    const others = await readOrders(
      transaction,
      asked.flat().filter((order) => !opened.has(order)),
    );
    return asked.map((orders) => answerOf(orders, opened, others));
  }

  /**
   * If two transactions add the same order at once, the second waits for the first to commit and then finds the record. Sorted, so that
   * two transactions that add some of the same orders cannot deadlock. Not DO UPDATE: that would lock, and wait for, records that
   * stay as they are.
   */
  async function add(transaction: Transaction<Tables>, orders: readonly Order[]) {
    const now = store.now();
    const added = await sql<CancellationRow>`
      insert into cancellations (
        provider, order_id, status, requested_at, attempts, step, in_doubt, retries, lookups,
        due_at, due_set_at, turn_at, lag_ms, lease_token
      )
      select asked_provider, asked_order, 'PENDING', ${now}, 0, 'cancel', 0, 0, 0,
        ${dueAt()}, ${now}, ${now} + place_ms, place_ms, token
      from ${rowsOf(orders)} as asked
      where true order by asked_provider, asked_order
      on conflict (provider, order_id) do nothing
      returning *`.execute(transaction);
    return added.rows;
  }

  /** If it was UNCONFIRMED, the attempt before may still have had an effect: it stays in doubt. */
  async function reopen(transaction: Transaction<Tables>, orders: readonly Order[]) {
    if (orders.length === 0) return [];
    const now = store.now();
    const reopened = await sql<CancellationRow>`
      with asked as materialized ${rowsOf(orders)},
      ended(ended_id, place_ms, token) as materialized (
        select cancellations.id, asked.place_ms, asked.token from asked
        cross join cancellations
        where provider = asked_provider and order_id = asked_order
          and ${unindexedStatus(store)} in ('REJECTED', 'UNCONFIRMED')
        order by cancellations.id ${lockClause(store)}
      )
      update cancellations set
        status = 'PENDING', problem_code = null, provider_code = null, provider_message = null, settled_at = null,
        step = 'cancel', retries = 0, lookups = 0, watched_ms = 0, sent_at = null, lease_token = token,
        requested_at = ${now}, due_at = ${dueAt()}, due_set_at = ${now}, turn_at = ${now} + place_ms, lag_ms = place_ms,
        in_doubt = case when status = 'UNCONFIRMED' then 1 else 0 end
      from ended where id = ended_id
      returning *`.execute(transaction);
    return reopened.rows;
  }

  function rowsOf(orders: readonly Order[]): RawBuilder<unknown> {
    const columns = { asked_provider: "text", asked_order: "text", place_ms: "bigint", token: "text" } as const;
    return store.rows(
      columns,
      orders.map(({ provider, orderId, placeMs, token }) => ({
        asked_provider: provider,
        asked_order: orderId,
        place_ms: placeMs,
        token,
      })),
    );
  }

  /** Of a record that is claimed: the end of its lease. */
  function dueAt(): RawBuilder<number> {
    return sql`case when token is null then ${store.now()} else ${fromNow(store, leaseMs)} end`;
  }

  async function readOrders(transaction: Transaction<Tables>, keys: readonly OrderKey[]) {
    if (keys.length === 0) return new Map<string, Cancellation>();
    const rows = await transaction
      .selectFrom("cancellations")
      .selectAll()
      .select(dueInMs(store))
      .where(isOneOf(store, keys))
      .execute();
    return new Map(rows.map(toCancellation).map((record) => [orderKeyText(record), record]));
  }
}

interface Opened {
  claims: Claim[];
  records: Cancellation[];
  /** What was opened for this request. */
  requested: OrderKey[];
}

/** What one request asks for one order. */
interface Order extends OrderKey {
  /** How far it stands behind orders that are due at the same time, ms. */
  placeMs: number;
  /** Set if it is to be claimed. */
  token: string | null;
  requestedBy: string | null;
  requestId: string | null;
}

const front: Places = { placeMs: 0, spacingMs: 0 };

function ordersOf({ provider, orderIds, requestedBy, requestId = null, claim, places = front }: OpenRequest): Order[] {
  const token = randomUUID();
  return [...new Set(orderIds)].map((orderId, index) => ({
    provider,
    orderId,
    placeMs: Math.round(places.placeMs + index * places.spacingMs),
    token: index < claim ? token : null,
    requestedBy,
    requestId,
  }));
}

function answerOf(
  orders: readonly Order[],
  opened: ReadonlyMap<Order, CancellationRow>,
  others: ReadonlyMap<string, Cancellation>,
): Opened {
  const requested = orders.filter((order) => opened.has(order));
  return {
    // Their age and their wait begin at this moment.
    claims: orders.flatMap((order) => {
      const row = opened.get(order);
      return row && order.token !== null ? toClaim(Object.assign(row, { age_ms: 0 })) : [];
    }),
    records: orders.flatMap((order) => {
      const row = opened.get(order);
      if (!row) return others.get(orderKeyText(order)) ?? [];
      return order.token === null ? { ...toCancellation(row), nextAttemptInMs: 0 } : [];
    }),
    requested,
  };
}
