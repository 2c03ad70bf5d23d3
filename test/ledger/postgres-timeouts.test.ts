import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { systemClock } from "../../src/domain/clock.ts";
import { openPostgres } from "../../src/ledger/postgres/postgres.ts";
import type { Store } from "../../src/ledger/store.ts";
import { type Line, openLine } from "../support/line.ts";
import { sharedPostgres } from "../support/shared-postgres.ts";

/** The log shows codes and no words: each time-out needs one. */
let line: Line;
let store: Store;

beforeAll(async () => {
  const postgres = await sharedPostgres();
  line = await openLine(await postgres.createDatabase("timeouts"));
  store = await openPostgres(line.url, systemClock, { timeouts: { connectMs: 1000, queryMs: 500, queueMs: 300 } });
});
afterAll(async () => {
  await store.close();
  await line.close();
});

const ask = () => sql`select 1`.execute(store.db);

it("if all connections are in use, the error says POOL_TIMEOUT", async () => {
  const release = Promise.withResolvers<void>();
  const holders = Array.from({ length: 10 }, () => store.db.connection().execute(() => release.promise));
  await expect(ask()).rejects.toMatchObject({ code: "POOL_TIMEOUT" });
  release.resolve();
  await Promise.all(holders);
});

it("if no answer comes, the error says QUERY_TIMEOUT; if no new connection comes about, CONNECT_TIMEOUT", async () => {
  await ask();
  line.silence();
  // All connections that are open get no answer, and are discarded. After them the pool opens a new one.
  const unanswered = await Promise.allSettled(Array.from({ length: 10 }, ask));
  expect(unanswered).toContainEqual({ status: "rejected", reason: expect.objectContaining({ code: "QUERY_TIMEOUT" }) });
  await expect(ask()).rejects.toMatchObject({ code: "CONNECT_TIMEOUT" });
  line.restore();
});
