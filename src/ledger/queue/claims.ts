import { randomUUID } from "node:crypto";
import type { Kysely, Transaction } from "kysely";
import type { Claim } from "../../domain/cancellation.ts";
import type { Ledger } from "../../domain/ledger.ts";
import { addEvents } from "../records/events.ts";
import { ageMs, toClaim } from "../records/rows.ts";
import type { CancellationRow, Tables } from "../schema.ts";
import { type Announce, fromNow, isHeld, lockedById, type Store } from "../store.ts";
import type { Times } from "./clock-jumps.ts";
import { createDue } from "./due.ts";

/** Claims records, marks them as sent, and releases them. Every update needs the token under which the record is held. */
export function createClaims(
  store: Store,
  leaseMs: number,
  times: Times,
  announce: Announce,
): Pick<Ledger, "nextDue" | "claimDue" | "markSent" | "release" | "renew"> {
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
      const marked = await store.transactShared(mark, claims, 1);
      const sent = marked.filter((claim) => claim !== undefined);
      for (const claim of sent) announce(claim, "sent");
      return sent;
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

  /** With new leases, so that no other instance takes a record over while its request is under way. */
  async function mark(transaction: Transaction<Tables>, claims: readonly Claim[]): Promise<(Claim | undefined)[]> {
    const rows = await updateHeld(transaction, claims)
      .set((eb) => ({ sent_at: store.now(), attempts: eb("attempts", "+", 1), ...lease() }))
      .returningAll()
      .returning(ageMs(store))
      .execute();
    await addEvents(
      transaction,
      store,
      rows.map((row) => ({ row, kind: "SENT" })),
    );
    const marked = new Map(rows.map((row) => [row.id, toClaim(row)]));
    return claims.map(({ id, token }) => (marked.get(id)?.token === token ? marked.get(id) : undefined));
  }
}

function byTurn(a: CancellationRow, b: CancellationRow): number {
  return a.turn_at - b.turn_at || a.id - b.id;
}
