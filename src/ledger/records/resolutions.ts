import { sql, type Transaction } from "kysely";
import { type Cancellation, type OrderKey, orderKeyText, type Problem } from "../../domain/cancellation.ts";
import type { Ledger } from "../../domain/ledger.ts";
import type { CancellationRow, Tables } from "../schema.ts";
import { type Announce, lockClause, type Store, unindexedStatus } from "../store.ts";
import { addEvents, type NewEvent, settledIn } from "./events.ts";
import type { OnSettled } from "./outbox.ts";
import { toCancellation } from "./rows.ts";

/** Records what was found out about UNCONFIRMED orders, by a person or by a look-up that a person asked for. */
export function createResolutions(
  store: Store,
  announce: Announce,
  onSettled: OnSettled,
): Pick<Ledger, "resolve" | "recordLookups"> {
  return {
    resolve: (orders, { status, note, requestedBy, requestId }) => {
      const problem = status === "REJECTED" ? notCancelled : null;
      const findings = orders.map(({ provider, orderId }) => ({ provider, orderId, settledAt: null, status, problem }));
      return record(findings, (row) => [{ row, kind: "RESOLVED", note, requestedBy, requestId }]);
    },

    recordLookups: (lookups) => {
      const findings = lookups.map(({ record: { provider, orderId, settledAt }, progress: { status, problem } }) => ({
        ...{ provider, orderId, settledAt, status, problem },
      }));
      return record(findings, (row, index) => {
        const lookup = lookups[index];
        return lookup ? [{ row, kind: "LOOKED_UP", ...lookup.event }] : [];
      });
    },
  };

  async function record(
    findings: readonly Finding[],
    eventsOf: (row: CancellationRow, index: number) => NewEvent[],
  ): Promise<(Cancellation | undefined)[]> {
    if (findings.length === 0) return [];
    const rows = await store.transact(async (transaction) => {
      const updated = await update(transaction, findings);
      const found = new Map(
        updated.map((row) => [orderKeyText({ provider: row.provider, orderId: row.order_id }), row]),
      );
      const ordered = findings.map((finding) => found.get(orderKeyText(finding)));
      const events = ordered.flatMap((row, index) => {
        if (!row) return [];
        const ended: NewEvent[] = isSettledNow(row) ? [{ row, kind: "SETTLED", problemCode: row.problem_code }] : [];
        return [...eventsOf(row, index), ...ended];
      });
      await addEvents(transaction, store, events);
      await onSettled(transaction, settledIn(events));
      return ordered;
    });
    return rows.map((row) => {
      if (!row) return undefined;
      const changed = toCancellation(row);
      announce(changed, "written", changed);
      return changed;
    });
  }

  /**
   * If somebody asks for an order anew at the same moment, one of the two finds another state, and changes nothing. A record that stays
   * UNCONFIRMED has ended when it had ended.
   */
  async function update(transaction: Transaction<Tables>, findings: readonly Finding[]): Promise<CancellationRow[]> {
    const rows = findings.map(({ provider, orderId, settledAt, status, problem }) => ({
      ...{ of_provider: provider, of_order: orderId, seen_settled_at: settledAt, to_status: status },
      ...{ to_problem: problem?.code ?? null, to_code: problem?.providerCode ?? null },
      to_message: problem?.providerMessage ?? null,
    }));
    const updated = await sql<CancellationRow>`
      with findings as materialized ${store.rows(columns, rows)},
      open as materialized (
        select cancellations.id as open_id, findings.* from findings cross join cancellations
        where provider = of_provider and order_id = of_order and ${unindexedStatus(store)} = 'UNCONFIRMED'
          and (seen_settled_at is null or settled_at = seen_settled_at)
        order by cancellations.id ${lockClause(store)}
      )
      update cancellations set
        status = to_status, problem_code = to_problem, provider_code = to_code, provider_message = to_message,
        settled_at = case when to_status = 'UNCONFIRMED' then settled_at else ${store.now()} end
      from open where id = open_id
      returning *`.execute(transaction);
    return updated.rows;
  }
}

interface Finding extends OrderKey {
  /** When the record had ended that was looked up; null for any. */
  settledAt: number | null;
  status: string;
  problem: Problem | null;
}

/** What a person was told is no answer of the provider to us. */
const notCancelled: Problem = { code: "REFUSED", providerCode: null, providerMessage: null };

const columns = {
  of_provider: "text",
  of_order: "text",
  seen_settled_at: "bigint",
  to_status: "text",
  to_problem: "text",
  to_code: "text",
  to_message: "text",
} as const;

function isSettledNow({ status }: CancellationRow): boolean {
  return status !== "UNCONFIRMED";
}
