import { execFile as execFileWithCallback } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { dataOf, type Postgres, startServer, writeInto } from "./postgres.ts";

const execFile = promisify(execFileWithCallback);

/**
 * A hot standby of this primary, which follows it by streaming. `primaryUrl`: where it finds the primary, if not directly. Resolves when
 * it follows. To make it the primary, see `promote`.
 */
export async function startStandby(primary: Postgres, primaryUrl = primary.url()): Promise<Postgres> {
  const { hostname, port, username, password } = new URL(primaryUrl);
  const found = { host: hostname, port, user: username, password: decodeURIComponent(password) };
  const info = Object.entries(found).map(([name, value]) => `${name}='${value}'`);
  const standby = await startServer(
    (programs) => copy(primary, dataOf(programs)),
    [`primary_conninfo=${info.join(" ")}`, ...keepEnough],
  );
  await until(primary, "select from pg_stat_replication where state = 'streaming'");
  return standby;
}

/** Settings of a primary: what a standby has not fetched yet must not be recycled. */
export const keepEnough = ["wal_keep_size=512MB"];

/** Resolves when it takes writes. */
export async function promote(standby: Postgres): Promise<void> {
  await ask(standby, "select pg_promote()");
}

/** From now on a commit waits until a standby has it on disk; or no longer. */
export async function waitForStandby(primary: Postgres, waits: boolean): Promise<void> {
  await ask(primary, `alter system set synchronous_standby_names = '${waits ? "*" : ""}'`);
  await ask(primary, "select pg_reload_conf()");
  if (waits) await until(primary, "select from pg_stat_replication where sync_state = 'sync'");
}

/** As pg_basebackup does: the files as they are, and a label that tells where to begin with the log. */
async function copy(primary: Postgres, data: string): Promise<void> {
  const client = await connect(primary);
  try {
    await client.query("select pg_backup_start('standby', true)");
    // A file that is dropped meanwhile is one that the copy does not need; `cp` mentions it and goes on.
    await execFile("cp", ["-a", primary.data, data]).catch((error) => {
      if (!existsSync(join(data, "PG_VERSION"))) throw error;
    });
    const { rows } = await client.query("select labelfile from pg_backup_stop(false)");
    rmSync(join(data, "postmaster.pid"), { force: true });
    writeInto(data, "backup_label", rows[0].labelfile);
    writeInto(data, "standby.signal", "");
  } finally {
    await client.end();
  }
}

async function until(server: Postgres, query: string): Promise<void> {
  for (let tries = 0; (await ask(server, query)) === 0; tries += 1) {
    if (tries === 600) throw new Error(`no row within 60 s: ${query}`);
    await pause(100);
  }
}

/** How many rows it has. */
async function ask(server: Postgres, query: string): Promise<number> {
  const client = await connect(server);
  const { rowCount } = await client.query(query).finally(() => client.end());
  return rowCount ?? 0;
}

async function connect(server: Postgres): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: server.url() });
  await client.connect();
  return client;
}
