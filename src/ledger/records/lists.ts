import { sql } from "kysely";
import type { Ledger } from "../../domain/ledger.ts";
import type { Store } from "../store.ts";
import { dueInMs, toCancellation } from "./rows.ts";

/** Lists for the back office. */
export function createPages(store: Store): Pick<Ledger, "page"> {
  const { db } = store;
  return {
    page: async ({ provider = null, status = null, problemCode = null, first, after = null, ...more }) => {
      const { orderId = null, requestedBy = null, requestId = null, settledBefore = null, oldestFirst = false } = more;
      // By id, which grows with each new order and never changes: inserts and changed records do not shift the pages.
      let query = db
        .selectFrom("cancellations")
        .selectAll()
        .select(dueInMs(store))
        .orderBy("id", oldestFirst ? "asc" : "desc")
        .limit(first);
      if (provider !== null) query = query.where("provider", "=", provider);
      if (status !== null) query = query.where("status", "=", status);
      if (problemCode !== null) query = query.where("problem_code", "=", problemCode);
      if (orderId !== null) query = query.where("order_id", "=", orderId);
      if (settledBefore !== null) query = query.where("settled_at", "<", settledBefore);
      if (requestedBy !== null) query = query.where(asked("requested_by", requestedBy));
      if (requestId !== null) query = query.where(asked("request_id", requestId));
      if (after !== null) query = query.where("id", oldestFirst ? ">" : "<", after);
      return (await query.execute()).map(toCancellation);
    },
  };

  function asked(column: "requested_by" | "request_id", value: string) {
    return sql<boolean>`id in (select cancellation_id from cancellation_events where ${sql.ref(column)} = ${value})`;
  }
}
