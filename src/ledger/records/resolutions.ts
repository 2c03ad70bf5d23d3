import type { Ledger } from "../../domain/ledger.ts";
import type { Announce, Store } from "../store.ts";
import { addEvents } from "./events.ts";
import type { OnSettled } from "./outbox.ts";
import { toCancellation } from "./rows.ts";

/** Records what a person found out about an UNCONFIRMED order. */
export function createResolutions(store: Store, announce: Announce, onSettled: OnSettled): Pick<Ledger, "resolve"> {
  return {
    resolve: async ({ provider, orderId, status, note, requestedBy, requestId }) => {
      const resolved = await store.transact(async (transaction) => {
        // If somebody asks for the order anew at the same moment, one of the two finds another status, and changes nothing.
        const row = await transaction
          .updateTable("cancellations")
          .set({
            status,
            problem_code: status === "REJECTED" ? "REFUSED" : null,
            provider_code: null,
            provider_message: null,
            settled_at: store.now(),
          })
          .where("provider", "=", provider)
          .where("order_id", "=", orderId)
          .where("status", "=", "UNCONFIRMED")
          .returningAll()
          .executeTakeFirst();
        if (!row) return undefined;
        await addEvents(transaction, store, [
          { row, kind: "RESOLVED", note, requestedBy, requestId },
          { row, kind: "SETTLED", problemCode: row.problem_code },
        ]);
        await onSettled(transaction, [row]);
        return toCancellation(row);
      });
      if (resolved) announce(resolved, "written");
      return resolved;
    },
  };
}
