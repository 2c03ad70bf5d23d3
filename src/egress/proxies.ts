import { isIPv6 } from "node:net";
import type { Settings } from "../domain/provider.ts";
import { isLoopback } from "../util/loopback.ts";

/** Which proxy stands before which addresses. */
export interface Proxies {
  /** For targets with `http:`; null if there is none. */
  http: ProxyServer | null;
  /** For targets with `https:`; null if there is none. */
  https: ProxyServer | null;
  /** Targets that are reached without a proxy. */
  exceptions: readonly ProxyException[];
}

export interface ProxyServer {
  /** Without credentials. */
  url: URL;
  /** Sent to the proxy as `proxy-authorization`; null if it asks for none. */
  authorization: string | null;
}

interface ProxyException {
  /** In lower case; `*` means every host. */
  hostname: string;
  /** Null means every port. */
  port: number | null;
  /** Whether only hosts below this one are meant, and not it itself. */
  belowOnly: boolean;
}

/** Where a connection shall go. */
export interface Target {
  protocol: string;
  /** An IPv6 address may have brackets. */
  hostname: string;
  /** Empty means the protocol's own. */
  port?: string | undefined;
}

export const noProxies: Proxies = { http: null, https: null, exceptions: [] };

/** As undici's EnvHttpProxyAgent reads them (8.12.4): lower case first, and HTTP_PROXY for https targets if it is alone. */
export function readProxies(settings: Settings): Proxies {
  const http = readProxy(settings, "http_proxy") ?? readProxy(settings, "HTTP_PROXY");
  const https = readProxy(settings, "https_proxy") ?? readProxy(settings, "HTTPS_PROXY");
  return {
    http,
    https: https ?? http,
    exceptions: readExceptions(settings.text("no_proxy") ?? settings.text("NO_PROXY") ?? ""),
  };
}

/** The proxy for this target; null if it is reached directly. What runs on this machine always is, as in Go and in browsers. */
export function proxyFor(proxies: Proxies, { protocol, hostname, port }: Target): ProxyServer | null {
  const proxy = protocol === "https:" ? proxies.https : proxies.http;
  const host = plainHost(hostname);
  if (proxy === null || isLoopback(host)) return null;
  const number = Number(port || (protocol === "https:" ? 443 : 80));
  return proxies.exceptions.some((exception) => isExcepted(exception, host, number)) ? null : proxy;
}

/** What must never be told. */
export function secretsOf({ http, https }: Proxies): string[] {
  const authorizations = [http, https].flatMap((proxy) => proxy?.authorization?.replace("Basic ", "") ?? []);
  const passwords = authorizations.map((basic) =>
    Buffer.from(basic, "base64")
      .toString()
      .replace(/^[^:]*:/, ""),
  );
  return [...new Set([...authorizations, ...passwords])];
}

function readProxy(settings: Settings, name: string): ProxyServer | null {
  const given = settings.text(name);
  if (given === undefined) return null;
  const proxy = parseProxy(given);
  if (!proxy) settings.reject(name, "needs the URL of a proxy, such as http://proxy.example:3128");
  return proxy ?? null;
}

function parseProxy(text: string): ProxyServer | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const { origin, username, password, pathname, search, hash } = url;
  if (pathname !== "/" || search || hash) return undefined;
  try {
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    const basic = Buffer.from(credentials).toString("base64");
    return { url: new URL(origin), authorization: credentials === ":" ? null : `Basic ${basic}` };
  } catch {
    // A % that encodes nothing.
    return undefined;
  }
}

/** Commas or blanks between; `x`, `.x` and `*.x`, each with a port if need be. CIDR is not understood, as in undici. */
function readExceptions(text: string): ProxyException[] {
  const entries = text.match(/[^,\s]+/g) ?? [];
  return entries.map((entry) => {
    const [, host = entry, port] = /^(\[.+\]|[^:]+):(\d+)$/.exec(entry) ?? [];
    const hostname = plainHost(host.replace(/^\*?\./, ""));
    return { hostname, port: port ? Number(port) : null, belowOnly: host.startsWith("*") };
  });
}

function isExcepted({ hostname, port, belowOnly }: ProxyException, host: string, targetPort: number): boolean {
  if (port !== null && port !== targetPort) return false;
  if (hostname === "*") return true;
  return (host === hostname && !belowOnly) || host.endsWith(`.${hostname}`);
}

/** In lower case, without the brackets of IPv6 and the dot at the end, which change nothing. */
function plainHost(hostname: string): string {
  const bare = hostname.toLowerCase().replace(/^\[(.+)\]$/, "$1");
  return isIPv6(bare) ? bare : bare.replace(/(.)\.$/, "$1");
}
