import { Agent, type Dispatcher } from "undici";
import { createConnector, type Egress } from "./connector.ts";
import { createNameLookup } from "./name-lookup.ts";

export interface DispatcherOptions extends Egress {
  /** Most sockets at once to one host. */
  connections: number;
  /** Longest time until a connection is ready, ms. The caller bounds the whole exchange. */
  connectTimeoutMs: number;
  /** Largest answer that is read, bytes. */
  maxAnswerBytes: number;
}

/** How long an idle socket is kept, ms. Short, because a server may close an idle socket just when it is used again. */
const idleSocketMs = 250;

/** For undici's requests to any address, through the proxy that stands before it. Providers have a client of their own. */
export function openDispatcher(options: DispatcherOptions): { dispatcher: Dispatcher; close(): Promise<void> } {
  const { connections, connectTimeoutMs: timeoutMs, maxAnswerBytes, ...egress } = options;
  const names = createNameLookup({ timeoutMs: timeoutMs / 2 });
  const dispatcher = new Agent({
    connections,
    connect: createConnector({ ...egress, names, timeoutMs }),
    maxResponseSize: maxAnswerBytes,
    keepAliveTimeout: idleSocketMs,
    keepAliveMaxTimeout: idleSocketMs,
  });
  return {
    dispatcher,
    close: () => {
      names.close();
      return dispatcher.destroy();
    },
  };
}
