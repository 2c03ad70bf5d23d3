import { randomUUID } from "node:crypto";
import { type ExpressionBuilder, type Kysely, sql, type Transaction } from "kysely";
import type { Claim, OrderKey } from "../domain/cancellation.ts";
import type { Ledger, Step } from "../domain/ledger.ts";
import { addEvents, type NewEvent } from "./events.ts";
import { toClaim } from "./rows.ts";
import type { CancellationRow, Tables } from "./schema.ts";
import { chunksOf, fromNow, lockedById, type Store } from "./store.ts";

/** Taking records in hand, moving them on, and letting them go. Each move is for whoever holds the record's token. */
export function createClaims(
  store: Store,
  leaseMs: number,
  announce: (key: OrderKey) => void,
): Pick<Ledger, "claimDue" | "markSent" | "write" | "handBack" | "renew"> {
  const { db } = store;

  return {
    claimDue: async (provider, limit) => {
      const rows = await db
        .with(
          // Materialized: a plan that ran the selection twice would claim more than the limit.
          (cte) => cte("due").materialized(),
          (query) => {
            const due = query
              .selectFrom("cancellations")
              .select("id")
              .where("provider", "=", provider)
              // Written out, not a parameter: the index covers PENDING only.
              .where("status", "=", sql.lit("PENDING"))
              .where("due_at", "<=", store.now())
              .orderBy("requested_at")
              .orderBy("id")
              .limit(limit);
            return store.shared ? due.forNoKeyUpdate().skipLocked() : due;
          },
        )
        .updateTable("cancellations")
        .set({ lease_token: randomUUID(), due_at: fromNow(store, leaseMs) })
        .where("id", "in", (eb) => eb.selectFrom("due").select("due.id"))
        .returningAll()
        .execute();
      return rows.sort((a, b) => a.requested_at - b.requested_at || a.id - b.id).map(toClaim);
    },

    markSent: (claims) =>
      store.transact(async (transaction) => {
        const marked: CancellationRow[] = [];
        for (const chunk of chunksOf(claims.toSorted(byId))) {
          const rows = await updateHeld(transaction, chunk)
            // With a whole lease ahead: nobody takes a record over while its request is just on its way.
            .set((eb) => ({ sent_at: store.now(), attempts: eb("attempts", "+", 1), due_at: fromNow(store, leaseMs) }))
            .returningAll()
            .execute();
          marked.push(...rows);
        }
        await addEvents(
          transaction,
          store,
          marked.map((row) => ({ row, kind: "SENT" })),
        );
        const found = new Map(marked.map((row) => [`${row.lease_token} ${row.id}`, toClaim(row)]));
        return claims.flatMap((claim) => found.get(`${claim.token} ${claim.id}`) ?? []);
      }),

    write: async (steps) => {
      await store.transact(async (transaction) => {
        const events: NewEvent[] = [];
        const keys: OrderKey[] = [];
        for (const step of steps.toSorted((a, b) => byId(a.claim, b.claim))) {
          const row = await writeStep(transaction, step);
          if (!row) continue;
          keys.push(step.claim);
          if (step.event) events.push({ row, ...step.event });
          if (row.status !== "PENDING") events.push({ row, kind: "SETTLED", problemCode: row.problem_code });
        }
        await addEvents(transaction, store, events);
        if (keys.length > 0) await store.notify?.(transaction, keys);
      });
      // All of them: what is no longer ours was changed by another, or by an earlier try whose commit went unanswered.
      for (const { claim } of steps) announce(claim);
    },

    handBack: async (claims) => {
      for (const chunk of chunksOf(claims.toSorted(byId))) {
        await updateHeld(db, chunk).set({ lease_token: null, due_at: store.now() }).execute();
      }
    },

    renew: async (claims) => {
      for (const chunk of chunksOf(claims.toSorted(byId))) {
        await updateHeld(db, chunk)
          .set({ due_at: fromNow(store, leaseMs) })
          .execute();
      }
    },
  };

  function updateHeld(on: Kysely<Tables>, claims: readonly Claim[]) {
    return on
      .with(
        (cte) => cte("held").materialized(),
        (query) => lockedById(store, query.selectFrom("cancellations").select("id").where(isHeld(claims))),
      )
      .updateTable("cancellations")
      .where("id", "in", (eb) => eb.selectFrom("held").select("held.id"));
  }

  function writeStep(transaction: Transaction<Tables>, { claim, progress, attempts }: Step) {
    const settled = progress.status === "CANCELLED" || progress.status === "REJECTED";
    return transaction
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
      .where(isHeld([claim]))
      .returningAll()
      .executeTakeFirst();
  }
}

/** The state that every move leaves: PENDING, and in these very hands. */
function isHeld(claims: readonly Claim[]) {
  return (eb: ExpressionBuilder<Tables, "cancellations">) =>
    eb.and([
      eb("status", "=", "PENDING"),
      eb.or(claims.map((claim) => eb.and([eb("id", "=", claim.id), eb("lease_token", "=", claim.token)]))),
    ]);
}

function byId(a: Claim, b: Claim): number {
  return a.id - b.id;
}
