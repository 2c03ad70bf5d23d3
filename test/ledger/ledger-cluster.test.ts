import { randomUUID } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
import { sql } from "kysely";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Claim, Progress } from "../../src/domain/cancellation.ts";
import { systemClock } from "../../src/domain/clock.ts";
import type { Ledger } from "../../src/domain/ledger.ts";
import { createLedger } from "../../src/ledger/ledger.ts";
import { openLedger } from "../../src/ledger/open.ts";
import { openPostgres } from "../../src/ledger/postgres/postgres.ts";
import { answeredTransition } from "../support/claims.ts";
import { type Line, openLine } from "../support/line.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";

/**
 * Several instances on one PostgreSQL, and what becomes of them when it goes away. Whoever waits for a lock longer than two
 * seconds gives up: with fewer orders than here no circle is found when locks are taken in any order, more take longer.
 */
let postgres: Postgres;
let made = 0;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe("instances that share a database", () => {
  it("may all start at once on an empty one", async () => {
    const ledgers = await openLedgers(await freshDatabase(), 5);
    await Promise.all(ledgers.map((ledger) => ledger.check()));
  });

  it("claim each of the same 200 new orders exactly once", async () => {
    const ledgers = await openLedgers(await freshDatabase(), 3);
    const answers = await Promise.all(
      ledgers.flatMap((ledger) => [open(ledger, shuffled(orders)), open(ledger, orders)]),
    );
    expect(answers.flatMap(({ claims }) => claims.map(({ orderId }) => orderId)).sort()).toEqual(orders.toSorted());
    for (const { claims, records } of answers) expect(claims.length + records.length).toBe(200);
    await expectOneRequestEach(ledgers[0] as Ledger);
  });

  it("record hundreds of the same orders, each in another order, without waiting in a circle", async () => {
    const ledgers = await openLedgers(await freshDatabase(), 3);
    const many = Array.from({ length: 300 }, (_, index) => `order ${index}`);
    const answers = await Promise.all(ledgers.map((ledger) => open(ledger, shuffled(many))));
    expect(answers.flatMap(({ claims }) => claims.map(({ orderId }) => orderId)).sort()).toEqual(many.toSorted());
  });

  it("reopen hundreds of the same orders, each in another order, without waiting in a circle", async () => {
    const url = await freshDatabase();
    const ledgers = await openLedgers(url, 3);
    const many = Array.from({ length: 700 }, (_, index) => `order ${index}`);
    const [first] = ledgers as [Ledger];
    await first.write((await open(first, many)).claims.map((claim) => answeredTransition(claim, ended)));
    for (let round = 0; round < 3; round += 1) {
      const answers = await Promise.all([...ledgers, ...ledgers].map((ledger) => open(ledger, shuffled(many))));
      const claims = answers.flatMap((answer) => answer.claims);
      expect(claims.map(({ orderId }) => orderId).sort()).toEqual(many.toSorted());
      await first.write(claims.map((claim) => answeredTransition(claim, ended)));
    }
    const text = "select deadlocks::int from pg_stat_database where datname = current_database()";
    expect(await query(url, text)).toEqual([{ deadlocks: 0 }]);
  });

  it("reopen and take over each order exactly once", async () => {
    const ledgers = await openLedgers(await freshDatabase(), 3);
    const [first] = ledgers as [Ledger];
    await first.write((await open(first, orders)).claims.map((claim) => answeredTransition(claim, ended)));
    const reopened = await Promise.all(ledgers.map((ledger) => open(ledger, shuffled(orders))));
    const claims = reopened.flatMap((answer) => answer.claims);
    expect(claims.map(({ orderId }) => orderId).sort()).toEqual(orders.toSorted());
    await first.release(claims);
    const taken = await Promise.all([...ledgers, ...ledgers].map((ledger) => claimDue(ledger, 70)));
    for (const each of taken) expect(each.length).toBeLessThanOrEqual(70);
    const ids = [...taken.flat(), ...(await claimDue(first, 200))].map(({ orderId }) => orderId);
    expect(ids.sort()).toEqual(orders.toSorted());
  });

  it("pass over what another has locked", async () => {
    const url = await freshDatabase();
    const [ledger] = (await openLedgers(url, 1)) as [Ledger];
    await ledger.open({ provider: "P", orderIds: ["a", "b"], requestedBy: null, claim: 0 });
    const other = new pg.Client({ connectionString: url });
    await other.connect();
    await other.query("begin; select from cancellations where order_id = 'a' for no key update");
    expect(await claimDue(ledger, 2)).toMatchObject([{ orderId: "b" }]);
    await other.end();
    expect(await claimDue(ledger, 2)).toMatchObject([{ orderId: "a" }]);
  });

  it("give the slot to one of them", async () => {
    const ledgers = await openLedgers(await freshDatabase(), 4);
    const takers = [...ledgers, ...ledgers].map((ledger) => ({ ledger, token: randomUUID() }));
    const take = async () => {
      const answers = await Promise.all(takers.map(({ ledger, token }) => ledger.takeSlot("P", token, 60_000)));
      return takers.filter((_, index) => answers[index]?.taken);
    };
    const [holder, ...others] = await take();
    expect(others).toEqual([]);
    await holder?.ledger.releaseSlot("P", holder.token, 0);
    expect(await take()).toHaveLength(1);
  });

  it("instances that write the same records lock them in one order: no deadlock, and no record is lost", async () => {
    const url = await freshDatabase();
    const ledgers = await openLedgers(url, 2);
    await Promise.all(ledgers.flatMap((ledger) => [1, 2].map(() => jostle(ledger, 6))));
    const text = "select deadlocks::int from pg_stat_database where datname = current_database()";
    expect(await query(url, text)).toEqual([{ deadlocks: 0 }]);
  });

  it("hear of each other's changes, of many at once and of the longest ids too", async () => {
    const [one, two] = (await openLedgers(await freshDatabase(), 2)) as [Ledger, Ledger];
    const orderIds = Array.from({ length: 120 }, (_, index) => `${index} ${"\\🕰".repeat(66)}`);
    const { claims } = await open(one, orderIds);
    const heard = hearing(two, orderIds.length);
    await one.write(claims.map((claim) => answeredTransition(claim, ended)));
    expect((await heard).sort()).toEqual(orderIds.toSorted());
  });

  it("hear of their own changes once", async () => {
    const [one, two] = (await openLedgers(await freshDatabase(), 2)) as [Ledger, Ledger];
    const { claims } = await open(one, ["a", "b"]);
    const heard = hearing(one, 2);
    for (const [index, claim] of claims.entries())
      await (index === 0 ? one : two).write([answeredTransition(claim, ended)]);
    expect(await heard).toEqual(["a", "b"]);
  });

  it("a foreign notification on the channel disturbs no instance", async () => {
    const url = await freshDatabase();
    const [one, two] = (await openLedgers(url, 2)) as [Ledger, Ledger];
    for (const payload of ["", "{", "null", '{"keys":7}', '{"keys":[null]}']) {
      await query(url, `select pg_notify('cancellation_changes', '${payload}')`);
    }
    const heard = hearing(two, 1);
    await one.write((await open(one, ["a"])).claims.map((claim) => answeredTransition(claim, ended)));
    expect(await heard).toEqual(["a"]);
  });
});

