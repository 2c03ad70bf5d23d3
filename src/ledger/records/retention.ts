import { orderKeyText } from "../../domain/cancellation.ts";
import type { Ledger } from "../../domain/ledger.ts";
import type { Times } from "../queue/clock-jumps.ts";
import type { Store } from "../store.ts";
import { deleteAbandoned } from "./outbox.ts";

/** A record has about six steps in its history. */
const rowsPerRecord = 7;

/** Deletes old records. What is PENDING, or still to be announced by the webhook, is never deleted, however old it is. */
export function createRetention(store: Store, times: Times): Pick<Ledger, "deleteSettled"> {
  return {
    deleteSettled: async ({ olderThanMs, limit }) => {
      await times.mend();
      const now = times.provenNow();
      if (now === undefined) return 0;
      return store.transact(async (transaction) => {
        const old = transaction
          .selectFrom("cancellations")
          .select("id")
          .where("settled_at", "<", now - olderThanMs)
          // A record that is asked for anew loses its `settled_at`. Redundant today; it protects against a later change of that.
          .where("status", "<>", "PENDING")
          .where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom("announcements")
                  .select("announcements.id")
                  .whereRef("announcements.cancellation_id", "=", "cancellations.id")
                  .where("announcements.due_at", "is not", null),
              ),
            ),
          )
          .orderBy("settled_at")
          .limit(limit);
        // Another instance that deletes takes other records. A caller who asks for one of these anew waits, and then adds it.
        const rows = await (store.shared ? old.forUpdate().skipLocked() : old).execute();
        if (rows.length === 0) return 0;
        const ids = store.ids(rows.map(({ id }) => id));
        await deleteAbandoned(
          transaction,
          store,
          rows.map(({ id }) => id),
        );
        await transaction.deleteFrom("cancellation_events").where("cancellation_id", "in", ids).execute();
        await transaction.deleteFrom("cancellations").where("id", "in", ids).execute();
        return rows.length;
      }, limit * rowsPerRecord);
    },
  };
}

/** The same `open`, which opens an order again if its old record was deleted while it was about to be reopened. */
export function openDespiteDeletion(open: Ledger["open"]): Ledger["open"] {
  return async (...requests) => {
    const { claims, records } = await open(...requests);
    const found = new Set([...claims, ...records].map(orderKeyText));
    const gone = requests.flatMap((request) => {
      const orderIds = request.orderIds.filter((orderId) => !found.has(orderKeyText({ ...request, orderId })));
      const claimed = claims.filter(({ provider }) => provider === request.provider).length;
      return orderIds.length > 0 ? [{ ...request, orderIds, claim: Math.max(0, request.claim - claimed) }] : [];
    });
    if (gone.length === 0) return { claims, records };
    const again = await open(...gone);
    return { claims: [...claims, ...again.claims], records: [...records, ...again.records] };
  };
}
