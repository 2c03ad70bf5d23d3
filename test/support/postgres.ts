import { type ChildProcess, execFile as execFileWithCallback, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { freePort } from "./ports.ts";
import { type PostgresPrograms, preparePrograms } from "./postgres-programs.ts";

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

const execFile = promisify(execFileWithCallback);
const [superuser, password] = ["postgres", "p@ss word"];

export async function startPostgres(): Promise<Postgres> {
  const programs = preparePrograms();
  const { folder } = programs;
  const orphaned = watchOver(folder);
  const port = await freePort();
  const url = (database = "postgres") =>
    `postgres://${superuser}:${encodeURIComponent(password)}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  const run = async (statement: string) => {
    const client = new pg.Client({ connectionString: url() });
    await client.connect();
    const { rows } = await client.query(statement).finally(() => client.end());
    return rows as Record<string, unknown>[];
  };
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
    await initialise(programs);
    server = await launch(programs, port);
  } catch (error) {
    await stop();
    throw new Error(`PostgreSQL does not start in ${folder}`, { cause: error });
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
    halt,
    kill: async () => {
      // Left alone, its processes would answer until they notice.
      const processes = (await run("select pid from pg_stat_activity")).map(({ pid }) => Number(pid));
      for (const pid of [server?.pid ?? 0, ...processes]) killProcess(pid);
      await halt();
    },
    start: async () => {
      server = await launchAgain(programs, port);
    },
    stop,
  };
}

/** Makes an empty cluster, owned by the user that will run it. */
async function initialise({ program, folder, user }: PostgresPrograms): Promise<void> {
  const data = join(folder, "data");
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
async function launch({ program, folder, user }: PostgresPrograms, port: number): Promise<ChildProcess> {
  // A test never outlives the machine's memory: no fsync.
  const settings = ["fsync=off", "listen_addresses=127.0.0.1", "unix_socket_directories=", "lc_messages=C"];
  const server = spawn(
    program("postgres"),
    ["-D", join(folder, "data"), "-p", String(port), ...settings.flatMap((each) => ["-c", each])],
    { ...user, cwd: folder, stdio: ["ignore", "ignore", "pipe"] },
  );
  let output = "";
  await new Promise<void>((resolve, reject) => {
    server.stderr.setEncoding("utf8").on("data", (text) => {
      output = (output + text).slice(-10_000);
      if (output.includes("database system is ready to accept connections")) resolve();
    });
    server.once("error", reject);
    server.once("close", (code) => reject(new Error(`it ended with ${code}: ${output}`)));
  });
  return server;
}

/** After a crash the old server's processes may need a moment to notice; until then a new one refuses to start. */
async function launchAgain(programs: PostgresPrograms, port: number): Promise<ChildProcess> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await launch(programs, port);
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