it("counts leases and waits by the database's clock", async () => {
  const url = await freshDatabase();
  const [ledger] = (await openLedgers(url, 1)) as [Ledger];
  vi.setSystemTime(0);
  closing.push(async () => void vi.useRealTimers());
  const [claim] = (await open(ledger, ["a"])).claims;
  const [{ now } = { now: 0 }] = await query(url, "select extract(epoch from now())::float8 * 1000 as now");
  expect(Math.abs(Number(now) - Number(claim?.requestedAt))).toBeLessThan(60_000);
});

describe("a connection", () => {
  it("a connection names the service, and is bounded by settings that are made after connecting", async () => {
    const url = await freshDatabase();
    const store = await openPostgres(url, systemClock);
    closing.push(store.close);
    const { rows } = await sql<{ name: string; setting: string }>`
      select name, setting from pg_settings
      where name in ('application_name', 'lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout')
      order by name`.execute(store.db);
    expect(rows).toEqual([
      { name: "application_name", setting: "order-cancellation" },
      { name: "idle_in_transaction_session_timeout", setting: "10000" },
      { name: "lock_timeout", setting: "2000" },
      { name: "statement_timeout", setting: "4000" },
    ]);
  });
});

it("renews the other leases although one of the rows is locked", async () => {
  const url = await freshDatabase();
  const [ledger] = (await openLedgers(url, 1)) as [Ledger];
  const { claims } = await open(ledger, ["a", "b"]);
  const locker = new pg.Client({ connectionString: url });
  await locker.connect();
  closing.push(() => locker.end());
  await locker.query("begin; select id from cancellations where order_id = 'a' for update");
  const before = await query(url, "select due_at::float8 from cancellations order by id");
  await ledger.renew(claims);
  const after = await query(url, "select due_at::float8 from cancellations order by id");
  expect(after[0]).toEqual(before[0]);
  expect(Number(after[1]?.due_at)).toBeGreaterThan(Number(before[1]?.due_at));
});

