import type { Kysely, Transaction } from "kysely";
import type { Tables } from "../schema.ts";

/** The work of one caller within a transaction. It may be run again in another transaction after this one was rolled back. */
export type Work<T> = (transaction: Transaction<Tables>) => Promise<T>;

/** Work that is done at once for the items of all callers who share a transaction. Resolves to one result for each item, in order. */
export type SharedWork<Item, Result> = (
  transaction: Transaction<Tables>,
  items: readonly Item[],
) => Promise<readonly Result[]>;

/** One caller's work, and what the caller waits for. */
export interface Member {
  work: SharedWork<unknown, unknown>;
  items: readonly unknown[];
  /** About how many rows it writes. */
  rows: number;
  /** Since when it waits. */
  since: number;
  resolve(results: readonly unknown[]): void;
  reject(error: unknown): void;
}

export interface CommitOptions {
  afterFailure(error: unknown): NextTry;
  /** Lets this transaction wait longer for locked rows. Needed if `afterFailure` tells of `locked`. */
  waitForLocks?(transaction: Transaction<Tables>): Promise<void>;
  /** Ms since some moment; never goes back. */
  elapsed(): number;
}

/**
 * What to do after the work of one has failed in the transaction of all. `alone`: commit each on its own, so that only that one
 * fails. `locked`: the same, and then wait for the rows of that one. `repeat`: try all together once more. `fail`: the same would
 * happen to the others.
 */
export type NextTry = "alone" | "locked" | "repeat" | "fail";

/** Longest wait for a transaction to begin, ms: as long as a mutation waits. */
const longestQueueMs = 10_000;

/** Work that waits for locked rows, at once: each wait takes one of the pool's connections. */
const mostWaiting = 2;

/** Longest that such work queues for its wait, ms: as long as one wait takes. */
const longestLockQueueMs = 2000;

/** The function it makes commits all work together, and tells when the work is done and the commit begins. It never rejects. */
export function createCommit(db: Kysely<Tables>, { afterFailure, waitForLocks, elapsed }: CommitOptions) {
  const locked: { member: Member; error: unknown; since: number }[] = [];
  let waiting = 0;

  return (members: readonly Member[], worked: () => void) => commit(members, "first", worked);

  async function commit(
    members: readonly Member[],
    nth: "first" | "second" | "patient",
    worked = () => {},
  ): Promise<void> {
    let workFailed = false;
    try {
      const results = await db.transaction().execute(async (transaction) => {
        if (nth === "patient") await waitForLocks?.(transaction);
        return runAll(transaction, members)
          .catch((error) => {
            workFailed = true;
            throw error;
          })
          .finally(worked);
      });
      for (const [{ resolve }, result] of results) resolve(result);
    } catch (error) {
      await afterwards(members, nth, error, workFailed);
    }
  }

  async function afterwards(
    members: readonly Member[],
    nth: string,
    error: unknown,
    workFailed: boolean,
  ): Promise<void> {
    const next = afterFailure(error);
    if (next === "repeat" && nth === "first") return commit(members, "second");
    // If the commit got no answer, it may have been carried out.
    if (next === "fail" || (next !== "repeat" && !workFailed)) return reject(members, error);
    if (members.length > 1) return eachAlone(members);
    if (next === "locked" && nth !== "patient")
      void waitApart({ member: members[0] as Member, error, since: elapsed() });
    else reject(members, error);
  }

  async function eachAlone(members: readonly Member[]): Promise<void> {
    for (const member of members) {
      if (!rejectLate(member, elapsed())) await commit([member], "second");
    }
  }

  /** Those whose rows are locked wait apart, a few at once, so that they hold up no others. */
  async function waitApart(job: (typeof locked)[number]): Promise<void> {
    locked.push(job);
    if (waiting === mostWaiting) return;
    waiting += 1;
    for (let next = locked.shift(); next; next = locked.shift()) {
      if (elapsed() - next.since > longestLockQueueMs) next.member.reject(next.error);
      else await commit([next.member], "patient");
    }
    waiting -= 1;
  }
}

/** Rejects work that has waited for too long, and says whether it did. */
export function rejectLate({ since, reject }: Member, now: number): boolean {
  if (now - since <= longestQueueMs) return false;
  const error = new Error(`the database did not begin with it within ${longestQueueMs} ms`);
  reject(Object.assign(error, { code: "POOL_TIMEOUT" }));
  return true;
}

function reject(members: readonly Member[], error: unknown): void {
  for (const member of members) member.reject(error);
}

async function runAll(transaction: Transaction<Tables>, members: readonly Member[]) {
  const results = new Map<Member, readonly unknown[]>();
  for (const [work, callers] of Map.groupBy(members, (member) => member.work)) {
    const all = await work(
      transaction,
      callers.flatMap(({ items }) => items),
    );
    let start = 0;
    for (const caller of callers) {
      const end = start + caller.items.length;
      results.set(caller, all.slice(start, end));
      start = end;
    }
  }
  return results;
}
