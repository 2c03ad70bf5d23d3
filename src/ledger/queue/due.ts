import { type SelectQueryBuilder, sql, type Transaction } from "kysely";
import type { ClaimOptions, Ledger } from "../../domain/ledger.ts";
import type { Tables } from "../schema.ts";
import { fromNow, type Store, withoutIndex } from "../store.ts";

type DueRecords = SelectQueryBuilder<Tables, "cancellations", { id: number }>;

/** Finds the records that are due, in their order. */
export function createDue(store: Store): Pick<Ledger, "nextDue"> & {
  /** The ids of the records to claim. Other instances cannot claim them before this transaction ends. */
  lockDue(transaction: Transaction<Tables>, provider: string, options: ClaimOptions): Promise<number[]>;
} {
  return {
    nextDue: async (providers) => {
      if (providers.length === 0) return [];
      // One look into the index for each provider: grouping would read all that is PENDING.
      const each = providers.map(
        (provider) => sql`select ${provider} as provider, (
          select due_at from cancellations where provider = ${provider} and status = 'PENDING' order by due_at limit 1
        ) - ${store.now()} as due_in_ms`,
      );
      const all = sql<{ provider: string; due_in_ms: number | null }>`${sql.join(each, sql` union all `)}`;
      const { rows } = await all.execute(store.db);
      return rows.flatMap(({ provider, due_in_ms }) => (due_in_ms === null ? [] : { provider, dueInMs: due_in_ms }));
    },

    lockDue: async (transaction, provider, { limit, select = { kind: "any" }, first = [], ...options }) => {
      const due = allDue(transaction, provider, options);
      switch (select.kind) {
        case "any":
          return lock(due, limit, first);
        case "old":
          // By the index on due_at, which holds requested_at as well.
          return lock(
            due
              .clearOrderBy()
              .where("due_at", "<=", store.now())
              .where("requested_at", "<=", fromNow(store, -select.olderThanMs))
              .orderBy("due_at"),
            limit,
            [],
          );
        case "probe":
          return firstFound([true, false], (unsent) => lock(unsent ? due.where("attempts", "=", 0) : due, 1, []));
        case "oneRequest":
          return firstFound([select.isolatedFirst, !select.isolatedFirst], (isolated) =>
            lockAlike(due.where("max_batch", isolated ? "is not" : "is", null), limit, first),
          );
      }
    },
  };

  function allDue(
    transaction: Transaction<Tables>,
    provider: string,
    { nextAction, held, takeOver }: Pick<ClaimOptions, "nextAction" | "held" | "takeOver">,
  ): DueRecords {
    let due = transaction
      .selectFrom("cancellations")
      .select("id")
      .where("provider", "=", provider)
      // In the text, not as a parameter: the index covers PENDING only.
      .where("status", "=", sql.lit("PENDING"))
      // The index on turns gives the order. By the index on due_at all due records would have to be sorted.
      .where(withoutIndex<number>(store, "due_at"), "<=", store.now())
      .orderBy("turn_at")
      .orderBy("id");
    // In the text: look-ups have an index of their own, because many cancels may be due before them.
    if (nextAction) due = due.where("step", "=", sql.lit(nextAction));
    if (held.length > 0) due = due.where("id", "not in", store.ids(held));
    if (!takeOver) due = due.where("lease_token", "is", null);
    return due;
  }

  /** Records that take the same step as the first of them. */
  async function lockAlike(due: DueRecords, limit: number, first: readonly number[]): Promise<number[]> {
    const head = await due.select(["step", "max_batch"]).limit(1).executeTakeFirst();
    if (!head) return [];
    const { step, max_batch } = head;
    const alike = due.where("step", "=", step);
    if (max_batch === null) return lock(alike, limit, first);
    return lock(alike.where("max_batch", "=", max_batch), Math.min(limit, max_batch), first);
  }

  async function lock(due: DueRecords, limit: number, first: readonly number[]): Promise<number[]> {
    if (first.length === 0) return lockSome(due.limit(limit));
    const early = await lockSome(due.clearOrderBy().where("id", "in", store.ids(first)).limit(limit));
    if (early.length === limit) return early;
    const others = await lockSome(due.where("id", "not in", store.ids(early)).limit(limit - early.length));
    return [...early, ...others];
  }

  async function lockSome(due: DueRecords): Promise<number[]> {
    const rows = await (store.shared ? due.forNoKeyUpdate().skipLocked() : due).execute();
    return rows.map(({ id }) => id);
  }
}

/** The first of these selections that finds a record. */
async function firstFound<Choice>(
  choices: readonly Choice[],
  lock: (choice: Choice) => Promise<number[]>,
): Promise<number[]> {
  for (const choice of choices) {
    const ids = await lock(choice);
    if (ids.length > 0) return ids;
  }
  return [];
}
