import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { Migrator } from "kysely/migration";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/domain/clock.ts";
import { createLedger } from "../../src/ledger/ledger.ts";
import { migrations } from "../../src/ledger/migrations.ts";
import { openLedger } from "../../src/ledger/open.ts";
import { createTestClock } from "../support/clock.ts";
import { type TestedStore, testedStores } from "../support/stores.ts";

const leaseMs = 30_000;
const options = { leaseMs };

const stores = testedStores();

describe.each(stores)("opening a ledger on $name", (tested) => {
  it("brings a database of the first version forward, with all it holds", async () => {
    const database = await tested.createDatabase();
    const db = tested.connect(database);
    const all = migrations(tested.name === "SQLite" ? "sqlite" : "postgres");
    const first = { "001_cancellations": all["001_cancellations"] as NonNullable<(typeof all)[string]> };
    const { error } = await new Migrator({ db, provider: { getMigrations: async () => first } }).migrateToLatest();
    expect(error).toBeUndefined();
    await sql`
      insert into cancellations (provider, order_id, status, problem_code, provider_code, provider_message,
        requested_at, settled_at, attempts, step, doubtful, retries, lookups, sent_at, due_at, lease_token) values
        ('P', 'a', 'CANCELLED', null, null, null, 1000, 2000, 3, 'cancel', 0, 0, 0, null, null, null),
        ('P', 'b', 'PENDING', 'PROVIDER_BUSY', '429', 'slow down', 1000, null, 1, 'cancel', 1, 2, 1, null, 3000, null)
    `.execute(db);
    await sql`
      insert into cancellation_events (cancellation_id, at, kind, attempt, requested_by)
      select id, 1000, 'REQUESTED', 0, 'caller' from cancellations
    `.execute(db);
    await db.destroy();

    for (let openings = 0; openings < 2; openings += 1) {
      const ledger = createLedger(await tested.open(database, createTestClock(3000)), options);
      const records = await ledger.read(["a", "b"].map((orderId) => ({ provider: "P", orderId })));
      expect(records).toMatchObject([
        { status: "CANCELLED", problem: null, requestedAt: 1000, settledAt: 2000, attempts: 3 },
        { status: "PENDING", problem: { providerMessage: "slow down" }, nextAttemptAt: 3000 },
      ]);
      const trails = await ledger.history(
        records.map((record) => record?.id ?? 0),
        100,
      );
      expect(trails).toMatchObject([[{ at: 1000, requestedBy: "caller" }], [{ at: 1000, requestedBy: "caller" }]]);
      const due = await ledger.claimDue("P", { limit: 9, held: [], takeOver: true });
      expect(due).toMatchObject([{ orderId: "b", inDoubt: true, retries: 2, lookups: 1 }]);
      await ledger.release(due);
      expect(await ledger.takeSlot(`slot ${openings}`, randomUUID(), 1000)).toEqual({ taken: true });
      await ledger.close();
    }
  });

  it("refuses a database that a newer version has written, and leaves it alone", async () => {
    const database = await tested.createDatabase();
    await (await tested.open(database, createTestClock())).close();
    const db = tested.connect(database);
    await sql`insert into kysely_migration values ('999_later', '2030-01-01T00:00:00.000Z')`.execute(db);
    await db.destroy();
    await expect(tested.open(database, createTestClock())).rejects.toThrow(
      "it was written by a newer version of this service (999_later); run that version",
    );
  });

  it.each([
    { of: "something else", table: "orders" },
    { of: "something else with a table like ours", table: "cancellations" },
  ])("refuses a database of $of, and leaves it alone", async ({ table }) => {
    const database = await tested.createDatabase();
    const db = tested.connect(database);
    await sql`create table ${sql.table(table)} (id integer)`.execute(db);
    const before = tested.name === "SQLite" ? readFileSync(database) : undefined;
    await expect(tested.open(database, createTestClock())).rejects.toThrow(
      `it holds tables of something else (${table}); give this service its own`,
    );
    if (before) expect(readFileSync(database)).toEqual(before);
    const { rows } = await sql`select * from ${sql.table(table)}`.execute(db);
    expect(rows).toEqual([]);
    await expect(sql`select * from kysely_migration`.execute(db)).rejects.toThrow("kysely_migration");
    await db.destroy();
  });
});

