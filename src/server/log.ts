import { type LevelWithSilent, pino } from "pino";
import type { Log, LogLine } from "../domain/log.ts";
import type { LogDestination } from "./log-output.ts";

/** JSON lines. Fields are copied one by one from the allow-list: nothing else can slip through. */
export function createLog(level: LevelWithSilent, destination: LogDestination): Log {
  const logger = pino({ level, base: { service: "order-cancellation" } }, destination);
  const log: Log = {
    info: (line) => logger.info(allowed(line)),
    warn: (line) => logger.warn(allowed(line)),
    error: (line) => logger.error(allowed(line)),
  };
  destination.onRoom?.((lines) => log.warn({ event: "log-lines-dropped", lines }));
  return log;
}

function allowed(line: LogLine): Record<string, unknown> {
  const { event, provider, orders, durationMs, waitMs, outcomes, circuit, at, url, error } = line;
  const { requestId, traceId, operation, status, codes, lines, connections } = line;
  return {
    ...{ event, provider, orders, durationMs, waitMs, outcomes, circuit, at, url },
    ...{ requestId, traceId, operation, status, codes, lines, connections },
    ...(error === undefined ? {} : { error: describe(error) }),
  };
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
