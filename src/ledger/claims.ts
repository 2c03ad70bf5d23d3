import { randomUUID } from "node:crypto";
import { type Kysely, sql, type Transaction } from "kysely";
import type { Claim, OrderKey } from "../domain/cancellation.ts";
import type { Ledger, Step } from "../domain/ledger.ts";
import { addEvents, type NewEvent } from "./events.ts";
import { ageMs, toClaim } from "./rows.ts";
import type { Tables } from "./schema.ts";
import { fromNow, isHeld, lockedById, type Store } from "./store.ts";
import type { Times } from "./times.ts";

/** Claims records, writes their steps, and releases them. Every update needs the token under which the record is held. */
export function createClaims(
  store: Store,
  leaseMs: number,
  times: Times,
  announce: (key: OrderKey) => void,
): Pick<Ledger, "claimDue" | "markSent" | "write" | "release" | "renew"> {
  const { db } = store;
  const lease = () => ({ due_at: fromNow(store, leaseMs), due_set_at: store.now() });

  return {
    claimDue: async (provider, { limit, held, takeOver }) => {
      await times.mend();
      const rows = await db
        .with(
          // Materialized, because a plan that ran the selection twice would claim more than the limit.
          (cte) => cte("due").materialized(),
          (query) => {
            let due = query
              .selectFrom("cancellations")
              .select("id")
              .where("provider", "=", provider)
              // In the text, not as a parameter: the index covers PENDING only.
              .where("status", "=", sql.lit("PENDING"))
              .where("due_at", "<=", store.now())
              .orderBy("due_at")
              .orderBy("id")
              .limit(limit);
            if (held.length > 0) due = due.where("id", "not in", store.ids(held));
            if (!takeOver || !times.leasesHold()) due = due.where("lease_token", "is", null);
            return store.shared ? due.forNoKeyUpdate().skipLocked() : due;
          },
        )
        .updateTable("cancellations")
        .set({ lease_token: randomUUID(), ...lease() })
        .where("id", "in", (eb) => eb.selectFrom("due").select("due.id"))
        .returningAll()
        .returning(ageMs(store))
        .execute();
      return rows.sort((a, b) => a.requested_at - b.requested_at || a.id - b.id).map(toClaim);
    },

    markSent: (claims) =>
      store.transact(async (transaction) => {
        const marked = await updateHeld(transaction, claims)
          // With a new lease, so that no other instance takes the record over while its request is under way.
          .set((eb) => ({ sent_at: store.now(), attempts: eb("attempts", "+", 1), ...lease() }))
          .returningAll()
          .returning(ageMs(store))
          .execute();
        await addEvents(
          transaction,
          store,
          marked.map((row) => ({ row, kind: "SENT" })),
        );
        const found = new Map(marked.map((row) => [row.id, toClaim(row)]));
        return claims.flatMap((claim) => {
          const sent = found.get(claim.id);
          return sent?.token === claim.token ? sent : [];
        });
      }, claims.length),

    write: async (steps) => {
      const written = await store.transact(async (transaction) => {
        const events: NewEvent[] = [];
        const done: Step[] = [];
        for (const step of steps.toSorted((a, b) => a.claim.id - b.claim.id)) {
          const row = await writeStep(transaction, step);
          if (row || (await wasWritten(transaction, step))) done.push(step);
          if (!row) continue;
          if (step.event) events.push({ row, ...step.event });
          if (row.status !== "PENDING") events.push({ row, kind: "SETTLED", problemCode: row.problem_code });
        }
        await addEvents(transaction, store, events);
        const keys = done.map(({ claim }) => claim);
        if (keys.length > 0) await store.notify?.(transaction, keys);
        return done;
      }, steps.length);
      // All of them: the others were changed by another instance, or by an earlier try whose commit got no answer.
      for (const { claim } of steps) announce(claim);
      return written;
    },

    release: async (claims) => {
      if (claims.length === 0) return;
      const now = store.now();
      await updateHeld(db, claims).set({ lease_token: null, due_at: now, due_set_at: now }).execute();
    },

    renew: async (claims) => {
      if (claims.length === 0) return;
      // A locked row is being written at this moment. The other leases must not wait for it.
      await updateHeld(db, claims, { skipLocked: true }).set(lease()).execute();
    },
  };

  function updateHeld(on: Kysely<Tables>, claims: readonly Claim[], { skipLocked = false } = {}) {
    return on
      .with(
        (cte) => cte("held").materialized(),
        (query) => {
          const rows = lockedById(store, query.selectFrom("cancellations").select("id").where(isHeld(store, claims)));
          return store.shared && skipLocked ? rows.skipLocked() : rows;
        },
      )
      .updateTable("cancellations")
      .where("id", "in", (eb) => eb.selectFrom("held").select("held.id"));
  }

  function writeStep(transaction: Transaction<Tables>, { claim, progress, attempts }: Step) {
    const { delayMs } = progress;
    return transaction
      .updateTable("cancellations")
      .set({
        status: progress.status,
        problem_code: progress.problem?.code ?? null,
        provider_code: progress.problem?.providerCode ?? null,
        provider_message: progress.problem?.providerMessage ?? null,
        settled_at: progress.status === "PENDING" ? null : store.now(),
        attempts,
        step: progress.step,
        in_doubt: progress.inDoubt ? 1 : 0,
        retries: progress.retries,
        lookups: progress.lookups,
        watched_ms: progress.watchedMs,
        sent_at: null,
        due_at: delayMs === null ? null : fromNow(store, delayMs),
        due_set_at: delayMs === null ? null : store.now(),
        lease_token: null,
        written_by: claim.token,
      })
      .where("id", "=", claim.id)
      .where("lease_token", "=", claim.token)
      .where("status", "=", "PENDING")
      .returningAll()
      .executeTakeFirst();
  }

  /** Whether an earlier try of the same step wrote it, and its commit got no answer. */
  async function wasWritten(transaction: Transaction<Tables>, { claim }: Step): Promise<boolean> {
    const written = transaction.selectFrom("cancellations").select("id").where("id", "=", claim.id);
    return (await written.where("written_by", "=", claim.token).executeTakeFirst()) !== undefined;
  }
}
