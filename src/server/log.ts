import { type DestinationStream, type LevelWithSilent, pino } from "pino";
import type { Log, LogLine } from "../domain/log.ts";

/** Where lines go, one call per line. */
export type LogDestination = DestinationStream;

/** JSON lines on standard output. Fields are copied one by one from the allow-list: nothing else can slip through. */
export function createLog(level: LevelWithSilent, destination?: LogDestination): Log {
  const options = { level, base: { service: "order-cancellation" } };
  const logger = destination ? pino(options, destination) : pino(options);
  return {
    info: (line) => logger.info(allowed(line)),
    warn: (line) => logger.warn(allowed(line)),
    error: (line) => logger.error(allowed(line)),
  };
}

function allowed(line: LogLine): Record<string, unknown> {
  const { event, provider, orders, durationMs, waitMs, outcomes, circuit, at, url, error } = line;
  const { requestId, traceId, operation, status, codes } = line;
  return {
    ...{ event, provider, orders, durationMs, waitMs, outcomes, circuit, at, url },
    ...{ requestId, traceId, operation, status, codes },
    ...(error === undefined ? {} : { error: describe(error) }),
  };
}

/** Class, code and the top of the stack without its message. */
function describe(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  // Without the message, whose lines may look like frames.
  const frames =
    error.stack
      ?.replace(error.message, () => "")
      .split("\n")
      .filter((line) => /^\s+at /.test(line)) ?? [];
  return {
    type: error.name,
    code: "code" in error && typeof error.code === "string" ? error.code : undefined,
    stack: frames.slice(0, 8).map((frame) => frame.trim()),
  };
}
