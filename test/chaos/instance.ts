import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The built server as a process of its own, to be killed and started again. */
export interface Instance {
  /** Of `/graphql`; changes with each start. */
  readonly url: string;
  /** The running process; another one after each start. */
  readonly child: ChildProcess;
  /** SIGKILL, now, and gone when this resolves. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  terminate(): Promise<number | null>;
  /** With these settings beside the first ones. */
  restart(settings?: Readonly<Record<string, string>>): Promise<void>;
}

export interface InstanceOptions {
  /** A file to load before the service; it can then exchange messages with this process. */
  preload?: string;
}

const main = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

/** Rejects with what it printed if it does not come up. */
export async function startInstance(
  settings: Readonly<Record<string, string>>,
  options: InstanceOptions = {},
): Promise<Instance> {
  let running = await launch(settings, options);
  return {
    get url() {
      return running.url;
    },
    get child() {
      return running.child;
    },
    kill: async () => {
      await exit(running.child, "SIGKILL");
    },
    terminate: () => exit(running.child, "SIGTERM"),
    restart: async (changed = {}) => {
      running = await launch({ ...settings, ...changed }, options);
    },
  };
}

async function launch(
  settings: Readonly<Record<string, string>>,
  { preload }: InstanceOptions,
): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, preload ? ["--import", preload, main] : [main], {
    env: { PATH: process.env.PATH, PORT: "0", LOG_LEVEL: "info", ...settings },
    stdio: preload ? ["ignore", "pipe", "pipe", "ipc"] : ["ignore", "pipe", "pipe"],
  });
  let complaints = "";
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    complaints += text;
  });
  const url = await new Promise<string>((resolve, reject) => {
    if (child.stdout) {
      createInterface({ input: child.stdout }).on("line", (line) => {
        const listening = /"event":"listening".*?"url":"([^"]+)"/.exec(line)?.[1];
        if (listening) resolve(`${listening}/graphql`);
      });
    }
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${complaints}`)));
  });
  return { child, url };
}

async function exit(child: ChildProcess, signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, "exit");
  child.kill(signal);
  const [code] = await ended;
  return code;
}
