import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The built server as a process of its own, whose standard output the test holds. */
export interface ServerProcess {
  /** Its address, without a path. */
  url: string;
  child: ChildProcess;
  /** A metric's value by its name and labels, as the scrape has them. */
  metric(name: string): Promise<number>;
  /** SIGTERM; resolves with the exit code. */
  terminate(): Promise<number | null>;
}

export interface ProcessOptions {
  /** Where its standard output goes; unless given, to `child.stdout`. */
  stdout?: "pipe" | number;
  /** Commands of the shell that come before it, as `ulimit -n 64`. */
  shell?: string;
}

const main = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

/** Resolves when `/readyz` says 200. */
export async function startServerProcess(
  settings: Readonly<Record<string, string>>,
  { stdout = "pipe", shell = ":" }: ProcessOptions = {},
): Promise<ServerProcess> {
  const port = await freePort();
  const child = spawn("sh", ["-c", `${shell}; exec "$0" "$1"`, process.execPath, main], {
    env: { PATH: process.env.PATH, PORT: String(port), DATABASE_URL: ":memory:", ...settings },
    stdio: ["ignore", stdout, "inherit"],
  });
  const url = `http://127.0.0.1:${port}`;
  const ended = once(child, "exit");
  while (!(await isReady(url))) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    await pause(20);
  }
  return {
    url,
    child,
    metric: async (name) => {
      const text = await (await fetch(`${url}/metrics`)).text();
      const line = text.split("\n").find((each) => each.startsWith(`${name} `));
      return Number(line?.slice(name.length + 1));
    },
    terminate: async () => {
      child.kill("SIGTERM");
      const [code] = await ended;
      return code;
    },
  };
}

/** Reads until a line matches. */
export async function lineOf(stream: Readable, pattern: RegExp): Promise<string> {
  let text = "";
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    text += chunk;
    const line = text.split("\n").find((each) => pattern.test(each));
    if (line !== undefined) return line;
  }
  throw new Error(`ended without ${pattern}`);
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
