import { buildConnector } from "undici";
import type { Emit } from "../domain/events.ts";
import type { NameLookup } from "./name-lookup.ts";
import { type Proxies, type ProxyServer, proxyFor } from "./proxies.ts";
import { openTunnel, ProxyError } from "./tunnel.ts";

/** How connections leave this process. */
export interface Egress {
  proxies: Proxies;
  /** Called for each connection that does not come about, with the host that it was for: a ProxyError if the proxy is to blame. */
  onError(error: Error, host: string): void;
}

export interface ConnectorOptions extends Egress {
  /** For targets that are reached directly, and for the proxies' own names. */
  names: Pick<NameLookup, "lookup">;
  /** Longest time until a connection, its TLS included, is ready, ms. A proxy gets half of it to open the way. */
  timeoutMs: number;
}

/**
 * Connects undici's clients to their targets: directly, or through the proxy that stands before the target. HTTP/1.1 only.
 * The way through a proxy is a tunnel for `http:` targets, too. So no answer is ever the proxy's own.
 */
export function createConnector(options: ConnectorOptions): buildConnector.connector {
  const { proxies, names, timeoutMs, onError } = options;
  const direct = buildConnector({ timeout: timeoutMs, lookup: names.lookup, allowH2: false });
  const toProxy: buildConnector.connector = (proxy, callback) =>
    // undici sets the name that the tunnel is for. The proxy's certificate has the proxy's own.
    direct({ ...proxy, servername: "" }, callback);

  async function connectThrough(proxy: ProxyServer, target: buildConnector.Options, callback: buildConnector.Callback) {
    try {
      const socket = await openTunnel(proxy, authorityOf(target), { timeoutMs: timeoutMs / 2, connect: toProxy });
      const finish = target.protocol === "https:" ? direct : throughTunnel;
      finish({ ...target, httpSocket: socket }, callback);
    } catch (error) {
      callback(error as Error, null);
    }
  }

  return (target, callback) => {
    const proxy = proxyFor(proxies, target);
    const reported: buildConnector.Callback = (...connected) => {
      if (connected[0]) onError(connected[0], authorityOf(target));
      callback(...connected);
    };
    if (proxy) void connectThrough(proxy, target, reported);
    else direct(target, reported);
  };
}

/** Without TLS the tunnel is the connection. */
function throughTunnel({ httpSocket }: buildConnector.Options, callback: buildConnector.Callback): void {
  if (httpSocket) callback(null, httpSocket);
}

/** Host and port, as CONNECT wants them (RFC 9110, 9.3.6): the port is never left out. */
function authorityOf({ protocol, host = "", port }: buildConnector.Options): string {
  if (port) return host;
  return `${host}:${protocol === "https:" ? 443 : 80}`;
}

/** Tells of connections that do not come about, and whether a proxy is to blame. */
export function reportConnectionsTo(emit: Emit): Egress["onError"] {
  return (error, host) => {
    if (error instanceof ProxyError) {
      const { problem, status } = error;
      emit({ event: "proxy-failed", host, problem, status, error });
    } else {
      emit({ event: "connection-failed", host, error });
    }
  };
}
