import { randomUUID } from "node:crypto";
import { type ExpressionBuilder, type Kysely, type RawBuilder, sql, type Transaction } from "kysely";
import type { Cancellation, CancellationEvent, Claim, OrderKey } from "../domain/cancellation.ts";
import type { Ledger, Step } from "../domain/ledger.ts";
import type { CancellationRow, Tables } from "./schema.ts";

/** What the two databases do differently. */
export interface Store {
  db: Kysely<Tables>;
  /** The clock of leases and slots, epoch ms: the database's own where several instances share it. */
  now(): RawBuilder<number>;
  /** Whether others write at the same time, so that claims must pass over locked rows. */
  shared: boolean;
  /** Tells every instance once the transaction commits; absent where there is only one. */
  notify?(transaction: Transaction<Tables>, keys: readonly OrderKey[]): Promise<void>;
  /** Calls back for the changes of other instances. */
  onNotified?(listener: (key: OrderKey) => void): void;
  close(): Promise<void>;
}

export interface LedgerOptions {
  /** How long a record stays with a holder that does not renew, ms. */
  leaseMs: number;
}

/** Rows per statement: well below SQLite's 32,766 parameters and its expression depth of 1,000. */
const chunkSize = 200;

export function createLedger(store: Store, { leaseMs }: LedgerOptions): Ledger {
  const { db } = store;
  const listeners = new Set<(key: OrderKey) => void>();
  const announce = (key: OrderKey) => {
    for (const listener of listeners) listener(key);
  };
  store.onNotified?.(announce);
  const leaseEnd = () => sql<number>`${store.now()} + ${sql.lit(leaseMs)}`;

  return {
    open: ({ provider, orderIds, requestedBy, claim }) =>
      db.transaction().execute(async (transaction) => {
        const token = claim ? randomUUID() : null;
        const opened: CancellationRow[] = [];
        // Sorted, so that two instances lock rows in the same order.
        for (const chunk of chunksOf([...orderIds].sort())) {
          const rows = await transaction
            .insertInto("cancellations")
            .values(
              chunk.map((orderId) => ({
                ...{ provider, order_id: orderId, status: "PENDING", requested_at: store.now(), attempts: 0 },
                ...{ step: "cancel", doubtful: 0, retries: 0, lookups: 0, lease_token: token },
                due_at: claim ? leaseEnd() : store.now(),
              })),
            )
            .onConflict((conflict) =>
              conflict
                .columns(["provider", "order_id"])
                .doUpdateSet((eb) => ({
                  ...{ status: "PENDING", problem_code: null, provider_code: null, provider_message: null },
                  ...{ settled_at: null, step: "cancel", retries: 0, lookups: 0, sent_at: null },
                  // What an unconfirmed attempt may have done, it may still have done.
                  doubtful: eb.case().when("cancellations.status", "=", "UNCONFIRMED").then(1).else(0).end(),
                  requested_at: eb.ref("excluded.requested_at"),
                  due_at: eb.ref("excluded.due_at"),
                  lease_token: eb.ref("excluded.lease_token"),
                }))
                .where("cancellations.status", "in", ["REJECTED", "UNCONFIRMED"]),
            )
            .returningAll()
            .execute();
          opened.push(...rows);
          await addEvents(
            transaction,
            rows.map((row) => ({ row, kind: "REQUESTED", requestedBy })),
          );
        }
        const left = new Set(orderIds).difference(new Set(opened.map((row) => row.order_id)));
        const records = await readOrders(transaction, provider, [...left]);
        if (token === null) return { claims: [], records: [...records, ...opened.map(toCancellation)] };
        return { claims: opened.map(toClaim), records };
      }),

    read: async (keys) => {
      if (keys.length === 0) return [];
      const byProvider = Map.groupBy(keys, (key) => key.provider);
      const rows = await db
        .selectFrom("cancellations")
        .selectAll()
        .where((eb) =>
          eb.or(
            [...byProvider].map(([provider, ofProvider]) =>
              eb.and([eb("provider", "=", provider), eb("order_id", "in", [...new Set(ofProvider.map(orderIdOf))])]),
            ),
          ),
        )
        .execute();
      const found = new Map(rows.map((row) => [keyText(row.provider, row.order_id), toCancellation(row)]));
      return keys.map((key) => found.get(keyText(key.provider, key.orderId)));
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

    claimDue: async (provider, limit) => {
      const due = db
        .selectFrom("cancellations")
        .select("id")
        .where("provider", "=", provider)
        .where("status", "=", sql.lit("PENDING"))
        .where("due_at", "<=", store.now())
        .orderBy("requested_at")
        .orderBy("id")
        .limit(limit);
      const rows = await db
        .updateTable("cancellations")
        .set({ lease_token: randomUUID(), due_at: leaseEnd() })
        .where("id", "in", store.shared ? due.forUpdate().skipLocked() : due)
        .returningAll()
        .execute();
      return rows.sort((a, b) => a.requested_at - b.requested_at || a.id - b.id).map(toClaim);
    },

    markSent: (claims) =>
      db.transaction().execute(async (transaction) => {
        const marked: CancellationRow[] = [];
        for (const chunk of chunksOf(claims)) {
          const rows = await transaction
            .updateTable("cancellations")
            .set((eb) => ({ sent_at: store.now(), attempts: eb("attempts", "+", 1) }))
            .where(held(chunk))
            .returningAll()
            .execute();
          await addEvents(
            transaction,
            rows.map((row) => ({ row, kind: "SENT" })),
          );
          marked.push(...rows);
        }
        const byId = new Map(marked.map((row) => [row.id, toClaim(row)]));
        return claims.flatMap((claim) => byId.get(claim.id) ?? []);
      }),

    write: async (steps) => {
      const written = await db.transaction().execute(async (transaction) => {
        const keys: OrderKey[] = [];
        for (const step of steps) if (await writeStep(transaction, step)) keys.push(step.claim);
        await store.notify?.(transaction, keys);
        return keys;
      });
      written.forEach(announce);
    },

    handBack: async (claims) => {
      for (const chunk of chunksOf(claims)) {
        await db
          .updateTable("cancellations")
          .set({ lease_token: null, due_at: store.now() })
          .where(held(chunk))
          .execute();
      }
    },

    renew: async (claims) => {
      for (const chunk of chunksOf(claims)) {
        await db.updateTable("cancellations").set({ due_at: leaseEnd() }).where(held(chunk)).execute();
      }
    },

    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    takeSlot: async (provider, slotLeaseMs) => {
      const token = randomUUID();
      const taken = await db
        .insertInto("provider_slots")
        .values({ provider, free_at: 0, holder: token, held_until: sql`${store.now()} + ${sql.lit(slotLeaseMs)}` })
        .onConflict((conflict) =>
          conflict
            .column("provider")
            .doUpdateSet((eb) => ({ holder: eb.ref("excluded.holder"), held_until: eb.ref("excluded.held_until") }))
            .where("provider_slots.free_at", "<=", store.now())
            .where((eb) =>
              eb.or([eb("provider_slots.holder", "is", null), eb("provider_slots.held_until", "<=", store.now())]),
            ),
        )
        .returning("provider")
        .executeTakeFirst();
      if (taken) return { token };
      const slot = await db
        .selectFrom("provider_slots")
        .select((eb) => ["holder", eb("free_at", "-", store.now()).as("free_in_ms")])
        .where("provider", "=", provider)
        .executeTakeFirst();
      // A held slot comes back at any moment.
      return { waitMs: Math.max(0, slot?.holder ? 0 : Number(slot?.free_in_ms ?? 0)) };
    },

    giveBackSlot: async (provider, token, intervalMs) => {
      await db
        .updateTable("provider_slots")
        .set({ holder: null, free_at: sql`${store.now()} + ${sql.lit(Math.ceil(intervalMs))}` })
        .where("provider", "=", provider)
        .where("holder", "=", token)
        .execute();
    },

    ping: async () => void (await sql`select 1`.execute(db)),
    close: () => store.close(),
  };

  async function writeStep(transaction: Transaction<Tables>, { claim, progress, attempts, event }: Step) {
    const settled = progress.status === "CANCELLED" || progress.status === "REJECTED";
    const row = await transaction
      .updateTable("cancellations")
      .set({
        status: progress.status,
        problem_code: progress.problem?.code ?? null,
        provider_code: progress.problem?.providerCode ?? null,
        provider_message: progress.problem?.providerMessage ?? null,
        settled_at: settled ? store.now() : null,
        attempts,
        step: progress.step,
        doubtful: progress.doubtful ? 1 : 0,
        retries: progress.retries,
        lookups: progress.lookups,
        sent_at: null,
        due_at: progress.dueAt,
        lease_token: null,
      })
      .where(held([claim]))
      .returningAll()
      .executeTakeFirst();
    if (!row) return false;
    await addEvents(transaction, [
      { row, ...event },
      ...(progress.status === "PENDING" ? [] : [{ row, kind: "SETTLED" as const, problemCode: row.problem_code }]),
    ]);
    return true;
  }

  async function addEvents(
    transaction: Transaction<Tables>,
    events: readonly ({ row: CancellationRow } & Pick<CancellationEvent, "kind"> &
      Partial<Pick<CancellationEvent, "problemCode" | "httpStatus" | "durationMs" | "requestedBy">>)[],
  ) {
    if (events.length === 0) return;
    await transaction
      .insertInto("cancellation_events")
      .values(
        events.map(({ row, kind, problemCode, httpStatus, durationMs, requestedBy }) => ({
          cancellation_id: row.id,
          at: store.now(),
          kind,
          attempt: row.attempts,
          status: kind === "SETTLED" ? row.status : null,
          problem_code: problemCode ?? null,
          http_status: httpStatus ?? null,
          duration_ms: durationMs ?? null,
          requested_by: requestedBy ?? null,
        })),
      )
      .execute();
  }
}

/** The state every move leaves: PENDING, and in these very hands. */
function held(claims: readonly Claim[]) {
  return (eb: ExpressionBuilder<Tables, "cancellations">) =>
    eb.and([
      eb("status", "=", "PENDING"),
      eb.or(claims.map((claim) => eb.and([eb("id", "=", claim.id), eb("lease_token", "=", claim.token)]))),
    ]);
}

async function readOrders(db: Kysely<Tables>, provider: string, orderIds: readonly string[]) {
  const records: Cancellation[] = [];
  for (const chunk of chunksOf(orderIds)) {
    const rows = await db
      .selectFrom("cancellations")
      .selectAll()
      .where("provider", "=", provider)
      .where("order_id", "in", chunk)
      .execute();
    records.push(...rows.map(toCancellation));
  }
  return records;
}

function chunksOf<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / chunkSize) }, (_, index) =>
    items.slice(index * chunkSize, (index + 1) * chunkSize),
  );
}

