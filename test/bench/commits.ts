import pg from "pg";
import type { Notifications } from "../../src/ledger/postgres/notifications.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { built } from "./built.ts";

const { openNotifications } = await built("ledger/postgres/notifications.js");

export interface CommitsOptions {
  /** How many connections write at once. */
  writers: readonly number[];
  /** How long a commit takes at least, ms; as on a replicated or networked disk. */
  commitMs: readonly number[];
  seconds: number;
}

/** Transactions a second, by when their change is told. */
export interface Commits {
  writers: number;
  commitMs: number;
  untold: number;
  /** By `pg_notify` inside each transaction. */
  within: number;
  /** As the service does. */
  after: number;
  /** The share of the changes told after the commit that another instance heard. */
  heard: number;
}

/** Why changes are told after the commit: all writers are of one server, and each writes one row in each transaction. */
export async function measureCommits({ writers, commitMs, seconds }: CommitsOptions): Promise<Commits[]> {
  const measured: Commits[] = [];
  for (const ms of commitMs) {
    // Without fsync a commit takes no time. With it, `commit_delay` makes it last at least so long, us.
    const delay = ms > 0 ? ["fsync=on", "commit_siblings=0", `commit_delay=${ms * 1000}`] : [];
    const postgres = await startPostgres({ settings: delay });
    try {
      for (const count of writers) {
        measured.push({ writers: count, commitMs: ms, ...(await measureTold(postgres, count, seconds)) });
      }
    } finally {
      await postgres.stop();
    }
  }
  return measured;
}

async function measureTold(postgres: Postgres, writers: number, seconds: number) {
  const url = await postgres.createDatabase("commits");
  const clients = await Promise.all(Array.from({ length: writers }, () => connect(url)));
  const [teller, listener] = [await listen(url), await listen(url)];
  let [told, heard] = [0, 0];
  listener.onNotified({ changed: () => heard++, missed: () => {}, hearing: () => {} });
  try {
    await clients[0]?.query("create table written (id bigint generated always as identity primary key, key text)");
    const run = (write: (client: pg.Client, key: string) => Promise<unknown>) => perSecond(clients, seconds, write);
    const insert = "insert into written (key) values";
    await run((client, key) => client.query(`${insert} ('${key}')`));
    return {
      untold: await run((client, key) => client.query(`${insert} ('${key}')`)),
      // Two statements in one message are one transaction.
      within: await run((client, key) => client.query(`${insert} ('${key}'); select pg_notify('other', '${key}')`)),
      after: await run(async (client, key) => {
        await client.query(`${insert} ('${key}')`);
        teller.notify({ provider: "P", orderId: key }, "written");
        told += 1;
      }),
      heard: await allHeard(() => heard / told),
    };
  } finally {
    await Promise.all([...clients.map((client) => client.end()), teller.close(), listener.close()]);
  }
}

function listen(url: string): Promise<Notifications> {
  return openNotifications({
    createClient: () => new pg.Client({ connectionString: url }),
    runInPool: async () => {},
  });
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

async function perSecond(
  clients: readonly pg.Client[],
  seconds: number,
  write: (client: pg.Client, key: string) => Promise<unknown>,
): Promise<number> {
  const startedAt = performance.now();
  let written = 0;
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() - startedAt < seconds * 1000) await write(client, String(written++));
    }),
  );
  return written / ((performance.now() - startedAt) / 1000);
}

/** The last ones are under way when the writers end. */
async function allHeard(share: () => number): Promise<number> {
  for (const end = performance.now() + 2000; share() < 1 && performance.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return share();
}
