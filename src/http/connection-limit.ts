import type { Server } from "node:net";
import type { Emit } from "../domain/events.ts";
import { atMostEvery } from "../util/at-most-every.ts";

/** Least time between two `connections-refused` events, ms. */
const quietMs = 60_000;

/**
 * Accepts at most `max` connections at once: more would leave no sockets for providers and the database. Further ones are closed
 * at once. Each of those is an event. The log reports the first one, and then their number once a minute.
 *
 * With HOST=localhost Fastify opens a second server for the other address family. That one has no limit: only this machine can
 * reach it.
 */
export function limitConnections(server: Server, max: number, emit: Emit): void {
  let connections = 0;
  const report = atMostEvery(quietMs, () => {
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
