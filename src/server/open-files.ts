import { readdirSync } from "node:fs";

export interface OpenFiles {
  /** Most that the process may have open (`ulimit -n`); Infinity if there is no limit. */
  limit: number;
  /** How many it has open now. */
  open: number;
}

/** Every socket and every database file counts as an open file. */
export function readOpenFiles(): OpenFiles {
  return { limit: readLimit(), open: readdirSync("/dev/fd").length };
}

/** Files and look-ups of names that come and go, and what a database opens later. */
const spare = 16;

/**
 * How many connections can come in so that `outgoing` more sockets can still be opened towards providers, the database and
 * others. If the limit is too small for that, one quarter of what is left is for those that come in; never none.
 */
export function incomingConnections({ limit, open }: OpenFiles, outgoing: number): { max: number; cramped: boolean } {
  const left = limit - open;
  const max = left - outgoing - spare;
  const least = Math.max(1, Math.floor(left / 4));
  return { max: Math.max(max, least), cramped: max < least };
}

/** Node's own report knows it on every platform; without what takes time there. */
function readLimit(): number {
  Object.assign(process.report, { excludeNetwork: true });
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } };
  const soft = Number(userLimits?.open_files?.soft);
  // "unlimited", or Windows, which has none.
  return Number.isInteger(soft) ? soft : Number.POSITIVE_INFINITY;
}
