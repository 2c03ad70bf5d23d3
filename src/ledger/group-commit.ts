import { setImmediate } from "node:timers/promises";
import type { Kysely, Transaction } from "kysely";
import type { Tables } from "./schema.ts";

/** The work of one caller within a transaction. It may be run again in another transaction after this one was rolled back. */
export type Work<T> = (transaction: Transaction<Tables>) => Promise<T>;

/**
 * A commit waits for the disk. The work that arrives meanwhile goes into the next transaction together. On SQLite, with 64 callers at
 * once, 869 cancels a second are recorded; with one commit each it is 289.
 */
export function groupCommit(
  db: Kysely<Tables>,
  { parallel, mostCallers, afterFailure, elapsed }: GroupCommitOptions,
): <T>(work: Work<T>, rows?: number) => Promise<T> {
  const gathered: Member[] = [];
  let committers = 0;

  async function commitAll(): Promise<void> {
    committers += 1;
    while (gathered.length > 0) {
      // SQLite blocks the whole process while it works: requests that arrived meanwhile get one turn to add their work.
      await setImmediate();
      rejectLate(gathered, elapsed() - longestQueueMs);
      const group = takeGroup(gathered, mostCallers);
      if (group.length > 0) await commit(db, group, afterFailure);
    }
    committers -= 1;
  }

  return (work, rows = 1) =>
    new Promise((resolve, reject) => {
      gathered.push({ work, rows, since: elapsed(), resolve: resolve as (result: unknown) => void, reject });
      if (committers < parallel) void commitAll();
    });
}

export interface GroupCommitOptions {
  /** Most transactions at once; 1 for a database with one connection. */
  parallel: number;
  /** Most callers in one transaction. */
  mostCallers: number;
  afterFailure: AfterFailure;
  /** Ms since some moment; never goes back. */
  elapsed(): number;
}

/**
 * What to do with the work of the other callers after the work of one has failed: `alone` commits each on its own, so that only that
 * one fails. `repeat` tries all together once more. `fail`: the same would happen to the others.
 */
export type AfterFailure = (error: unknown) => "alone" | "repeat" | "fail";

/** Most rows in one transaction: reads wait for its end, and SQLite blocks the process meanwhile. */
const mostRows = 500;

/** Longest wait for a transaction to begin, ms: as long as a mutation waits. */
const longestQueueMs = 10_000;

/** Work with at most this many rows is small. It goes first, and takes up to half of a transaction, so that it never waits behind bulk. */
const smallRows = 10;

function rejectLate(gathered: Member[], before: number): void {
  const late = gathered.filter(({ since }) => since < before);
  if (late.length === 0) return;
  gathered.splice(0, gathered.length, ...gathered.filter(({ since }) => since >= before));
  const error = new Error(`the database did not begin with it within ${longestQueueMs} ms`);
  for (const { reject } of late) reject(Object.assign(error, { code: "POOL_TIMEOUT" }));
}

/** Takes the next callers from the queue: small work first, and then the others, in order. Takes at least one of the others. */
function takeGroup(gathered: Member[], mostCallers: number): Member[] {
  const isSmall = ({ rows }: Member) => rows <= smallRows;
  const small = fitting(gathered.filter(isSmall), mostCallers, mostRows / 2);
  const others = fitting(
    gathered.filter((member) => !isSmall(member)),
    Math.max(1, mostCallers - small.length),
    mostRows - sum(small),
  );
  const group = new Set([...small, ...others]);
  gathered.splice(0, gathered.length, ...gathered.filter((member) => !group.has(member)));
  return [...group];
}

/** The first of these that fit together; the first one always. */
function fitting(members: readonly Member[], most: number, rows: number): Member[] {
  const end = members.findIndex((_, index) => index > 0 && (index >= most || sum(members.slice(0, index + 1)) > rows));
  return members.slice(0, end < 0 ? members.length : end);
}

function sum(members: readonly Member[]): number {
  return members.reduce((rows, member) => rows + member.rows, 0);
}

interface Member {
  work: Work<unknown>;
  /** About how many rows it writes. */
  rows: number;
  /** Since when it waits. */
  since: number;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** Commits all work together. Never rejects. */
async function commit(
  db: Kysely<Tables>,
  members: readonly Member[],
  afterFailure: AfterFailure,
  isSecond = false,
): Promise<void> {
  let workFailed = false;
  try {
    const results = await db.transaction().execute(async (transaction) => {
      const done: unknown[] = [];
      for (const { work } of members) {
        try {
          done.push(await work(transaction));
        } catch (error) {
          workFailed = true;
          throw error;
        }
      }
      return done;
    });
    for (const [index, { resolve }] of members.entries()) resolve(results[index]);
  } catch (error) {
    const next = workFailed ? afterFailure(error) : "fail";
    if (next === "repeat" && !isSecond) await commit(db, members, afterFailure, true);
    else if (next === "fail" || members.length === 1) for (const { reject } of members) reject(error);
    else for (const member of members) await commit(db, [member], afterFailure, true);
  }
}
