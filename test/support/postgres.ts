import { type ChildProcess, execFile as execFileWithCallback, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { chownSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import type { Certificate } from "./certificate.ts";
import { freePort } from "./ports.ts";
import { type PostgresPrograms, preparePrograms } from "./postgres-programs.ts";

/** What a running PostgreSQL gives to tests. Each name is made unique: files share the server. */
export interface Databases {
  url(database?: string): string;
  /** Makes an empty database and tells its URL. */
  createDatabase(name: string): Promise<string>;
  /** Makes an empty schema and tells a URL that leads there: as good as a database of its own, in a hundredth of the time. */
  createSchema(name: string): Promise<string>;
}

/** A real PostgreSQL on loopback, with its data in a directory of its own; up in under a second. */
export interface Postgres extends Databases {
  /** Where its data are. */
  readonly data: string;
  /** As an operator's restart does: connections are cut, and what was committed is still there after `start`. */
  halt(): Promise<void>;
  /** As a crash does. */
  kill(): Promise<void>;
  /** Starts it again, at the same address. */
  start(): Promise<void>;
  /** Stops it for good and removes its data. */
  stop(): Promise<void>;
}

const execFile = promisify(execFileWithCallback);
const [superuser, password] = ["postgres", "p@ss word"];

export interface PostgresOptions {
  /** Of the server, as `name=value`; they win over those for tests. */
  settings?: readonly string[];
  /** With it the server takes TLS, too. */
  certificate?: Certificate;
}

export function startPostgres({ settings = [], certificate }: PostgresOptions = {}): Promise<Postgres> {
  if (!certificate) return startServer(initialise, settings);
  const files = { "server.crt": certificate.cert, "server.key": certificate.key };
  const prepare = async (programs: PostgresPrograms) => {
    await initialise(programs);
    for (const [name, text] of Object.entries(files)) writeInto(dataOf(programs), name, text);
  };
  return startServer(prepare, [...settings, "ssl=on"]);
}

/** Only the server's user can read it. */
export function writeInto(data: string, name: string, text: string): void {
  const { uid, gid } = statSync(data);
  const path = join(data, name);
  writeFileSync(path, text, { mode: 0o600 });
  chownSync(path, uid, gid);
}

/** Starts a server on the data that `prepare` puts into the new folder's `data`. */
export async function startServer(
  prepare: (programs: PostgresPrograms) => Promise<void>,
  settings: readonly string[],
): Promise<Postgres> {
  const programs = preparePrograms();
  const { folder } = programs;
  const orphaned = watchOver(folder);
  const port = await freePort();
  const databases = databasesOf(`postgres://${superuser}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`);
  let server: ChildProcess | undefined;
  const halt = async () => {
    if (server) await end(server);
  };
  const stop = async () => {
    await halt();
    rmSync(folder, { recursive: true, force: true });
    orphaned.end();
  };
  try {
    await prepare(programs);
    server = await launch(programs, port, settings);
  } catch (error) {
    await stop();
    throw new Error(`PostgreSQL does not start in ${folder}`, { cause: error });
  }

  return {
    ...databases,
    data: dataOf(programs),
    halt,
    kill: async () => {
      // Left alone, its processes would answer until they notice.
      const processes = (await run(databases.url(), "select pid from pg_stat_activity")).map(({ pid }) => Number(pid));
      for (const pid of [server?.pid ?? 0, ...processes]) killProcess(pid);
      await halt();
    },
    start: async () => {
      server = await launchAgain(() => launch(programs, port, settings));
    },
    stop,
  };
}

export function dataOf({ folder }: PostgresPrograms): string {
  return join(folder, "data");
}

/** A test never outlives the machine's memory: no fsync. All files of a run share the server: many connections. */
const usualSettings = [
  "max_connections=400",
  "fsync=off",
  "listen_addresses=127.0.0.1",
  "unix_socket_directories=",
  "lc_messages=C",
];

/** Databases and schemas of a server that runs. */
export function databasesOf(server: string): Databases {
  const url = (database?: string) => {
    const other = new URL(server);
    if (database) other.pathname = `/${encodeURIComponent(database)}`;
    return other.href;
  };
  const unique = (name: string) => `${name}_${randomUUID().slice(0, 8)}`;
  return {
    url,
    createDatabase: async (name) => {
      const database = unique(name);
      await run(server, `create database ${pg.escapeIdentifier(database)}`);
      return url(database);
    },
    createSchema: async (name) => {
      const schema = unique(name);
      await run(server, `create schema ${pg.escapeIdentifier(schema)}`);
      return `${url()}?options=${encodeURIComponent(`-csearch_path=${schema}`)}`;
    },
  };
}

async function run(server: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  const { rows } = await client.query(statement).finally(() => client.end());
  return rows;
}

/** Makes an empty cluster, owned by the user that will run it. */
async function initialise(programs: PostgresPrograms): Promise<void> {
  const { program, folder, user } = programs;
  const data = dataOf(programs);
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, password);
  mkdirSync(data);
  // Both belong to that user: a strict umask would keep the password from it.
  if ("uid" in user) for (const path of [data, passwordFile]) chownSync(path, user.uid, user.gid);
  const options = [`--pgdata=${data}`, `--username=${superuser}`, `--pwfile=${passwordFile}`, "--auth=password"];
  await execFile(program("initdb"), [...options, "--no-sync", "--encoding=UTF8", "--locale=C"], {
    ...user,
    cwd: folder,
  });
}

/** Resolves when it accepts connections; rejects with what it said if it ends before. */
async function launch(programs: PostgresPrograms, port: number, settings: readonly string[]): Promise<ChildProcess> {
  const { program, folder, user } = programs;
  const all = [...usualSettings, ...settings].flatMap((each) => ["-c", each]);
  const server = spawn(program("postgres"), ["-D", dataOf(programs), "-p", String(port), ...all], {
    ...user,
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let output = "";
  await new Promise<void>((resolve, reject) => {
    server.stderr.setEncoding("utf8").on("data", (text) => {
      output = (output + text).slice(-10_000);
      if (/ready to accept (read-only )?connections/.test(output)) resolve();
    });
    server.once("error", reject);
    server.once("close", (code) => reject(new Error(`it ended with ${code}: ${output}`)));
  });
  return server;
}

/** After a crash the old server's processes may need a moment to notice; until then a new one refuses to start. */
async function launchAgain(start: () => Promise<ChildProcess>): Promise<ChildProcess> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await start();
    } catch (error) {
      if (attempts === 50) throw new Error("PostgreSQL does not start again", { cause: error });
      await pause(100);
    }
  }
}

/** SIGINT is PostgreSQL's fast shutdown: it cuts every connection. */
async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, "exit");
  server.kill("SIGINT");
  await ended;
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** Cleans up even if this process is killed: its end of the pipe closes, and the shell goes on. */
function watchOver(folder: string): { end(): void } {
  const script = 'cat; kill -INT $(head -n 1 "$0/data/postmaster.pid") && sleep 1; rm -rf "$0"';
  const shell = spawn("sh", ["-c", script, folder], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  shell.unref();
  if ("unref" in shell.stdin && typeof shell.stdin.unref === "function") shell.stdin.unref();
  return { end: () => shell.stdin.end() };
}