describe("a database that answers and is of no use", () => {
  it("because somebody holds a lock on the tables: each call ends with the database's word for it", async () => {
    const url = await freshDatabase();
    const [ledger] = (await openLedgers(url, 1)) as [Ledger];
    const locker = new pg.Client({ connectionString: url });
    await locker.connect();
    closing.push(() => locker.end());
    await locker.query("begin; lock table cancellations in access exclusive mode");
    await expect(open(ledger, ["a"])).rejects.toMatchObject({ code: "55P03" });
    await locker.query("rollback");
    expect((await open(ledger, ["a"])).claims).toMatchObject([{ orderId: "a" }]);
  });

  it("because it takes no writes, as a copy after a failover: the check fails with the database's word for it", async () => {
    const url = await postgres.createDatabase("read_only");
    await (await openLedger({ kind: "postgres", url }, systemClock, { leaseMs })).close();
    await query(url, `alter database ${new URL(url).pathname.slice(1)} set default_transaction_read_only = on`);
    const readOnly = openLedger({ kind: "postgres", url }, systemClock, { leaseMs });
    closing.push(async () => (await readOnly).close());
    expect(await (await readOnly).read([{ provider: "P", orderId: "a" }])).toEqual([undefined]);
    await expect((await readOnly).check()).rejects.toMatchObject({ code: "25006" });
  });
});

it("a commit that no synchronous standby has confirmed is neither answered nor shown, and is carried out when one has", async () => {
  const url = await freshDatabase();
  const store = await openPostgres(url, systemClock, { timeouts: { connectMs: 3000, queryMs: 500, queueMs: 3000 } });
  const one = createLedger(store, { leaseMs });
  closing.push(one.close);
  const [two] = (await openLedgers(url, 1)) as [Ledger];
  const waitForStandby = async (name: string) => {
    await query(url, `alter system set synchronous_standby_names = '${name}'`);
    await query(url, "select pg_reload_conf()");
    await expect
      .poll(() => query(url, "show synchronous_standby_names"))
      .toEqual([{ synchronous_standby_names: name }]);
  };
  closing.push(() => waitForStandby(""));
  await waitForStandby("away");
  await expect(open(one, ["a"])).rejects.toMatchObject({ code: "QUERY_TIMEOUT" });
  expect(await two.read([{ provider: "P", orderId: "a" }])).toEqual([undefined]);
  await waitForStandby("");
  await expect.poll(() => two.read([{ provider: "P", orderId: "a" }])).toMatchObject([{ orderId: "a" }]);
});

describe("a database that goes away", () => {
  it.each(["halt", "kill"] as const)(
    "a database that goes away by %s is used again, without a restart of ours",
    async (end) => {
      const [one, two] = (await openLedgers(await freshDatabase(), 2)) as [Ledger, Ledger];
      const { claims } = await open(one, ["a"]);
      await postgres[end]();
      closing.push(() => postgres.start().catch(() => {}));
      const results = await Promise.allSettled(everyCall(one, claims));
      expect(results.map(({ status }) => status)).toEqual(results.map(() => "rejected"));
      await postgres.start();
      closing.pop();
      const sent = await one.markSent(claims);
      expect(sent).toMatchObject([{ orderId: "a", attempts: 1 }]);
      let heard = 0;
      two.onChange(() => {
        heard += 1;
      });
      await one.write(sent.map((claim) => answeredTransition(claim, ended)));
      expect(await two.read([{ provider: "P", orderId: "a" }])).toMatchObject([{ status: "REJECTED" }]);
      // The other listens again a moment later: changes reach it by and by.
      await vi.waitFor(async () => {
        await one.write((await open(one, ["a"])).claims.map((claim) => answeredTransition(claim, ended)));
        expect(heard).toBeGreaterThan(0);
      }, 60_000);
    },
  );

  it("between two statements of a transaction ends this one and nothing else", async () => {
    const store = await openPostgres(await freshDatabase(), systemClock);
    closing.push(store.close);
    const transaction = store.db.transaction().execute(async (open) => {
      await sql`select 1`.execute(open);
      await postgres.halt();
      await postgres.start();
      await sql`select 1`.execute(open);
    });
    await expect(transaction).rejects.toThrow();
    await sql`select 1`.execute(store.db);
  });

  it("in the middle of many ends these and nothing else", async () => {
    const line = await lineTo(await freshDatabase());
    const [ledger] = (await openLedgers(line.url, 1)) as [Ledger];
    const opening = Promise.allSettled(orders.map((_, index) => open(ledger, orders.slice(index))));
    await turn();
    line.cut();
    expect((await opening).some(({ status }) => status === "rejected")).toBe(true);
    line.restore();
    await ledger.check();
    expect((await open(ledger, orders)).records.length).toBeLessThanOrEqual(200);
  });

  it("a database that goes silent is given up by every call, and used again when it answers", async () => {
    const line = await lineTo(await freshDatabase());
    const [ledger, another] = (await openLedgers(line.url, 2)) as [Ledger, Ledger];
    const { claims } = await open(ledger, ["a"]);
    line.silence();
    const startedAt = performance.now();
    const calls = [
      ...everyCall(ledger, claims),
      openLedger({ kind: "postgres", url: line.url }, systemClock, { leaseMs }),
    ];
    const results = await Promise.allSettled([...calls, another.close()]);
    expect(results.map(({ status }) => status)).toEqual([...calls.map(() => "rejected"), "fulfilled"]);
    // After five seconds. Without a bound of ours it is minutes, by that of TCP.
    expect(performance.now() - startedAt).toBeLessThan(30_000);
    line.restore();
    expect(await ledger.markSent(claims)).toMatchObject([{ orderId: "a" }]);
  });
});

