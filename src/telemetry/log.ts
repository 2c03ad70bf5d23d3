import { type LevelWithSilent, pino } from "pino";
import type { Emit, ServiceEvent } from "../domain/events.ts";
import type { LogDestination } from "./log-output.ts";

/** Writes events as JSON lines. Only fields of the allow-list are copied, so that nothing else can be logged. */
export function createLog(level: LevelWithSilent, destination: LogDestination): Emit {
  const logger = pino({ level, base: { service: "order-cancellation" } }, destination);
  const log: Emit = (event) => {
    const at = levels[event.event];
    if (at) logger[at](toLine(event));
  };
  destination.onRoom?.((lines) => log({ event: "log-lines-dropped", lines }));
  return log;
}

/** `error` and `warn` are for the person on call. Null: only counted, or another event reports many of these together. */
const levels: Readonly<Record<ServiceEvent["event"], "debug" | "info" | "warn" | "error" | null>> = {
  starting: "info",
  "unknown-settings": "warn",
  listening: "info",
  "no-provider-set-up": "warn",
  "few-open-files": "warn",
  "connection-refused": null,
  "connections-refused": "warn",
  "log-lines-dropped": "warn",
  ready: "warn",
  "not-ready": "warn",
  "uncaught-error": "error",
  "notifications-unheard": "warn",
  "notifications-heard": "warn",
  "graphql-request": "info",
  "graphql-error": "error",
  "http-error": "error",
  "apollo-warning": "warn",
  "apollo-error": "error",
  "token-not-checked": "error",
  "sign-in-undiscovered": "error",
  "access-check-unanswered": "error",
  "connection-failed": "warn",
  "proxy-failed": "warn",
  "watch-failed": "error",
  "subscription-ended": "info",
  "webhook-delivered": "info",
  "webhook-failed": "warn",
  "webhook-abandoned": "error",
  "webhook-claim-failed": "error",
  "webhook-write-failed": "error",
  cancel: "info",
  lookup: "info",
  // As many as people look at orders.
  read: "debug",
  cancellability: null,
  "batch-refused": "info",
  "refused-here": null,
  "key-refused": "warn",
  "clock-refused": "warn",
  circuit: "warn",
  "provider-paused": "warn",
  "provider-started": "warn",
  "pauses-unread": "error",
  "client-failed": "error",
  "release-failed": "error",
  "not-marked": "error",
  settled: "info",
  resolved: "info",
  "recheck-failed": "error",
  deleted: "info",
  "batch-deleted": null,
  "delete-failed": "error",
  "taken-over": "warn",
  "step-abandoned": "error",
  "database-call": null,
  "database-slow": "warn",
  "write-failed": "error",
  "claim-failed": "error",
  "renew-failed": "error",
};

type Fields<Event> = Event extends unknown ? keyof Event : never;

/** Every field that an event can have, except `error`. */
const fields: readonly Exclude<Fields<ServiceEvent>, "error">[] = [
  "event",
  "provider",
  "operation",
  "source",
  "orders",
  "waitMs",
  "durationMs",
  "outcomes",
  "problems",
  "httpStatus",
  "failure",
  "circuit",
  "requestId",
  "traceId",
  "client",
  "status",
  "codes",
  "url",
  "connections",
  "lines",
  "states",
  "reason",
  "waiting",
  "setUp",
  "paused",
  "simulated",
  "testEnvironment",
  "proxied",
  "host",
  "problem",
  "unknown",
  "code",
  "records",
  "offMs",
  "calls",
];

function toLine(event: ServiceEvent): Record<string, unknown> {
  const given: Readonly<Record<string, unknown>> = { ...event };
  const line: Record<string, unknown> = {};
  for (const name of fields) if (given[name] !== undefined) line[name] = given[name];
  return "error" in given ? { ...line, error: describe(given.error) } : line;
}

/** Class, codes and the top of the stack, without the message. Of the error's cause: class and codes. */
function describe(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  // The message is cut out first: its lines may look like stack frames.
  const frames =
    error.stack
      ?.replace(error.message, () => "")
      .split("\n")
      .filter((line) => /^\s+at /.test(line)) ?? [];
  const stack = frames.slice(0, 8).map((frame) => frame.trim());
  const { cause } = error;
  return { ...namesOf(error), stack, cause: cause instanceof Error ? namesOf(cause) : undefined };
}

function namesOf(error: Error): Record<string, unknown> {
  return { type: error.name, ...codesOf(error) };
}

/**
 * `code` is Node's, undici's or PostgreSQL's SQLSTATE. An error of SQLite always has the `code` ERR_SQLITE_ERROR. Its result code
 * is `errcode`, with SQLite's fixed text in `errstr` (node:sqlite, Node 24 documentation, read 2026-11-21).
 */
function codesOf(error: Error): Record<string, unknown> {
  const { code, errcode, errstr } = error as { code?: unknown; errcode?: unknown; errstr?: unknown };
  return {
    code: typeof code === "string" ? code : undefined,
    errcode: typeof errcode === "number" ? errcode : undefined,
    errstr: typeof errcode === "number" && typeof errstr === "string" ? errstr : undefined,
  };
}
