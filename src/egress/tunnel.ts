import type { Socket } from "node:net";
import { type buildConnector, Client } from "undici";
import type { ProxyServer } from "./proxies.ts";

/**
 * Why a proxy did not open a way: it cannot be reached, it does not answer, it wants other credentials (407), or it answers
 * something else than yes. In none of these cases was anything sent to the target.
 */
export type ProxyProblem = (typeof proxyProblems)[number];
export const proxyProblems = ["UNREACHABLE", "SILENT", "CREDENTIALS", "REFUSED"] as const;

export class ProxyError extends Error {
  override name = "ProxyError";
  /** Never one of undici's: after some of these, such as UND_ERR_SOCKET, it connects again without end (8.12.4, client.js). */
  readonly code: `PROXY_${ProxyProblem}`;
  readonly problem: ProxyProblem;
  /** The proxy's own, and never the target's. */
  readonly status: number | undefined;

  constructor(problem: ProxyProblem, status?: number, options?: ErrorOptions) {
    super(`the proxy opens no way: ${problem}`, options);
    this.code = `PROXY_${problem}`;
    this.problem = problem;
    this.status = status;
  }
}

export interface TunnelOptions {
  /** Longest time until the proxy has answered, ms. */
  timeoutMs: number;
  /** Connects to the proxy itself. */
  connect: buildConnector.connector;
}

/**
 * A connection through the proxy to `authority` (host and port). Rejects with a ProxyError, after `timeoutMs` at the latest.
 *
 * Not undici's ProxyAgent (8.12.4): it waits for a silent proxy without bound, and its errors do not tell whose they are.
 */
export async function openTunnel(proxy: ProxyServer, authority: string, options: TunnelOptions): Promise<Socket> {
  const timeUp = AbortSignal.timeout(options.timeoutMs);
  const client = new Client(proxy.url.origin, { connect: options.connect, headersTimeout: 0 });
  try {
    const { statusCode, socket } = await client.connect({
      path: authority,
      headers: headersOf(proxy, authority),
      signal: timeUp,
    });
    // undici listens no longer, and the next one who does comes later: an 'error' in between would end the process.
    socket.on("error", () => {});
    if (statusCode >= 200 && statusCode < 300) return socket as Socket;
    socket.destroy();
    throw new ProxyError(statusCode === 407 ? "CREDENTIALS" : "REFUSED", statusCode);
  } catch (cause) {
    if (cause instanceof ProxyError) throw cause;
    throw new ProxyError(timeUp.aborted ? "SILENT" : "UNREACHABLE", undefined, { cause });
  } finally {
    // The socket of an open tunnel no longer belongs to the client.
    await client.destroy();
  }
}

function headersOf({ authorization }: ProxyServer, authority: string): Record<string, string> {
  return authorization ? { host: authority, "proxy-authorization": authorization } : { host: authority };
}
