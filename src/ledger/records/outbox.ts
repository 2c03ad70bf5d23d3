import { randomUUID } from "node:crypto";
import { type Kysely, type QueryCreator, sql, type Transaction } from "kysely";
import type { Announcement, Outbox } from "../../domain/outbox.ts";
import type { Times } from "../queue/clock-jumps.ts";
import type { AnnouncementRow, CancellationRow, Tables } from "../schema.ts";
import { fromNow, type Store } from "../store.ts";

/** Called in each transaction that settles records, with the rows that are settled now. */
export type OnSettled = (transaction: Transaction<Tables>, settled: readonly CancellationRow[]) => Promise<void>;

/** Adds what the webhook is to announce, in the transaction that settles the records: both are committed, or neither. */
export function announceSettled(store: Store): OnSettled {
  return async (transaction, settled) => {
    if (settled.length === 0) return;
    const rows = store.rows(
      { record: "bigint", provider: "text", orderId: "text", status: "text", settledAt: "bigint", message: "text" },
      settled.map((row) => ({
        record: row.id,
        provider: row.provider,
        orderId: row.order_id,
        status: row.status,
        settledAt: row.settled_at,
        message: `msg_${randomUUID()}`,
      })),
    );
    await sql`
      insert into announcements (
        cancellation_id, provider, order_id, status, settled_at, message_id, failures, due_at, due_set_at
      )
      select record, provider, "orderId", status, "settledAt", message, 0, ${store.now()}, ${store.now()}
      from ${rows} as settled`.execute(transaction);
  };
}

/** Deletes what was given up about these records, before the records themselves are deleted. */
export async function deleteAbandoned(
  transaction: Transaction<Tables>,
  store: Store,
  ids: readonly number[],
): Promise<void> {
  await transaction
    .deleteFrom("announcements")
    .where("cancellation_id", "in", store.ids(ids))
    .where("due_at", "is", null)
    .execute();
}

/** A process that holds announcements has ended, and there is no other. */
export async function releaseAllAnnouncements(db: Kysely<Tables>, now: number): Promise<void> {
  await db
    .updateTable("announcements")
    .set({ lease_token: null, due_at: now, due_set_at: now })
    .where("lease_token", "is not", null)
    .execute();
}

/** Counting stops here, so that it takes a few ms at the most. */
const mostCounted = 10_000;

export function createOutbox(store: Store, times: Times): Outbox {
  const { db } = store;

  return {
    claimAnnouncements: async (limit, leaseMs) => {
      await times.mend();
      const rows = await db
        .with(
          (cte) => cte("due").materialized(),
          (query) => {
            const due = dueAnnouncements(query, store, times.leasesHold()).limit(limit);
            return store.shared ? due.forUpdate().skipLocked() : due;
          },
        )
        .updateTable("announcements")
        .set({ lease_token: randomUUID(), due_at: fromNow(store, leaseMs), due_set_at: store.now() })
        .where("id", "in", (eb) => eb.selectFrom("due").select("due.id"))
        .returningAll()
        .execute()
        .catch(noneIfTwoClaimAtOnce);
      return rows.map(toAnnouncement);
    },

    deleteAnnouncement: async ({ id, token }) => {
      await db.deleteFrom("announcements").where("id", "=", id).where("lease_token", "=", token).execute();
    },

    postponeAnnouncement: (announcement, delayMs) =>
      update(announcement, {
        due_at: delayMs === null ? null : fromNow(store, delayMs),
        failures: announcement.failures + 1,
      }),

    releaseAnnouncement: (announcement) =>
      update(announcement, { due_at: store.now(), failures: announcement.failures }),

    undelivered: async () => ({ waiting: await count("is not"), abandoned: await count("is") }),
  };

  async function update(
    { id, token }: Announcement,
    next: { due_at: ReturnType<Store["now"]> | null; failures: number },
  ): Promise<void> {
    await db
      .updateTable("announcements")
      .set({ ...next, due_set_at: store.now(), lease_token: null })
      .where("id", "=", id)
      .where("lease_token", "=", token)
      .execute();
  }

  async function count(is: "is" | "is not"): Promise<number> {
    const some = db.selectFrom("announcements").select("id").where("due_at", is, null).limit(mostCounted).as("some");
    const row = await db
      .selectFrom(some)
      .select((eb) => eb.fn.countAll<number>().as("many"))
      .executeTakeFirst();
    return Number(row?.many ?? 0);
  }
}

/**
 * What is due, oldest first: not while another announcement of the same cancellation is held, and of one cancellation the oldest
 * alone. A record can settle anew while its last settlement is still announced.
 */
function dueAnnouncements(query: QueryCreator<Tables>, store: Store, leasesHold: boolean) {
  const due = query
    .selectFrom("announcements")
    .select("id")
    .where("due_at", "<=", store.now())
    .where(
      sql<boolean>`not exists (
        select 1 from announcements as other
        where other.cancellation_id = announcements.cancellation_id and other.id <> announcements.id
          and (other.lease_token is not null or (other.due_at <= ${store.now()} and other.id < announcements.id))
      )`,
    )
    .orderBy("due_at")
    .orderBy("id");
  return leasesHold ? due : due.where("lease_token", "is", null);
}

/**
 * Two instances can claim two announcements of one cancellation at the same moment, and not see each other. A unique index then
 * refuses the second one, which claims again a moment later.
 */
function noneIfTwoClaimAtOnce(error: unknown): never[] {
  const uniqueViolation = "23505";
  if ((error as { code?: unknown }).code === uniqueViolation) return [];
  throw error;
}

function toAnnouncement(row: AnnouncementRow): Announcement {
  return {
    id: row.id,
    messageId: row.message_id,
    provider: row.provider,
    orderId: row.order_id,
    status: row.status as Announcement["status"],
    settledAt: row.settled_at,
    failures: row.failures,
    token: row.lease_token ?? "",
  };
}
