import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "./ports.ts";

/** The built server as a process of its own, to be killed and started again. */
export interface ServerProcess {
  /** Of `/graphql`; changes with each start. */
  readonly url: string;
  /** Of another path, as `/readyz`. */
  at(path: string): string;
  /** The running process; another one after each start. */
  readonly child: ChildProcess;
  /** A metric's value by its name and labels, as the scrape has them. */
  metric(name: string): Promise<number>;
  /** SIGKILL, now, and gone when this resolves. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  terminate(): Promise<number | null>;
  /** With these settings beside the first ones. */
  restart(settings?: Settings): Promise<void>;
}

export type Settings = Readonly<Record<string, string>>;

export interface ProcessOptions {
  /** Whether its standard output is read to the end, or only until it listens; or the file it goes to. */
  stdout?: "read" | "unread" | number;
  /** Commands of the shell that come before it, as `ulimit -n 64`. */
  shell?: string;
  /** A file to load before the service; it can then exchange messages with this process. */
  preload?: string;
}

/** Resolves when it listens; rejects with what it printed if it does not come to that. */
export async function startServerProcess(settings: Settings, options: ProcessOptions = {}): Promise<ServerProcess> {
  let running = await launch(settings, options);
  const at = (path: string) => new URL(path, running.url).href;
  return {
    get url() {
      return at("/graphql");
    },
    at,
    get child() {
      return running.child;
    },
    metric: async (name) => {
      const text = await (await fetch(at("/metrics"))).text();
      const line = text.split("\n").find((each) => each.startsWith(`${name} `));
      return Number(line?.slice(name.length + 1));
    },
    kill: async () => {
      await end(running.child, "SIGKILL");
    },
    terminate: () => end(running.child, "SIGTERM"),
    restart: async (changed = {}) => {
      running = await launch({ ...settings, ...changed }, options);
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

interface Running {
  child: ChildProcess;
  /** Without a path. */
  url: string;
}

async function launch(settings: Settings, options: ProcessOptions): Promise<Running> {
  const { stdout = "read", shell, preload } = options;
  const isFile = typeof stdout === "number";
  // A file cannot be asked for the port that was taken.
  const port = isFile ? await freePort() : 0;
  const [command, args] = commandLine(shell, preload);
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH, PORT: String(port), DATABASE_URL: ":memory:", LOG_LEVEL: "info", ...settings },
    stdio: ["ignore", isFile ? stdout : "pipe", "pipe", ...(preload ? (["ipc"] as const) : [])],
  });
  let complaints = "";
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    complaints += text;
  });
  // Not "exit": what it printed has arrived by then.
  const ended = once(child, "close").then(([code]) => {
    throw new Error(`the server ended with ${code}: ${complaints}`);
  });
  const url = await Promise.race([ended, child.stdout ? announced(child.stdout) : answering(port, child)]);
  ended.catch(() => {});
  if (stdout === "read") child.stdout?.resume();
  return { child, url };
}

const { scripts } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

/** Those of `npm start` that are about memory. */
export const nodeFlags: readonly string[] = scripts.start.match(/--[\w-]+=\d+/g);

const main = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

function commandLine(shell: string | undefined, preload: string | undefined): [command: string, args: string[]] {
  const args = [...nodeFlags, ...(preload ? ["--import", preload, main] : [main])];
  return shell ? ["sh", ["-c", `${shell}; exec "$0" "$@"`, process.execPath, ...args]] : [process.execPath, args];
}

/** Where it listens, by its own log. Stays open if the output ends before: the end of the process says why. */
async function announced(stdout: Readable): Promise<string> {
  const line = await lineOf(stdout.setEncoding("utf8"), /"event":"listening"/).catch(() => undefined);
  return line === undefined ? new Promise(() => {}) : (JSON.parse(line) as { url: string }).url;
}

async function answering(port: number, child: ChildProcess): Promise<string> {
  const url = `http://127.0.0.1:${port}`;
  const isThere = () =>
    fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (child.exitCode === null && !(await isThere())) await pause(20);
  return url;
}

async function end(child: ChildProcess, signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, "exit");
  child.kill(signal);
  const [code] = await ended;
  return code;
}