function orderIdOf(key: OrderKey): string {
  return key.orderId;
}

function keyText(provider: string, orderId: string): string {
  return `${provider}\n${orderId}`;
}

function toCancellation(row: CancellationRow): Cancellation {
  return {
    id: row.id,
    provider: row.provider,
    orderId: row.order_id,
    status: row.status,
    problem: row.problem_code && {
      code: row.problem_code,
      providerCode: row.provider_code,
      providerMessage: row.provider_message,
    },
    requestedAt: row.requested_at,
    settledAt: row.settled_at,
    nextAttemptAt: row.lease_token === null ? row.due_at : null,
    attempts: row.attempts,
  };
}

function toClaim(row: CancellationRow): Claim {
  return {
    ...toCancellation(row),
    token: row.lease_token ?? "",
    step: row.step,
    doubtful: row.doubtful === 1,
    retries: row.retries,
    lookups: row.lookups,
    sentAt: row.sent_at,
  };
}

function toEvent(row: {
  at: number;
  kind: CancellationEvent["kind"];
  attempt: number;
  status: CancellationEvent["status"];
  problem_code: CancellationEvent["problemCode"];
  http_status: number | null;
  duration_ms: number | null;
  requested_by: string | null;
}): CancellationEvent {
  return {
    at: row.at,
    kind: row.kind,
    attempt: row.attempt,
    status: row.status,
    problemCode: row.problem_code,
    httpStatus: row.http_status,
    durationMs: row.duration_ms,
    requestedBy: row.requested_by,
  };
}
