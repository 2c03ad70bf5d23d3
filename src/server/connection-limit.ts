import type { Server } from "node:net";
import type { Emit } from "../domain/events.ts";

/** Least time between two log lines about refused connections, ms. */
const quietMs = 60_000;

/**
 * Takes at most so many connections at once: more would leave none for providers and the database. Those beyond it are closed
 * at once. Each is an event, and the log tells of them at the first and then once a minute, with their number.
 *
 * With HOST=localhost Fastify opens a second server for the other address family. It is not bounded: only this machine
 * reaches it.
 */
export function limitConnections(server: Server, max: number, emit: Emit): void {
  let untold = 0;
  let quiet: NodeJS.Timeout | undefined;
  const tell = () => {
    quiet = undefined;
    if (untold === 0) return;
    emit({ event: "connections-refused", connections: untold });
    untold = 0;
    quiet = setTimeout(tell, quietMs).unref();
  };

  if (Number.isFinite(max)) server.maxConnections = max;
  server.on("drop", () => {
    emit({ event: "connection-refused" });
    untold += 1;
    if (!quiet) tell();
  });
  server.on("close", () => clearTimeout(quiet));
}
