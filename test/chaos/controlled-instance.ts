import { fileURLToPath } from "node:url";
import { type ServerProcess, startServerProcess } from "../support/process.ts";
import { type Periods, recordPeriods } from "./periods.ts";
import type { FromParent, ToParent } from "./preload.ts";

/** An instance that can be frozen, whose clock can be set, and which tells what has arrived. */
export interface ControlledInstance {
  readonly name: string;
  readonly url: string;
  /** How far its clock is off from the start of each process, ms. */
  clockOffsetMs: number;
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Resolves when it runs: at once, unless it was killed and is not back. */
  running(): Promise<void>;
  /** SIGSTOP; nothing of it runs until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** Its wall clock is off by so many ms from now on. */
  setClock(offsetMs: number): Promise<void>;
  /** When it was killed and not yet back, or frozen. */
  readonly away: Periods;
  /** Only one at a time does something to it. */
  exclusively<T>(act: () => Promise<T>): Promise<T>;
}

/** `onAnswer` is told the number of each of its requests, when the answer has arrived completely. */
export async function startControlledInstance(
  name: string,
  settings: Readonly<Record<string, string>>,
  clockOffsetMs: number,
  onAnswer: (request: string, by: ControlledInstance) => void,
): Promise<ControlledInstance> {
  const started = { ...settings, ...clock(clockOffsetMs), CHAOS_INSTANCE: name };
  const instance = await startServerProcess(started, { preload });
  const away = recordPeriods();
  let last: Promise<unknown> = Promise.resolve();
  let back = Promise.withResolvers<void>();
  back.resolve();
  const controlled: ControlledInstance = {
    name,
    get url() {
      return instance.url;
    },
    clockOffsetMs,
    away,
    kill: async () => {
      away.begin();
      back = Promise.withResolvers<void>();
      await instance.kill();
    },
    running: () => back.promise,
    restart: async () => {
      await instance.restart(clock(controlled.clockOffsetMs));
      listen();
      away.end();
      back.resolve();
    },
    freeze: () => {
      away.begin();
      instance.child.kill("SIGSTOP");
    },
    thaw: () => {
      instance.child.kill("SIGCONT");
      away.end();
    },
    setClock: (offsetMs) => setClock(instance, offsetMs),
    exclusively: (act) => {
      const done = last.then(act);
      last = done.catch(() => {});
      return done;
    },
  };
  listen();
  return controlled;

  function listen(): void {
    instance.child.on("message", (message: ToParent) => {
      if ("answered" in message) onAnswer(message.answered, controlled);
    });
  }
}

const preload = fileURLToPath(new URL("preload.ts", import.meta.url));

function clock(offsetMs: number) {
  return { CHAOS_CLOCK_OFFSET_MS: String(offsetMs) };
}

/** Resolves when the instance has done so. */
function setClock({ child }: ServerProcess, clockOffsetMs: number): Promise<void> {
  return new Promise((resolve) => {
    const hear = (message: ToParent) => {
      if (!("clockIsSet" in message)) return;
      child.off("message", hear);
      resolve();
    };
    child.on("message", hear);
    child.send({ clockOffsetMs } satisfies FromParent);
  });
}
