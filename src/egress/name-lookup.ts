import type { LookupAddress } from "node:dns";
import { lookup as getaddrinfo, Resolver } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { isIP, type LookupFunction } from "node:net";

/** Finds the addresses behind a provider's name, for `net.connect`. */
export interface NameLookup {
  /** Fails with a `NameLookupError`, after `timeoutMs` at the latest. Never asked for addresses: these need no look-up. */
  lookup: LookupFunction;
  /** Ends what is under way. */
  close(): void;
}

export interface NameLookupOptions {
  /** Longest that a look-up takes, ms. */
  timeoutMs: number;
  /** Called for each look-up: a new resolver reads which DNS servers there are now. */
  createResolver?: () => Resolver;
  /** Asked for names that DNS does not know: the system has other sources too, such as search domains and mDNS. */
  systemLookup?: SystemLookup;
  /** The file in which the system keeps names of its own; some systems have none. */
  hostsFile?: string;
  /** Ms by the monotonic clock. */
  elapsed?: () => number;
}

export type SystemLookup = (hostname: string) => Promise<readonly LookupAddress[]>;

export class NameLookupError extends Error {
  override name = "NameLookupError";
}

/** How long addresses are used before they are looked up again, ms: short, since failovers change them. */
const addressLifetimeMs = 30_000;

/**
 * Node's own `dns.lookup` blocks one of libuv's four threads for as long as DNS is silent, and each socket asks anew: one
 * provider's dead DNS server stopped all others, SQLite's files and the log with them. So c-ares asks here, without a
 * thread, once at a time for each name. `cacheable-lookup` 7.0.0 (read 2026-11-21) does not fit: it has no bound of its own
 * and calls `dns.lookup` twice at once.
 */
export function createNameLookup(options: NameLookupOptions): NameLookup {
  const { timeoutMs, systemLookup = oneSystemLookup, hostsFile = "/etc/hosts" } = options;
  // Several tries within the time: a lost packet or the first of two servers must not use it up.
  const newResolver = () => new Resolver({ timeout: Math.ceil(timeoutMs / 4), tries: 4 });
  const { createResolver = newResolver, elapsed = () => performance.now() } = options;
  const searches = new Map<string, { found: Promise<readonly LookupAddress[]>; until: number }>();
  const resolvers = new Set<Resolver>();

  function find(hostname: string): Promise<readonly LookupAddress[]> {
    const last = searches.get(hostname);
    if (last && elapsed() < last.until) return last.found;
    const found = search(hostname);
    searches.set(hostname, { found, until: elapsed() + addressLifetimeMs });
    // Failures are not cached.
    found.catch(() => searches.delete(hostname));
    return found;
  }

  async function search(hostname: string): Promise<readonly LookupAddress[]> {
    const known = isLocalhost(hostname) ? loopback : readHosts(hostsFile, hostname);
    if (known.length > 0) return known;
    const timeUp = Promise.withResolvers<never>();
    const timer = setTimeout(() => timeUp.reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    try {
      return await resolve(hostname, timeUp.promise);
    } finally {
      clearTimeout(timer);
    }
  }

  async function resolve(hostname: string, timeUp: Promise<never>): Promise<readonly LookupAddress[]> {
    const resolver = createResolver();
    resolvers.add(resolver);
    timeUp.catch(() => resolver.cancel());
    const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    resolvers.delete(resolver);
    const addresses = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    if (addresses.length > 0) return addresses.map((address) => ({ address, family: isIP(address) }));
    const errors = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason] : []));
    if (errors.every(({ code }) => saysNoSuchName.includes(code)))
      return Promise.race([systemLookup(hostname), timeUp]);
    throw errors[0];
  }

  return {
    lookup: (hostname, { all }, callback) => {
      const fail = (cause: Error) => {
        callback(new NameLookupError(`${hostname} has no address: ${cause.message}`, { cause }), []);
      };
      find(hostname).then((addresses) => {
        const [first] = addresses;
        if (!first) fail(new Error("none found"));
        else if (all) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      }, fail);
    },
    close: () => {
      for (const resolver of resolvers) resolver.cancel();
    },
  };
}

/**
 * c-ares codes that are an answer: no such name, or no address under it; and that no DNS server runs here, as on machines
 * that know names by other means. Never silence: a system look-up would then block a thread.
 */
const saysNoSuchName: readonly unknown[] = ["ENOTFOUND", "ENODATA", "ECONNREFUSED"];

/** RFC 6761, 6.3: these names are this machine. DNS is not asked. */
function isLocalhost(hostname: string): boolean {
  return /(^|\.)localhost$/i.test(hostname);
}

const loopback: readonly LookupAddress[] = [
  { address: "127.0.0.1", family: 4 },
  { address: "::1", family: 6 },
];

/** Read at once and not through libuv's threads: the file is local and small. */
function readHosts(path: string, hostname: string): readonly LookupAddress[] {
  let lines: readonly string[] = [];
  try {
    lines = readFileSync(path, "utf8").split("\n");
  } catch {}
  return lines.flatMap((line) => {
    const [address = "", ...names] = line.replace(/#.*/, "").trim().toLowerCase().split(/\s+/);
    return isIP(address) > 0 && names.includes(hostname.toLowerCase()) ? [{ address, family: isIP(address) }] : [];
  });
}

const oneSystemLookup = oneAtATime((hostname) => getaddrinfo(hostname, { all: true }));

/** One at a time in the whole process, once for each name: in the worst case one of libuv's four threads hangs. */
export function oneAtATime(lookup: SystemLookup): SystemLookup {
  let last: Promise<unknown> = Promise.resolve();
  const underWay = new Map<string, ReturnType<SystemLookup>>();
  return (hostname) => {
    const known = underWay.get(hostname);
    if (known) return known;
    const found = last.then(() => lookup(hostname));
    underWay.set(hostname, found);
    last = found.catch(() => {}).finally(() => underWay.delete(hostname));
    return found;
  };
}
