/**
 * Structured log lines. The type is the allow-list: what has no field here is not logged, so no key, signature or whole
 * sms4sats id (whoever knows it can cancel) ever is.
 */
export interface Log {
  info(line: LogLine): void;
  warn(line: LogLine): void;
  error(line: LogLine): void;
}

export interface LogLine {
  /** What happened, in kebab-case. */
  event: string;
  provider?: string;
  /** How many orders it was about. */
  orders?: number;
  durationMs?: number;
  /** How long the request waited for the provider's pace. */
  waitMs?: number;
  /** How many orders ended how. */
  outcomes?: Record<string, number>;
  circuit?: string;
  at?: number;
  url?: string;
  requestId?: string;
  /** Trace id of a W3C traceparent. */
  traceId?: string;
  /** Type and name of a GraphQL operation; never its text or variables. */
  operation?: string;
  /** HTTP status of our answer, or of one that was no use to us. */
  status?: number;
  /** The different `extensions.code`s of our answer. */
  codes?: readonly string[];
  /** How many log lines were dropped since the start. */
  lines?: number;
  /** How many writes to the database wait for it. */
  waiting?: number;
  /** How many connections were refused. */
  connections?: number;
  /** Only its class, codes and place in our code are logged: messages may quote anything. */
  error?: unknown;
}
