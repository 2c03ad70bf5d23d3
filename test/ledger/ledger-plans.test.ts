import { DatabaseSync } from "node:sqlite";
import { type CompiledQuery, Kysely } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Ledger } from "../../src/domain/ledger.ts";
import { createLedger } from "../../src/ledger/ledger.ts";
import { migrate } from "../../src/ledger/migrations.ts";
import { groupCommit } from "../../src/ledger/queue/group-commit.ts";
import type { Tables } from "../../src/ledger/schema.ts";
import { nodeSqliteDialect } from "../../src/ledger/sqlite/node-sqlite.ts";
import { openSqlite } from "../../src/ledger/sqlite/sqlite.ts";
import type { Store } from "../../src/ledger/store.ts";
import { claimOf } from "../support/claims.ts";
import { createTestClock } from "../support/clock.ts";

/** Which indexes SQLite uses: what it has to read or sort as a whole takes longer with every order that was ever cancelled. */
let store: Store;
let ledger: Ledger;
let statements: CompiledQuery[];
const database = new DatabaseSync(":memory:");

beforeAll(async () => {
  await migrate(new Kysely<never>({ dialect: nodeSqliteDialect(database) }), "sqlite");
  store = await openSqlite(":memory:", createTestClock());
  const db = new Kysely<Tables>({
    dialect: nodeSqliteDialect(database),
    log: ({ query }) => void statements.push(query),
  });
  const transactions = groupCommit(db, { parallel: 1, mostCallers: 1, afterFailure: () => "fail", elapsed: () => 0 });
  ledger = createLedger({ ...store, ...transactions, db }, { leaseMs: 30_000 });
  statements = [];
  // The first look reads all that is PENDING: a clock may have been set back while nothing ran.
  await ledger.claimDue("P", { limit: 1, held: [], takeOver: true });
});
afterAll(() => store.close());

const claim = claimOf();

it.each<[string, () => Promise<unknown>]>([
  ["a list", () => ledger.page({ first: 50 })],
  ["a list of one provider", () => ledger.page({ first: 50, provider: "P", after: 9 })],
  ["a list of one status", () => ledger.page({ first: 50, status: "REJECTED", after: 9 })],
  ["a list of both", () => ledger.page({ first: 50, provider: "P", status: "REJECTED", after: 9 })],
  ["a list of one problem", () => ledger.page({ first: 50, problemCode: "TOO_LATE", after: 9 })],
  ["… at one provider", () => ledger.page({ first: 50, problemCode: "TOO_LATE", provider: "P", after: 9 })],
  ["… of one status", () => ledger.page({ first: 50, problemCode: "TOO_LATE", status: "PENDING", after: 9 })],
  ["… of both", () => ledger.page({ first: 50, problemCode: "TOO_LATE", status: "PENDING", provider: "P", after: 9 })],
  ["deleting", () => ledger.deleteSettled({ olderThanMs: 1, limit: 100 })],
  ["counting what is UNCONFIRMED", () => ledger.unconfirmed(["P"])],
  ["the backlog", () => ledger.backlog()],
  ["reading", () => ledger.read([{ provider: "P", orderId: "a" }])],
  ["a history", () => ledger.history([1, 2], 10)],
  ["what the webhook owes", () => ledger.claimAnnouncements(10, 30_000)],
  ["counting what the webhook has not delivered", () => ledger.undelivered()],
  ["renewing", () => ledger.renew([claim])],
  ["releasing", () => ledger.release([claim])],
  ["marking", () => ledger.markSent([claim])],
  ["claiming", () => ledger.claimDue("P", { limit: 10, held: [1], takeOver: true })],
  ["claiming look-ups", () => ledger.claimDue("P", { limit: 10, held: [1], takeOver: true, nextAction: "lookup" })],
])("%s reads by an index, and sorts nothing", async (_name, run) => {
  statements = [];
  await run();
  const plans = statements.map(({ sql }) => plan(sql.trim())).filter((steps) => steps.length > 0);
  expect(plans.length).toBeGreaterThan(0);
  for (const step of plans.flat()) {
    expect(step).not.toMatch(/^SEARCH .* cancellations_by_status \(status=\?\)$/);
    expect(step).not.toMatch(/^SCAN events/);
    expect(step).not.toMatch(/^USE TEMP B-TREE FOR (ORDER|GROUP) BY$/);
  }
});

it.each<[string, () => Promise<unknown>]>([
  ["what a subject asked for", () => ledger.page({ first: 50, requestedBy: "s", after: 9 })],
  ["… of one status", () => ledger.page({ first: 50, requestedBy: "s", status: "REJECTED" })],
  ["what a request asked for", () => ledger.page({ first: 50, requestId: "r", provider: "P", oldestFirst: true })],
  ["what ended before", () => ledger.page({ first: 50, settledBefore: 9, status: "UNCONFIRMED" })],
  ["orders by their keys", () => ledger.page({ first: 50, keys: [{ provider: "P", orderId: "a" }] })],
  ["counts", () => ledger.counts(["P"])],
  ["what ended lately", () => ledger.settledByMinute(15)],
  [
    "resolving",
    () =>
      ledger.resolve([{ provider: "P", orderId: "a" }], {
        status: "CANCELLED",
        note: "n",
        requestedBy: "s",
        requestId: "r",
      }),
  ],
  [
    "recording a look-up",
    () =>
      ledger.recordLookups([
        { record: { ...claim, settledAt: 1 }, progress: { status: "CANCELLED", problem: null }, event },
      ]),
  ],
])("%s: reads no table but by an index that narrows it", async (_name, run) => {
  statements = [];
  await run();
  const plans = statements.map(({ sql }) => plan(sql.trim())).filter((steps) => steps.length > 0);
  expect(plans.length).toBeGreaterThan(0);
  for (const step of plans.flat()) expect(step).not.toMatch(/^SCAN cancellation/);
});

const event = {
  ...{
    problemCode: null,
    providerCode: null,
    providerMessage: null,
    httpStatus: null,
    failure: null,
    durationMs: null,
  },
  ...{ requestedBy: null, requestId: null },
};

function plan(sql: string): string[] {
  if (!/^(select|update|with|insert)/i.test(sql)) return [];
  const rows = database.prepare(`explain query plan ${sql}`).all() as { detail: string }[];
  return rows.map(({ detail }) => detail);
}
