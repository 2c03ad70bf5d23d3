import { randomUUID } from "node:crypto";
import { sql, type Transaction } from "kysely";
import type { Ledger, Places } from "../domain/ledger.ts";
import type { Environments } from "./environments.ts";
import { addEvents } from "./events.ts";
import { isOneOf } from "./reads.ts";
import { ageMs, dueInMs, toCancellation, toClaim } from "./rows.ts";
import type { CancellationRow, Tables } from "./schema.ts";
import { type Announce, fromNow, type Store } from "./store.ts";

/** Records requests. */
export function createRecords(
  store: Store,
  leaseMs: number,
  environments: Pick<Environments, "require">,
  announce: Announce,
): Pick<Ledger, "open"> {
  return {
    open: async ({ provider, orderIds, requestedBy, requestId = null, claim, places: { lagMs, turnMs } = front }) => {
      const places = [...new Set(orderIds)].map((orderId, index) => ({
        orderId,
        lagMs: Math.round(lagMs + index * turnMs),
      }));
      const { requested, ...answer } = await store.transact(async (transaction) => {
        await environments.require(transaction, provider);
        const added = await add(transaction, provider, places);
        const known = new Set(without(orderIds, added));
        const reopened = await reopen(
          transaction,
          provider,
          places.filter(({ orderId }) => known.has(orderId)),
        );
        const opened = inOrder(orderIds, [...added, ...reopened]);
        await addEvents(
          transaction,
          store,
          opened.map((row) => ({ row, kind: "REQUESTED", requestedBy, requestId })),
        );
        const claims = await hold(transaction, opened.slice(0, claim));
        const records = await readOrders(transaction, provider, without(orderIds, claims));
        const requested = opened.map((row) => ({ provider, orderId: row.order_id }));
        if (requested.length > 0) await store.notify?.(transaction, requested, "requested");
        return { claims: claims.map(toClaim), records: records.map(toCancellation), requested };
      }, orderIds.length);
      for (const key of requested) announce(key, "requested");
      return answer;
    },
  };

  /**
   * If two transactions add the same order at once, the second waits for the first to commit and then finds the record. Sorted, so that
   * two transactions that add some of the same orders cannot deadlock. Not DO UPDATE: that would lock, and wait for, records that
   * stay as they are.
   */
  async function add(transaction: Transaction<Tables>, provider: string, places: readonly Place[]) {
    const now = store.now();
    const added = await sql<CancellationRow>`
      with asked(lag_ms, order_id) as ${placesOf(places)}
      insert into cancellations (
        provider, order_id, status, requested_at, attempts, step, in_doubt, retries, lookups, due_at, due_set_at, turn_at, lag_ms
      )
      select ${provider}, order_id, 'PENDING', ${now}, 0, 'cancel', 0, 0, 0, ${now}, ${now}, ${now} + lag_ms, lag_ms from asked
      where true order by order_id
      on conflict (provider, order_id) do nothing
      returning *`.execute(transaction);
    return added.rows;
  }

  /** If it was UNCONFIRMED, the attempt before may still have had an effect: it stays in doubt. */
  async function reopen(transaction: Transaction<Tables>, provider: string, places: readonly Place[]) {
    if (places.length === 0) return [];
    const now = store.now();
    const ended = sql`${sql.raw(store.shared ? "status" : "+status")} in ('REJECTED', 'UNCONFIRMED')`;
    const reopened = await sql<CancellationRow>`
      with asked(lag_ms, order_id) as materialized ${placesOf(places)},
      ended(ended_id, behind_ms) as materialized (
        select cancellations.id, asked.lag_ms from asked
        cross join cancellations
        where provider = ${provider} and cancellations.order_id = asked.order_id and ${ended}
        order by cancellations.id ${sql.raw(store.shared ? "for no key update of cancellations" : "")}
      )
      update cancellations set
        status = 'PENDING', problem_code = null, provider_code = null, provider_message = null, settled_at = null,
        step = 'cancel', retries = 0, lookups = 0, watched_ms = 0, sent_at = null,
        requested_at = ${now}, due_at = ${now}, due_set_at = ${now}, turn_at = ${now} + behind_ms, lag_ms = behind_ms,
        in_doubt = case when status = 'UNCONFIRMED' then 1 else 0 end
      from ended where id = ended_id
      returning *`.execute(transaction);
    return reopened.rows;
  }

  function placesOf(places: readonly Place[]) {
    return store.pairs(
      places.map(({ lagMs, orderId }) => [lagMs, orderId]),
      "bigint",
    );
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

const front: Places = { lagMs: 0, turnMs: 0 };

/** An order, and how far it stands behind orders that are due at the same time, ms. */
interface Place {
  orderId: string;
  lagMs: number;
}

function without(orderIds: readonly string[], rows: readonly CancellationRow[]): string[] {
  return [...new Set(orderIds).difference(new Set(rows.map((row) => row.order_id)))];
}

function inOrder<Row extends CancellationRow>(orderIds: readonly string[], rows: readonly Row[]): Row[] {
  const byOrder = new Map(rows.map((row) => [row.order_id, row]));
  return [...new Set(orderIds)].flatMap((orderId) => byOrder.get(orderId) ?? []);
}
