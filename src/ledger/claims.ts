import { randomUUID } from "node:crypto";
import { type Kysely, sql, type Transaction } from "kysely";
import type { Claim } from "../domain/cancellation.ts";
import type { Ledger, Step } from "../domain/ledger.ts";
import type { OnSettled } from "./announcements.ts";
import { createDue } from "./due.ts";
import { addEvents, type NewEvent, settledIn } from "./events.ts";
import { ageMs, toClaim } from "./rows.ts";
import type { CancellationRow, Tables } from "./schema.ts";
import { type Announce, fromNow, isHeld, lockedById, type Store } from "./store.ts";
import type { Times } from "./times.ts";

/** Claims records, writes their steps, and releases them. Every update needs the token under which the record is held. */
export function createClaims(
  store: Store,
  leaseMs: number,
  times: Times,
  announce: Announce,
  onSettled: OnSettled,
): Pick<Ledger, "nextDue" | "claimDue" | "markSent" | "write" | "release" | "renew"> {
  const { db } = store;
  const { nextDue, lockDue } = createDue(store);
  const lease = () => ({ due_at: fromNow(store, leaseMs), due_set_at: store.now() });

  return {
    nextDue: async (providers) => {
      await times.mend();
      return nextDue(providers);
    },

    // This and `markSent` count as small work, however many rows it is: a slot would run out while they wait behind bulk.
    claimDue: async (provider, options) => {
      await times.mend();
      const takeOver = options.takeOver && times.leasesHold();
      return store.transact(async (transaction) => {
        const ids = await lockDue(transaction, provider, { ...options, takeOver });
        if (ids.length === 0) return [];
        const rows = await transaction
          .updateTable("cancellations")
          .set({ lease_token: randomUUID(), ...lease() })
          .where("id", "in", store.ids(ids))
          .returningAll()
          .returning(ageMs(store))
          .execute();
        return rows.sort(byTurn).map(toClaim);
      });
    },

    markSent: async (claims) => {
      const sent = await store.transact(async (transaction) => {
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
        const held = claims.flatMap((claim) => {
          const sent = found.get(claim.id);
          return sent?.token === claim.token ? sent : [];
        });
        if (held.length > 0) await store.notify?.(transaction, held, "sent");
        return held;
      });
      for (const claim of sent) announce(claim, "sent");
      return sent;
    },

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
        await onSettled(transaction, settledIn(events));
        const keys = done.map(({ claim }) => claim);
        if (keys.length > 0) await store.notify?.(transaction, keys, "written");
        return done;
      }, steps.length);
      // All of them: the others were changed by another instance, or by an earlier try whose commit got no answer.
      for (const { claim } of steps) announce(claim, "written");
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
        max_batch: progress.maxBatch,
        sent_at: null,
        due_at: delayMs === null ? null : fromNow(store, delayMs),
        due_set_at: delayMs === null ? null : store.now(),
        turn_at: delayMs === null ? sql<number>`turn_at` : sql<number>`${fromNow(store, delayMs)} + lag_ms`,
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

function byTurn(a: CancellationRow, b: CancellationRow): number {
  return a.turn_at - b.turn_at || a.id - b.id;
}
