import { setImmediate } from "node:timers/promises";
import type { Kysely } from "kysely";
import type { Tables } from "../schema.ts";
import { type CommitOptions, createCommit, type Member, rejectLate, type SharedWork, type Work } from "./commit.ts";

/** Runs work in transactions. `rows`: about how many rows it writes. */
export interface Transact {
  /** Resolves once this work is committed. `rows` is 1 unless given. */
  transact<T>(work: Work<T>, rows?: number): Promise<T>;
  /**
   * Resolves to the results of these items once they are committed. The same function is called once for all callers whose items are in
   * one transaction, so that they share its statements.
   */
  transactShared<Item, Result>(
    work: SharedWork<Item, Result>,
    items: readonly Item[],
    rows?: number,
  ): Promise<readonly Result[]>;
}

/**
 * A commit waits for the disk. The work that arrives meanwhile goes into the next transaction together. One transaction works at a time,
 * so that many callers share it; another one begins when the work is done, beside its commit, or when it takes long.
 */
export function groupCommit(db: Kysely<Tables>, { parallel, mostCallers, ...options }: GroupCommitOptions): Transact {
  const { elapsed } = options;
  const commit = createCommit(db, options);
  const gathered: Member[] = [];
  let open = 0;
  let works = false;

  async function commitNext(): Promise<void> {
    if (works || open === parallel || gathered.length === 0) return;
    works = true;
    await othersToCome(gathered);
    gathered.splice(0, gathered.length, ...gathered.filter((member) => !rejectLate(member, elapsed())));
    const group = takeGroup(gathered, mostCallers);
    open += 1;
    const worked = whenWorked();
    if (group.length > 0) await commit(group, worked);
    worked();
    open -= 1;
    void commitNext();
  }

  /** Lets the next transaction begin, when it is called, or after some time. */
  function whenWorked(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, longWorkMs);
    void promise.then(() => {
      clearTimeout(timer);
      works = false;
      void commitNext();
    });
    return resolve;
  }

  const transactShared: Transact["transactShared"] = (work, items, rows = items.length) =>
    new Promise((resolve, reject) => {
      const member = { work, items, rows, since: elapsed(), resolve, reject };
      gathered.push(member as unknown as Member);
      void commitNext();
    });

  return {
    transact: async (work, rows = 1) => {
      const [result] = await transactShared(async (transaction) => [await work(transaction)], [undefined], rows);
      return result as Awaited<ReturnType<typeof work>>;
    },
    transactShared,
  };
}

export interface GroupCommitOptions extends CommitOptions {
  /** Most transactions at once; 1 for a database with one connection. */
  parallel: number;
  /** Most callers in one transaction. */
  mostCallers: number;
}

/** Work that takes longer waits for locked rows, or writes many, ms. */
const longWorkMs = 30;

/** Most rows in one transaction: reads wait for its end, and SQLite blocks the process meanwhile. */
const mostRows = 1000;

/** Work with at most this many rows is small. It goes first, and takes up to half of a transaction, so that it never waits behind bulk. */
const smallRows = 10;

/**
 * SQLite blocks the whole process while it works. Requests that arrived meanwhile can add their work then. Node accepts one connection
 * in a turn of the event loop, so this waits as long as each turn adds work, and `mostTurns` at the most.
 */
async function othersToCome(gathered: readonly Member[]): Promise<void> {
  let before = -1;
  for (let turn = 0; turn < mostTurns && gathered.length > before; turn += 1) {
    before = gathered.length;
    await setImmediate();
  }
}

/** A turn takes as long as one request needs until it asks for a transaction: 1 to 3 ms. */
const mostTurns = 10;

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
