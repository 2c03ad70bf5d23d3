import type { FastifyInstance } from "fastify";

export interface Drain {
  /** From now on each connection is closed after its answer. */
  begin(): void;
  /** Accepts no more connections. Resolves when the last request is answered, even if clients keep idle connections open. */
  close(): Promise<void>;
}

/** How often `close` checks whether all requests are answered, ms. */
const sweepMs = 50;

/**
 * Node's own close waits for connections, not for requests. Browsers and pools keep a connection after its answer, or open one in
 * advance and never use it. Node waits until the client closes it. That took up to ten seconds in a trial.
 */
export function drainOf(app: FastifyInstance): Drain {
  let draining = false;
  let open = 0;
  app.addHook("onRequest", (_request, reply, done) => {
    open += 1;
    reply.raw.once("close", () => {
      open -= 1;
    });
    done();
  });
  app.addHook("onSend", (_request, reply, _payload, done) => {
    if (draining) reply.header("connection", "close");
    done();
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
