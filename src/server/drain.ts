import type { FastifyInstance } from "fastify";

export interface Drain {
  /** From now on each connection ends with its answer. */
  begin(): void;
  /** Takes no more connections and resolves when the last request is answered, whatever else clients hold open. */
  close(): Promise<void>;
}

/** How often it is looked whether all requests are answered, ms. */
const sweepMs = 50;

/**
 * Node's own close waits for connections, not for requests: for one kept alive after its answer, or opened in advance and
 * never used, as browsers and pools do, until the client lets go of it. That took up to ten seconds in a trial.
 */
export function drainOf(app: FastifyInstance): Drain {
  let draining = false;
  let open = 0;
  app.addHook("onRequest", async (_request, reply) => {
    open += 1;
    reply.raw.once("close", () => {
      open -= 1;
    });
  });
  app.addHook("onSend", async (_request, reply) => {
    if (draining) reply.header("connection", "close");
  });

  return {
    begin: () => {
      draining = true;
    },
    close: async () => {
      draining = true;
      const sweep = setInterval(() => {
        if (open === 0) app.server.closeAllConnections();
      }, sweepMs);
      await app.close().finally(() => clearInterval(sweep));
    },
  };
}