describe("an SQLite file", () => {
  let directory: string;
  let path: string;
  const children: ChildProcess[] = [];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "ledger-opening-"));
    path = join(directory, "ledger.db");
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  });

  it("a missing SQLite file is made, with the directories that lead to it", async () => {
    path = join(directory, "some/where/ledger.db");
    await (await open(path)).close();
    await (await open(path)).close();
  });

  it.each([
    { what: "is a directory", as: "cannot be opened for reading and writing", prepare: () => mkdirSync(path) },
    {
      what: "is something else",
      as: "is not an SQLite database",
      prepare: () => writeFileSync(path, "order,status\n".repeat(1000)),
    },
    {
      what: "lost its end",
      as: "is damaged: put back a backup, or move it away to begin with an empty one",
      prepare: async () => {
        await (await open(path)).close();
        truncateSync(path, 8192);
      },
    },
    {
      what: "cannot be made",
      as: "cannot be made or read: not a directory",
      prepare: () => {
        writeFileSync(path, "");
        path = join(path, "ledger.db");
      },
    },
  ])("refuses a SQLite file that $what, with one sentence", async ({ as, prepare }) => {
    await prepare();
    await expect(open(path)).rejects.toThrow(new Error(`DATABASE_URL: ${path} ${as}`));
  });

  it("a SQLite file belongs to one process until that ends, also under another name", async () => {
    const child = await holder();
    symlinkSync(path, join(directory, "link.db"));
    symlinkSync(directory, join(directory, "link"));
    for (const name of ["ledger.db", "link.db", "link/ledger.db"]) {
      await expect(open(join(directory, name))).rejects.toThrow(
        new Error("DATABASE_URL: another process has it open; several instances need PostgreSQL"),
      );
    }
    await killed(child);
    const ledger = await open(join(directory, "link.db"));
    await expect(open(path)).rejects.toThrow("another process has it open");
    await ledger.close();
  });

  it("a killed process's file: its records are taken over at once, its slot when the lease ends", async () => {
    await killed(await holder());
    const atMs = Date.now();
    let nowMs = atMs;
    const ledger = await openLedger({ kind: "sqlite", path }, { now: () => nowMs, elapsed: () => nowMs }, options);
    expect(await ledger.claimDue("P", { limit: 9, held: [], takeOver: true })).toMatchObject([
      { orderId: "a", sentAt: expect.any(Number), attempts: 1 },
    ]);
    const answer = await ledger.takeSlot("P", randomUUID(), 1000);
    expect(answer).toMatchObject({ taken: false });
    const waitMs = "waitMs" in answer ? answer.waitMs : 0;
    expect(waitMs).toBeGreaterThan(50_000);
    nowMs += waitMs;
    expect(await ledger.takeSlot("P", randomUUID(), 1000)).toEqual({ taken: true });
    await ledger.close();
  });

  function open(file: string) {
    return openLedger({ kind: "sqlite", path: file }, systemClock, options);
  }

  /** Another process that has sent an order's cancel and waits for the answer. */
  async function holder(): Promise<ChildProcess> {
    const script = `
      import { openLedger } from ${JSON.stringify(new URL("../../src/ledger/open.ts", import.meta.url).href)};
      const ledger = await openLedger({ kind: "sqlite", path: process.argv[1] }, { now: Date.now, elapsed: () => performance.now() }, { leaseMs: ${leaseMs} });
      const { claims } = await ledger.open({ provider: "P", orderIds: ["a"], requestedBy: null, claim: 1 });
      await ledger.takeSlot("P", "token", 60_000);
      await ledger.markSent(claims);
      process.stdout.write("ready");
      setInterval(() => {}, 1000);
    `;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script, path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    await once(child.stdout, "data");
    return child;
  }

  async function killed(child: ChildProcess): Promise<void> {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
});

describe("a PostgreSQL database", () => {
  const { createDatabase, connect } = stores[1] as TestedStore;

  it("refuses a PostgreSQL that is not there, with one sentence", async () => {
    const url = new URL(await createDatabase());
    url.pathname = "nowhere";
    expect(await refusal(url.href)).toBe(
      `PostgreSQL at 127.0.0.1:${url.port} refuses: database "nowhere" does not exist`,
    );
    expect(await refusal("postgres://me:hunter2@127.0.0.1:1/x")).toBe(
      "no PostgreSQL answers at 127.0.0.1:1: connection refused",
    );
    expect(await refusal("postgres://me:hunter2@nowhere.invalid/x")).toMatch(
      /^no PostgreSQL answers at nowhere\.invalid:5432: /,
    );
  });

  it("refuses a PostgreSQL that does not let us in, without a word of the password", async () => {
    const url = new URL(await createDatabase());
    url.password = "hunter2";
    expect(await refusal(url.href)).toBe(
      `PostgreSQL at 127.0.0.1:${url.port} refuses: password authentication failed for user "postgres"`,
    );
    // Unescaped, the password ends the host name, and the rest of it would be taken for the database's name.
    for (const password of ["12/hunter2", "12?hunter2", "12#hunter2"]) {
      expect(await refusal(`postgres://me:${password}@127.0.0.1/x`)).toBe(
        "it cannot be read: special characters in user and password need percent-encoding",
      );
    }
    expect(await refusal("postgres://me:127@127.0.0.1:1/x")).not.toContain("127");
  });

  it("refuses a server that is not PostgreSQL, with one sentence", async () => {
    const web = createServer().listen(0, "127.0.0.1");
    await once(web, "listening");
    const place = `127.0.0.1:${(web.address() as AddressInfo).port}`;
    expect(await refusal(`postgres://me:hunter2@${place}/x`)).toMatch(`${place} does not answer as PostgreSQL does: `);
    web.close();
  });

  it("may hold other services in schemas of their own", async () => {
    const url = await createDatabase();
    const db = connect(url);
    await sql`create schema if not exists other`.execute(db);
    await sql`create table other.kysely_migration (name text)`.execute(db);
    await sql`create table other.cancellations (id text)`.execute(db);
    await db.destroy();
    const ledger = await openLedger({ kind: "postgres", url }, systemClock, options);
    const { claims } = await ledger.open({ provider: "P", orderIds: ["a"], requestedBy: null, claim: 1 });
    expect(claims).toHaveLength(1);
    await ledger.close();
  });

  async function refusal(url: string): Promise<string> {
    const error = await openLedger({ kind: "postgres", url }, systemClock, options).then(
      () => new Error("it opened"),
      (reason: Error) => reason,
    );
    expect(error.message).not.toMatch(/hunter2|\n/);
    expect(error.message).toMatch(/^DATABASE_URL: /);
    return error.message.replace("DATABASE_URL: ", "");
  }
});
