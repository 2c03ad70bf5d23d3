import { existsSync } from "node:fs";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { OrderKey } from "../../src/domain/cancellation.ts";
import { systemClock } from "../../src/domain/clock.ts";
import type { Ledger } from "../../src/domain/ledger.ts";
import { openLedger } from "../../src/ledger/open.ts";
import { firstLook } from "../../src/simulators/simulators.ts";
import { answeredTransition, settledProgress } from "../support/claims.ts";
import { type PgBouncer, type PoolMode, pgbouncerPath, startPgBouncer } from "../support/pgbouncer.ts";
import type { Databases } from "../support/postgres.ts";
import { startService } from "../support/service.ts";
import { sharedPostgres } from "../support/shared-postgres.ts";

const found = existsSync(pgbouncerPath);
const modes: PoolMode[] = ["session", "transaction"];

describe.skipIf(!found).each(modes)(
  `behind PgBouncer in %s mode${found ? "" : ` (skipped: no ${pgbouncerPath})`}`,
  (mode) => {
    const closing: (() => Promise<void>)[] = [];
    let postgres: Databases;
    let pgbouncer: PgBouncer;
    let direct: string;

    beforeAll(async () => {
      postgres = await sharedPostgres();
      direct = postgres.url();
      pgbouncer = await startPgBouncer(direct, mode);
    });
    afterEach(async () => {
      for (const close of closing.splice(0).reverse()) await close();
    });
    afterAll(() => pgbouncer.stop());

    it.each(["with", "without"])(
      "%s DATABASE_LISTEN_URL an instance starts, cancels and shows whether it hears",
      async (given) => {
        const listenUrl = new URL(await postgres.createDatabase(given));
        const url = new URL(pgbouncer.url);
        url.pathname = listenUrl.pathname;
        const settings = { DATABASE_URL: url.href, DATABASE_LISTEN_URL: given === "with" ? listenUrl.href : "" };
        const subgraph = await startService(settings);
        closing.push(subgraph.stop);
        const [order] = await subgraph.cancel("ONRAMP", [firstLook.ONRAMP.cancellable]);
        expect(order?.cancellation?.status).toBe("CANCELLED");
        const metrics = async () => (await fetch(new URL("/metrics", subgraph.url))).text();
        const hears = mode === "session" || given === "with" ? 1 : 0;
        await expect.poll(metrics, { timeout: 10_000 }).toContain(`order_cancellation_notifications_up ${hears}\n`);
      },
    );

    it("several instances start at once on an empty database: all are up, and hold no lock", async () => {
      const url = new URL(pgbouncer.url);
      url.pathname = new URL(await postgres.createDatabase("empty")).pathname;
      await Promise.all([open(undefined, url.href), open(undefined, url.href), open(undefined, url.href)]);
      expect(await advisoryLocks(url.pathname.slice(1))).toBe(0);
    });

    it("with DATABASE_LISTEN_URL instances hear of each other", async () => {
      const [one, two] = await Promise.all([open(direct), open(direct)]);
      const heard = new Promise<OrderKey>((resolve) => two.onChange(resolve));
      await one.open({ provider: "P", orderIds: ["heard"], requestedBy: null, claim: 0 });
      expect(await heard).toEqual({ provider: "P", orderId: "heard" });
      expect(two.readAgainMs()).toBe(5000);
    });

    it(`without it, ${mode === "session" ? "they hear, too" : "they tell that they do not hear, and read often"}`, async () => {
      const [one, two] = await Promise.all([open(), open()]);
      if (mode === "transaction") {
        expect(await new Promise((resolve) => two.onHearing(resolve))).toBe(false);
        expect(two.readAgainMs()).toBe(250);
      } else {
        const heard = new Promise<OrderKey>((resolve) => two.onChange(resolve));
        await one.open({ provider: "P", orderIds: ["heard, too"], requestedBy: null, claim: 0 });
        expect(await heard).toEqual({ provider: "P", orderId: "heard, too" });
      }
    });

    it("many who work on the same orders at once do each once, and leave nothing behind in the sessions of others", async () => {
      const ledgers = await Promise.all([open(direct), open(direct), open(direct)]);
      const orderIds = Array.from({ length: 60 }, (_, index) => `order ${index}`);
      const answers = await Promise.all(
        [...ledgers, ...ledgers].map((ledger) =>
          ledger.open({ provider: "P", orderIds, requestedBy: null, claim: 60 }),
        ),
      );
      const claims = answers.flatMap((answer) => answer.claims);
      expect(claims.map(({ orderId }) => orderId).sort()).toEqual(orderIds.toSorted());
      const [one, two, three] = ledgers as [Ledger, Ledger, Ledger];
      const sent = (await Promise.all(claims.map((claim) => one.markSent([claim])))).flat();
      await Promise.all([two.renew(sent), three.renew(sent)]);
      const steps = sent.map((claim) => answeredTransition(claim, settledProgress("REJECTED")));
      expect((await Promise.all(steps.map((step) => two.write([step])))).flat()).toHaveLength(60);

      const others = await Promise.all(
        Array.from({ length: 4 }, async () => {
          const client = new pg.Client({ connectionString: pgbouncer.url });
          await client.connect();
          const { rows } = await client.query(
            "select name, setting from pg_settings where name in ('lock_timeout', 'statement_timeout', 'synchronous_commit')",
          );
          await client.end();
          return rows.map(({ setting }) => setting);
        }),
      );
      for (const settings of others) expect(settings).toEqual(["0", "0", "on"]);
      expect(await advisoryLocks(new URL(direct).pathname.slice(1))).toBe(0);
    });

    async function open(listenUrl?: string, url = pgbouncer.url): Promise<Ledger> {
      const ledger = await openLedger({ kind: "postgres", url, listenUrl }, systemClock, { leaseMs: 30_000 });
      closing.push(ledger.close);
      return ledger;
    }

    async function advisoryLocks(database: string): Promise<number> {
      const client = new pg.Client({ connectionString: direct });
      await client.connect();
      const { rows } = await client.query(
        "select from pg_locks join pg_database on oid = database where locktype = 'advisory' and datname = $1",
        [database],
      );
      await client.end();
      return rows.length;
    }
  },
);
