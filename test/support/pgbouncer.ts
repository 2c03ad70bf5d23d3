import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./ports.ts";
import { makeFolder, systemUser } from "./postgres-programs.ts";

/** A real PgBouncer on loopback, in front of one database. */
export interface PgBouncer {
  /** The database's URL, by way of PgBouncer. */
  url: string;
  stop(): Promise<void>;
}

/** Where Debian's package `pgbouncer` puts it. */
export const pgbouncerPath = "/usr/sbin/pgbouncer";

export type PoolMode = "session" | "transaction";

/**
 * In session mode a client keeps its server connection until it disconnects, in transaction mode until its transaction ends.
 * Everything else is as PgBouncer has it: it refuses start-up parameters that it does not know (`ignore_startup_parameters`,
 * pgbouncer.org/config.html, read 2026-11-21).
 */
export async function startPgBouncer(databaseUrl: string, mode: PoolMode): Promise<PgBouncer> {
  const database = new URL(databaseUrl);
  const user = systemUser();
  const folder = makeFolder(user);
  const port = await freePort();
  const settings = writeSettings(folder, database, port, mode);
  // The shell ends PgBouncer when its standard input closes: at `stop`, or when this process is killed.
  const shell = spawn("sh", ["-c", '"$0" "$1" & cat; kill -INT $!; wait', pgbouncerPath, settings], {
    ...user,
    stdio: ["pipe", "ignore", "pipe"],
  });
  const stop = async () => {
    const ended = once(shell, "exit");
    shell.stdin.end();
    await ended;
    rmSync(folder, { recursive: true });
  };
  let output = "";
  await new Promise<void>((resolve, reject) => {
    shell.stderr.setEncoding("utf8").on("data", (text) => {
      output = (output + text).slice(-10_000);
      if (output.includes("process up")) resolve();
      if (output.includes("FATAL")) reject(new Error(`PgBouncer does not start: ${output}`));
    });
  }).catch(async (error) => {
    await stop();
    throw error;
  });
  database.port = String(port);
  return { url: database.href, stop };
}

function writeSettings(
  folder: string,
  { hostname, port, username, password }: URL,
  listenPort: number,
  mode: PoolMode,
): string {
  const users = join(folder, "users.txt");
  writeReadable(users, `"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"\n`);
  const settings = join(folder, "pgbouncer.ini");
  const lines = [
    "[databases]",
    `* = host=${hostname} port=${port}`,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${listenPort}`,
    "unix_socket_dir =",
    "auth_type = plain",
    `auth_file = ${users}`,
    `pool_mode = ${mode}`,
    // In session mode every client needs a connection of its own: eleven for each instance.
    `default_pool_size = ${mode === "session" ? 50 : 8}`,
  ];
  writeReadable(settings, `${lines.join("\n")}\n`);
  return settings;
}

/** Whatever the umask: PgBouncer runs as another user than root. */
function writeReadable(path: string, text: string): void {
  writeFileSync(path, text);
  chmodSync(path, 0o644);
}
