import { sql } from "kysely";
import pg from "pg";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/domain/clock.ts";
import type { Ledger } from "../../src/domain/ledger.ts";
import { createLedger } from "../../src/ledger/ledger.ts";
import { openPostgres } from "../../src/ledger/postgres/postgres.ts";
import type { Store } from "../../src/ledger/store.ts";
import { answeredTransition, settledProgress } from "../support/claims.ts";
import type { Databases } from "../support/postgres.ts";
import { sharedPostgres } from "../support/shared-postgres.ts";

/** Callers share transactions. The trouble of one of them is not the trouble of the others. */
let postgres: Databases;
let made = 0;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  postgres = await sharedPostgres();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe("beside a row that another session keeps locked", () => {
  it.each([
    ["a record that could be reopened", "begin; select from cancellations where order_id = 'locked' for update"],
    [
      "an order that was added and not committed",
      `begin; insert into cancellations (provider, order_id, status, requested_at, attempts, step, in_doubt, retries, lookups)
       values ('P', 'new', 'PENDING', 0, 0, 'cancel', 0, 0, 0)`,
    ],
  ])("(%s) none of 100 mutations of others fails", async (_, lock) => {
    const { ledger, url } = await openFresh();
    await settle(ledger, "locked");
    await session(url, lock);

    const guilty: Promise<unknown>[] = [];
    for (let round = 0; round < 5; round += 1) {
      guilty.push(
        ...["locked", "new", "locked", "new"].map((orderId) => open(ledger, orderId).catch((error) => error)),
      );
      const others = Array.from({ length: 20 }, (_, index) => open(ledger, `${round} ${index}`));
      for (const { claims } of await Promise.all(others)) expect(claims).toHaveLength(1);
    }
    expect(await Promise.all(guilty)).toContainEqual(expect.objectContaining({ code: "55P03" }));
  });

  it("records are marked and written at the same moment: neither is lost", async () => {
    const { ledger, url } = await openFresh();
    await settle(ledger, "locked");
    const [marked, answered] = await Promise.all([open(ledger, "marked"), open(ledger, "answered")]);
    const sent = await ledger.markSent(answered.claims);
    await session(url, "begin; select from cancellations where order_id = 'locked' for update");

    const [opened, ...done] = await Promise.allSettled([
      open(ledger, "locked"),
      ledger.markSent(marked.claims),
      ledger.write(sent.map((claim) => answeredTransition(claim, settledProgress("CANCELLED")))),
    ]);
    expect(opened).toMatchObject({ status: "rejected", reason: { code: "55P03" } });
    expect(done).toMatchObject([
      { status: "fulfilled", value: [{ orderId: "marked" }] },
      { status: "fulfilled", value: [{ claim: { orderId: "answered" } }] },
    ]);
  });

  it("a mutation whose row comes free waits for it", async () => {
    const { ledger, url, store } = await openFresh();
    await settle(ledger, "locked");
    const locker = await session(url, "begin; select from cancellations where order_id = 'locked' for update");
    const opening = Promise.all([open(ledger, "locked"), open(ledger, "other")]);
    await waits(store);
    await open(ledger, "meanwhile");
    await waits(store);
    await locker.query("rollback");
    expect(await opening).toMatchObject([{ claims: [{ orderId: "locked" }] }, { claims: [{ orderId: "other" }] }]);
  });
});

describe("of those who share a transaction", () => {
  it("a statement of a shared transaction that takes too long fails alone", async () => {
    const { store } = await openFresh();
    const results = await Promise.allSettled([
      store.transact(async () => "before"),
      store.transact((transaction) => fail("57014").execute(transaction)),
      store.transact(async () => "after"),
    ]);
    expect(results).toMatchObject([{ value: "before" }, { reason: { code: "57014" } }, { value: "after" }]);
  });

  it.each(["40P01", "40001"])("none fails if PostgreSQL says %s once", async (code) => {
    const { store } = await openFresh();
    let tries = 0;
    const results = await Promise.all([
      store.transact(async (transaction) => {
        tries += 1;
        if (tries === 1) await fail(code).execute(transaction);
        return "victim";
      }),
      store.transact(async () => "other"),
    ]);
    expect(results).toEqual(["victim", "other"]);
  });

  it("all read what is committed, also if the database is set to serialize transactions", async () => {
    const url = await postgres.createDatabase("serializable");
    await session(
      url,
      `alter database ${new URL(url).pathname.slice(1)} set default_transaction_isolation = serializable`,
    );
    const store = await openPostgres(url, systemClock);
    closing.push(store.close);
    const { rows } = await store.transact((transaction) => sql`show transaction_isolation`.execute(transaction));
    expect(rows).toEqual([{ transaction_isolation: "read committed" }]);
  });
});

async function openFresh(): Promise<{ url: string; store: Store; ledger: Ledger }> {
  const url = await postgres.createSchema(`locked_${made++}`);
  const store = await openPostgres(url, systemClock);
  closing.push(store.close);
  return { url, store, ledger: createLedger(store, { leaseMs: 60_000 }) };
}

function open(ledger: Ledger, orderId: string) {
  return ledger.open({ provider: "P", orderIds: [orderId], requestedBy: null, claim: 1 });
}

async function settle(ledger: Ledger, orderId: string): Promise<void> {
  const { claims } = await open(ledger, orderId);
  await ledger.write(claims.map((claim) => answeredTransition(claim, settledProgress("REJECTED"))));
}

/** A session of another program, after these statements. */
async function session(url: string, text: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  closing.push(() => client.end());
  await client.query(text);
  return client;
}

/** Resolves when a session waits for a lock. */
async function waits({ db }: Store): Promise<void> {
  for (;;) {
    const text = sql<{
      many: number;
    }>`select count(*)::int as many from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    if (((await text.execute(db)).rows[0]?.many ?? 0) > 0) return;
  }
}

function fail(code: string) {
  return sql.raw(`do $$ begin raise exception using errcode = '${code}'; end $$`);
}
