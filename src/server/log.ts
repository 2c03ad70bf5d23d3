import { type DestinationStream, type LevelWithSilent, pino } from "pino";
import type { Log, LogLine } from "../domain/log.ts";

/** JSON lines on standard output. Fields are copied one by one from the allow-list: nothing else can slip through. */
export function createLog(level: LevelWithSilent, destination?: DestinationStream): Log {
  const options = { level, base: { service: "order-cancellation" } };
  const logger = destination ? pino(options, destination) : pino(options);
  return {
    info: (line) => logger.info(allowed(line)),
    warn: (line) => logger.warn(allowed(line)),
    error: (line) => logger.error(allowed(line)),
  };
}

function allowed(line: LogLine): Record<string, unknown> {
  const { event, provider, orders, durationMs, outcomes, circuit, at, url, requestId, operation, error } = line;
  return {
    ...{ event, provider, orders, durationMs, outcomes, circuit, at, url, requestId, operation },
    ...(error === undefined ? {} : { error: describe(error) }),
  };
}

/** Class, code and the top of the stack without its message. */
function describe(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const frames = error.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? [];
  return {
    type: error.name,
    code: "code" in error && typeof error.code === "string" ? error.code : undefined,
    stack: frames.slice(0, 8).map((frame) => frame.trim()),
  };
}
