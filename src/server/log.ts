import { type LevelWithSilent, pino } from "pino";
import type { Emit, ServiceEvent } from "../domain/events.ts";
import type { LogDestination } from "./log-output.ts";

/** Writes events as JSON lines. Fields are copied one by one from the allow-list: nothing else can slip through. */
export function createLog(level: LevelWithSilent, destination: LogDestination): Emit {
  const logger = pino({ level, base: { service: "order-cancellation" } }, destination);
  const log: Emit = (event) => {
    const at = levels[event.event];
    if (at) logger[at](toLine(event));
  };
  destination.onRoom?.((lines) => log({ event: "log-lines-dropped", lines }));
  return log;
}

/** `error` and `warn` are for whoever is on call; null: told in sum by another event. */
const levels: Readonly<Record<ServiceEvent["event"], "info" | "warn" | "error" | null>> = {
  listening: "info",
  "no-provider-set-up": "warn",
  "few-open-files": "warn",
  "connection-refused": null,
  "connections-refused": "warn",
  "log-lines-dropped": "warn",
  ready: "warn",
  "not-ready": "warn",
  "graphql-request": "info",
  "graphql-error": "error",
  "http-error": "error",
  "apollo-warning": "warn",
  "apollo-error": "error",
  "token-not-checked": "error",
  "access-check-unanswered": "error",
  cancel: "info",
  lookup: "info",
  "batch-refused": "info",
  circuit: "warn",
  "client-failed": "error",
  "release-failed": "error",
  "not-marked": "error",
  settled: "info",
  "taken-over": "warn",
  "step-abandoned": "error",
  "write-failed": "error",
  "claim-failed": "error",
  "renew-failed": "error",
};

type Fields<Event> = Event extends unknown ? keyof Event : never;

/** Every field that an event may have, except its error. */
const fields: readonly Exclude<Fields<ServiceEvent>, "error">[] = [
  "event",
  "provider",
  "operation",
  "orders",
  "waitMs",
  "durationMs",
  "outcomes",
  "circuit",
  "requestId",
  "traceId",
  "status",
  "codes",
  "url",
  "connections",
  "lines",
  "waiting",
];

function toLine(event: ServiceEvent): Record<string, unknown> {
  const told: Readonly<Record<string, unknown>> = { ...event };
  const line = Object.fromEntries(fields.map((name) => [name, told[name]]));
  return "error" in told ? { ...line, error: describe(told.error) } : line;
}

/** Class, codes and the top of the stack without its message; the same of what caused it, without a stack. */
function describe(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  // Without the message, whose lines may look like frames.
  const frames =
    error.stack
      ?.replace(error.message, () => "")
      .split("\n")
      .filter((line) => /^\s+at /.test(line)) ?? [];
  const stack = frames.slice(0, 8).map((frame) => frame.trim());
  const { cause } = error;
  return { type: error.name, ...codesOf(error), stack, ...(cause instanceof Error ? { cause: namesOf(cause) } : {}) };
}

function namesOf(error: Error): Record<string, unknown> {
  return { type: error.name, ...codesOf(error) };
}

/**
 * `code` is Node's, undici's or PostgreSQL's SQLSTATE; `errcode` SQLite's result code with `errstr`, SQLite's fixed words for
 * it, where `code` is ERR_SQLITE_ERROR whatever happened (node:sqlite, Node 24 documentation, read 2026-11-21).
 */
function codesOf(error: Error): Record<string, unknown> {
  const { code, errcode, errstr } = error as { code?: unknown; errcode?: unknown; errstr?: unknown };
  return {
    code: typeof code === "string" ? code : undefined,
    errcode: typeof errcode === "number" ? errcode : undefined,
    errstr: typeof errcode === "number" && typeof errstr === "string" ? errstr : undefined,
  };
}
