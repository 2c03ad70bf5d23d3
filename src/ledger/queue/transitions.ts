import { sql, type Transaction } from "kysely";
import type { Cancellation } from "../../domain/cancellation.ts";
import type { Ledger, Transition } from "../../domain/ledger.ts";
import { addEvents, type NewEvent, settledIn } from "../records/events.ts";
import type { OnSettled } from "../records/outbox.ts";
import { toCancellation } from "../records/rows.ts";
import type { CancellationRow, Tables } from "../schema.ts";
import { type Announce, lockClause, type Store, unindexedStatus } from "../store.ts";

/** Writes transitions. Those of many callers share a transaction and its statements. */
export function createTransitions(store: Store, announce: Announce, onSettled: OnSettled): Pick<Ledger, "write"> {
  return {
    write: async (transitions) => {
      const written = await store.transactShared(writeAll, transitions);
      for (const [index, { claim }] of transitions.entries()) {
        // All of them: the others were changed by another instance, or by an earlier try whose commit got no answer.
        announce(claim, "written", written[index]?.record);
      }
      return transitions.filter((_, index) => written[index]?.isWritten);
    },
  };

  async function writeAll(transaction: Transaction<Tables>, transitions: readonly Transition[]): Promise<Written[]> {
    const rows = new Map((await updateRows(transaction, transitions)).map((row) => [row.id, row]));
    const rowOf = ({ claim }: Transition) => {
      const row = rows.get(claim.id);
      return row?.written_by === claim.token ? row : undefined;
    };
    const earlier = await writtenEarlier(
      transaction,
      transitions.filter((transition) => !rowOf(transition)),
    );
    const written = transitions.map((transition) => toWritten(transition, rowOf(transition), earlier));
    const events = transitions.flatMap((transition) => eventsOf(transition, rowOf(transition)));
    await addEvents(transaction, store, events);
    await onSettled(transaction, settledIn(events));
    return written;
  }

  async function updateRows(
    transaction: Transaction<Tables>,
    transitions: readonly Transition[],
  ): Promise<CancellationRow[]> {
    const now = store.now();
    // Locked in one order, so that two instances that write some of the same records cannot deadlock.
    const updated = await sql<CancellationRow>`
      with transitions as materialized ${store.rows(columns, transitions.map(toRow))},
      held as materialized (
        select transitions.* from transitions cross join cancellations where id = step_id
          and lease_token = step_token and ${unindexedStatus(store)} = 'PENDING'
        order by id ${lockClause(store)}
      )
      update cancellations set
        status = to_status, problem_code = to_problem, provider_code = to_provider_code, provider_message = to_message,
        settled_at = case when to_status = 'PENDING' then null else ${now} end,
        attempts = to_attempts, step = to_step, in_doubt = to_in_doubt, retries = to_retries, lookups = to_lookups,
        watched_ms = to_watched_ms, max_batch = to_max_batch, sent_at = null,
        due_at = ${now} + delay_ms, due_set_at = case when delay_ms is null then null else ${now} end,
        turn_at = coalesce(${now} + delay_ms + lag_ms, turn_at),
        lease_token = null, written_by = step_token
      from held where id = step_id
      returning *`.execute(transaction);
    return updated.rows;
  }

  /** The keys of the transitions that an earlier try wrote, whose commit got no answer. */
  async function writtenEarlier(
    transaction: Transaction<Tables>,
    transitions: readonly Transition[],
  ): Promise<Set<string>> {
    if (transitions.length === 0) return new Set();
    const keys = store.rows(
      { id: "bigint", token: "text" },
      transitions.map(({ claim }) => claim),
    );
    const rows = await transaction
      .selectFrom("cancellations")
      .select(["id", "written_by"])
      .where(sql<boolean>`(id, written_by) in ${keys}`)
      .execute();
    return new Set(rows.map((row) => `${row.id} ${row.written_by}`));
  }
}

interface Written {
  isWritten: boolean;
  /** The record as it is now, if this step settled it. */
  record: Cancellation | undefined;
}

function toWritten({ claim }: Transition, row: CancellationRow | undefined, earlier: ReadonlySet<string>): Written {
  return {
    isWritten: row !== undefined || earlier.has(`${claim.id} ${claim.token}`),
    record: row && row.status !== "PENDING" ? toCancellation(row) : undefined,
  };
}

function eventsOf({ event }: Transition, row: CancellationRow | undefined): NewEvent[] {
  if (!row) return [];
  const ended: NewEvent[] = event ? [{ row, ...event }] : [];
  return row.status === "PENDING" ? ended : [...ended, { row, kind: "SETTLED", problemCode: row.problem_code }];
}

const columns = {
  step_id: "bigint",
  step_token: "text",
  to_status: "text",
  to_problem: "text",
  to_provider_code: "text",
  to_message: "text",
  to_attempts: "bigint",
  to_step: "text",
  to_in_doubt: "bigint",
  to_retries: "bigint",
  to_lookups: "bigint",
  to_watched_ms: "bigint",
  to_max_batch: "bigint",
  delay_ms: "bigint",
} as const;

function toRow({ claim, progress, attempts }: Transition) {
  const { status, problem, delayMs } = progress;
  return {
    step_id: claim.id,
    step_token: claim.token,
    to_status: status,
    to_problem: problem?.code ?? null,
    to_provider_code: problem?.providerCode ?? null,
    to_message: problem?.providerMessage ?? null,
    to_attempts: attempts,
    to_step: progress.nextAction,
    to_in_doubt: progress.inDoubt ? 1 : 0,
    to_retries: progress.retries,
    to_lookups: progress.lookups,
    to_watched_ms: Math.ceil(progress.watchedMs),
    to_max_batch: progress.maxBatch,
    delay_ms: delayMs === null ? null : Math.ceil(delayMs),
  };
}
