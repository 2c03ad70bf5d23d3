import { readdirSync } from "node:fs";
import type { Server } from "node:net";
import type { Emit } from "../domain/events.ts";
import { atMostEvery } from "../util/at-most-every.ts";

/** Least time between two `connections-refused` events, ms. */
const everyMs = 60_000;

/**
 * Accepts at most `max` connections at once: more would leave no sockets for providers and the database. Further ones are closed
 * at once. Each of those is an event. The log reports the first one, and then their number once a minute.
 *
 * With HOST=localhost Fastify opens a second server for the other address family. That one has no limit: only this machine can
 * reach it.
 */
export function limitConnections(server: Server, max: number, emit: Emit): void {
  let connections = 0;
  const report = atMostEvery(everyMs, () => {
    emit({ event: "connections-refused", connections });
    connections = 0;
  });

  if (Number.isFinite(max)) server.maxConnections = max;
  server.on("drop", () => {
    emit({ event: "connection-refused" });
    connections += 1;
    report();
  });
}

export interface OpenFiles {
  /** Most that the process may have open (`ulimit -n`); Infinity if there is no limit. */
  limit: number;
  /** How many it has open now. */
  open: number;
}

/** How many files the process may open, and has open. Sockets and database files count. */
export function readOpenFiles(): OpenFiles {
  return { limit: readLimit(), open: readdirSync("/dev/fd").length };
}

/** Left for short-lived files, look-ups of host names, and files that a database opens later. */
const spare = 16;

/**
 * How many incoming connections can be accepted so that `outgoing` more sockets can still be opened to providers, the database
 * and others. If the limit is too small for that, a quarter of the rest is for incoming connections, but at least one.
 */
export function incomingConnections({ limit, open }: OpenFiles, outgoing: number): { max: number; cramped: boolean } {
  const left = limit - open;
  const max = left - outgoing - spare;
  const least = Math.max(1, Math.floor(left / 4));
  return { max: Math.max(max, least), cramped: max < least };
}

/** Node's own report knows it on every platform. Its network part is left out, because that takes time. */
function readLimit(): number {
  Object.assign(process.report, { excludeNetwork: true });
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } };
  const soft = Number(userLimits?.open_files?.soft);
  // "unlimited", or Windows, which has none.
  return Number.isInteger(soft) ? soft : Number.POSITIVE_INFINITY;
}
