import { readFileSync } from "node:fs";
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

const ours: { name: string; version: string } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
);

/**
 * Sent with every request of this service. Firewalls stop clients without a name (Cloudflare's Browser Integrity Check).
 * Without Accept-Encoding an answer may come in any coding (RFC 9110, 12.5.3).
 */
export const clientHeaders = {
  "user-agent": `${ours.name}/${ours.version}`,
  "accept-encoding": "identity",
} as const;