const leaseMs = 60_000;

const orders = Array.from({ length: 200 }, (_, index) => `order ${index}`);

const ended: Progress = {
  ...{
    status: "REJECTED",
    problem: { code: "REFUSED", providerCode: null, providerMessage: null },
    nextAction: "cancel",
  },
  ...{ delayMs: null, inDoubt: false, retries: 0, lookups: 0, watchedMs: 0, maxBatch: null },
};

async function freshDatabase(): Promise<string> {
  return postgres.createSchema(`cluster_${made++}`);
}

function claimDue(ledger: Ledger, limit: number): Promise<Claim[]> {
  return ledger.claimDue("P", { limit, held: [], takeOver: true });
}

async function openLedgers(url: string, count: number): Promise<Ledger[]> {
  const address = { kind: "postgres", url } as const;
  const opening = Array.from({ length: count }, () => openLedger(address, systemClock, { leaseMs }));
  const ledgers = await Promise.all(opening);
  closing.push(...ledgers.map((ledger) => ledger.close));
  return ledgers;
}

async function lineTo(url: string): Promise<Line> {
  const line = await openLine(url);
  closing.push(line.close);
  return line;
}

function open(ledger: Ledger, orderIds: readonly string[]) {
  return ledger.open({ provider: "P", orderIds, requestedBy: null, claim: 5000 });
}

async function expectOneRequestEach(ledger: Ledger): Promise<void> {
  const records = await ledger.read(orders.map((orderId) => ({ provider: "P", orderId })));
  const trails = await ledger.history(
    records.map((record) => record?.id ?? 0),
    100,
  );
  expect(trails.map((events) => events.map(({ kind }) => kind))).toEqual(orders.map(() => ["REQUESTED"]));
}

/** The ids of the next changes that this one hears of. */
function hearing(ledger: Ledger, count: number): Promise<string[]> {
  const heard: string[] = [];
  return new Promise((resolve) => {
    const stop = ledger.onChange(({ orderId }) => {
      heard.push(orderId);
      if (heard.length < count) return;
      stop();
      resolve(heard);
    });
  });
}

/** Does everything at once to orders that all others want as well. */
async function jostle(ledger: Ledger, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const { claims } = await open(ledger, shuffled(orders));
    const all = shuffled([...claims, ...(await claimDue(ledger, 50))]);
    const [sent] = await Promise.all([ledger.markSent(all), ledger.renew(shuffled(all))]);
    expect(sent).toHaveLength(all.length);
    const [some, others] = [sent.slice(0, sent.length / 2), sent.slice(sent.length / 2)];
    const writing = [some, others].map((part) =>
      ledger.write(shuffled(part).map((claim) => answeredTransition(claim, ended))),
    );
    await Promise.all([...writing, ledger.renew(shuffled(sent)), ledger.release(shuffled(some))]);
  }
}

function everyCall(ledger: Ledger, claims: readonly Claim[]): Promise<unknown>[] {
  const [claim] = claims as [Claim];
  return [
    open(ledger, ["b"]),
    ledger.read([{ provider: "P", orderId: "a" }]),
    ledger.history([1], 100),
    claimDue(ledger, 1),
    ledger.markSent(claims),
    ledger.write([answeredTransition(claim, ended)]),
    ledger.release(claims),
    ledger.renew(claims),
    ledger.takeSlot("P", randomUUID(), 1000),
    ledger.releaseSlot("P", "token", 0),
    ledger.check(),
  ];
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(text).finally(() => client.end());
  return rows;
}
