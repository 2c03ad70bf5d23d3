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
  /** How many orders ended how. */
  outcomes?: Record<string, number>;
  circuit?: string;
  at?: number;
  url?: string;
  requestId?: string;
  operation?: string;
  /** Only its class, code and place in our code are logged: messages may quote anything. */
  error?: unknown;
}
