import { type RawBuilder, sql } from "kysely";
import type { Ledger, Page, PageFilter } from "../../domain/ledger.ts";
import type { CancellationRow } from "../schema.ts";
import type { Store } from "../store.ts";
import { isOneOf } from "./reads.ts";
import { dueInMs, toCancellation } from "./rows.ts";

/** Most candidates for one page. Looking at one takes some microseconds; on SQLite, the process does nothing else meanwhile. */
const mostCandidates = 1000;

/**
 * Lists for the back office, by id, which grows with each new order and never changes: inserts and changed records do not shift the pages.
 * Each combination of provider, status and problem has an index. Other filters are checked record by record, and a page ends after a
 * thousand of them: however few of ten million records pass, it takes milliseconds.
 */
export function createPages(store: Store, most = mostCandidates): Pick<Ledger, "page"> {
  return {
    page: async (filter) => {
      const sources = sourcesOf(filter);
      if (sources.length === 0) return readPage(store, filter);
      let page: Page = { records: [], after: null };
      for (const source of sources) {
        page = await checkPage(store, filter, source, most);
        if (page.records.length === filter.first || page.after === null) break;
      }
      return page;
    },
  };

  /** What gives the candidates for a page, each in turn until one of them fills it or has no more. None if an index gives the page. */
  function sourcesOf(filter: PageFilter): Source[] {
    const { keys, settledBefore } = filter;
    if (keys) return [{ id: sql`id`, of: sql`cancellations where ${isOneOf(store, keys)}` }];
    const records = { id: sql`id`, of: sql`cancellations where ${all(indexed(filter))}` };
    const events = carriedBy(filter).map((carried) => ({
      id: sql`cancellation_id`,
      of: sql`cancellation_events where ${carried}`,
    }));
    if (events.length === 0) return settledBefore == null ? [] : [records];
    // A subject may have asked for nearly all orders while a status is that of a few, or the other way round.
    return indexed(filter).length > 0 ? [...events, records] : events;
  }
}

/** Where ids come from, in the order of an index. */
interface Source {
  id: RawBuilder<unknown>;
  /** What follows `from`, with a condition. */
  of: RawBuilder<unknown>;
}

async function readPage(store: Store, filter: PageFilter): Promise<Page> {
  const { rows } = await sql<FoundRow>`
    select cancellations.*, ${dueInMs(store)} from cancellations
    where ${all([...indexed(filter), ...beyond(sql`id`, filter)])}
    order by id ${direction(filter)} limit ${filter.first + 1}`.execute(store.db);
  return toPage(rows, filter, null);
}

/** In one statement, so that the candidates and what is found among them are of one moment. */
async function checkPage(store: Store, filter: PageFilter, { id, of }: Source, most: number): Promise<Page> {
  const last = sql.raw(filter.oldestFirst ? "max" : "min");
  const { rows } = await sql<Looked & (FoundRow | { id: null })>`
    with candidates as materialized (
      select distinct ${id} as candidate from ${of} and ${all(beyond(id, filter))}
      order by ${id} ${direction(filter)} limit ${sql.lit(most)}
    ),
    found as materialized (
      select cancellations.*, ${dueInMs(store)} from candidates cross join ${recordOf(store)}
      where id = candidate and ${all([...indexed(filter), ...checked(filter)])}
      order by candidate ${direction(filter)} limit ${filter.first + 1}
    )
    select found.*, candidates, last_candidate
    from (select count(*) as candidates, ${last}(candidate) as last_candidate from candidates) as looked_at
    left join found on true
    order by found.id ${direction(filter)}`.execute(store.db);
  const [looked] = rows;
  const isCapped = Number(looked?.candidates ?? 0) === most;
  return toPage(
    rows.filter((row) => row.id !== null),
    filter,
    isCapped ? (looked?.last_candidate ?? null) : null,
  );
}

/** One read by the primary key for each candidate, also if PostgreSQL expects the other conditions to find little. SQLite reads in the order of the text. */
function recordOf(store: Store): RawBuilder<unknown> {
  if (!store.shared) return sql`cancellations`;
  return sql`lateral (select * from cancellations where id = candidate limit 1) as cancellations`;
}

type FoundRow = CancellationRow & { due_in_ms: number | null };

interface Looked {
  candidates: number;
  last_candidate: number | null;
}

/** One row more than asked for: if it exists, there is another page. */
function toPage(rows: readonly FoundRow[], { first }: PageFilter, otherwise: number | null): Page {
  const records = rows.slice(0, first).map(toCancellation);
  return { records, after: rows.length > first ? (records.at(-1)?.id ?? null) : otherwise };
}

/** The filters that have indexes. */
function indexed({ provider, status, problemCode }: PageFilter): RawBuilder<unknown>[] {
  return equal({ provider, status, problem_code: problemCode });
}

/** The filters that are checked record by record. */
function checked(filter: PageFilter): RawBuilder<unknown>[] {
  const { settledBefore } = filter;
  // Not `exists`, which PostgreSQL may turn into a join with all that the subject ever asked for.
  const conditions = carriedBy(filter).map(
    (carried) =>
      sql`(select 1 from cancellation_events where cancellation_id = cancellations.id and ${carried} limit 1) = 1`,
  );
  return settledBefore == null ? conditions : [...conditions, sql`settled_at < ${settledBefore}`];
}

function carriedBy({ requestId, requestedBy }: PageFilter): RawBuilder<unknown>[] {
  return equal({ request_id: requestId, requested_by: requestedBy });
}

/** A condition for each column that has a value. */
function equal(columns: Readonly<Record<string, string | null | undefined>>): RawBuilder<unknown>[] {
  return Object.entries(columns).flatMap(([column, value]) =>
    value == null ? [] : sql`${sql.ref(column)} = ${value}`,
  );
}

function beyond(id: RawBuilder<unknown>, { after, oldestFirst }: PageFilter): RawBuilder<unknown>[] {
  return after == null ? [] : [sql`${id} ${sql.raw(oldestFirst ? ">" : "<")} ${after}`];
}

function direction({ oldestFirst }: PageFilter): RawBuilder<unknown> {
  return sql.raw(oldestFirst ? "asc" : "desc");
}

function all(conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return conditions.length > 0 ? sql.join(conditions, sql` and `) : sql`true`;
}
