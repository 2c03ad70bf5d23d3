import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { createNameLookup, type NameLookupOptions, oneAtATime } from "../../src/egress/name-lookup.ts";
import { openHttpClient } from "../../src/providers/http/http-client.ts";
import { type DnsAnswer, resolverFor, startDnsServer } from "../support/dns-server.ts";

const opened: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

const loopback = { address: "127.0.0.1", family: 4 };
const get = { method: "GET", path: "/", headers: {} } as const;

it("DNS that never answers for one provider leaves the others, files and threads alone", async () => {
  const dns = await dnsServer(() => "silence");
  const asked: string[] = [];
  const systemLookup = async (hostname: string) => {
    asked.push(hostname);
    return [];
  };
  const options = { timeoutMs: 60_000, createResolver: dns.createResolver, systemLookup };
  const dark = await wireTo("dark.test", options);
  let darkEnded = 0;
  const darkExchanges = Array.from({ length: 20 }, () => dark.exchange(get).finally(() => (darkEnded += 1)));

  const others = [await wireTo("localhost", {}), await wireTo("127.0.0.1", {})];
  for (const http of others) expect(await http.exchange(get)).toMatchObject({ kind: "answered", status: 200 });
  expect(await readFile(new URL(import.meta.url), "utf8")).toContain("leaves the others");

  expect(darkEnded).toBe(0);
  expect(asked).toEqual([]);
  await dark.close();
  expect(await Promise.all(darkExchanges)).toEqual(
    darkExchanges.map(() => expect.objectContaining({ kind: "notSent" })),
  );
  // One search for all twenty.
  expect(dns.questions.toSorted()).toEqual(["A dark.test", "AAAA dark.test"]);
});

it("silent DNS ends a search in time, as not sent, and never asks the system", async () => {
  const dns = await dnsServer(() => "silence");
  const systemLookup = () => Promise.reject(new Error("asked the system"));
  const http = await wireTo("dark.test", { timeoutMs: 50, createResolver: dns.createResolver, systemLookup });
  expect(await http.exchange(get)).toEqual({ kind: "notSent", failure: "DNS" });
  // A failure is not kept.
  expect(await http.exchange(get)).toEqual({ kind: "notSent", failure: "DNS" });
  await expect.poll(() => dns.questions).toHaveLength(4);
});

it("a resolver that never ends by itself is ended in time, and when the search is closed", async () => {
  const silentResolver = () => {
    const cancelled = Promise.withResolvers<never>();
    cancelled.promise.catch(() => {});
    const ask = () => cancelled.promise;
    return { resolve4: ask, resolve6: ask, cancel: () => cancelled.reject(new Error("cancelled")) };
  };
  const createResolver = silentResolver as unknown as NonNullable<NameLookupOptions["createResolver"]>;
  await expect(addressesOf("dark.test", { timeoutMs: 20, createResolver })).rejects.toThrow("cancelled");

  const names = createNameLookup({ timeoutMs: 1_000_000, createResolver });
  const ended = new Promise((resolve) => names.lookup("dark.test", { all: true }, resolve));
  names.close();
  expect(await ended).toMatchObject({ name: "NameLookupError", cause: { message: "cancelled" } });
});

it("an answer is used for half a minute, then looked up again by a new resolver", async () => {
  const dns = await dnsServer((question) => (question.startsWith("A ") ? ["127.0.0.1"] : []));
  let now = 1000;
  let resolvers = 0;
  const createResolver = () => {
    resolvers += 1;
    return dns.createResolver();
  };
  const http = await wireTo("provider.test", { createResolver, elapsed: () => now });
  expect(await http.exchange(get)).toMatchObject({ kind: "answered", text: expect.stringMatching(/^provider\.test:/) });
  now += 29_999;
  expect(await http.exchange(get)).toMatchObject({ kind: "answered" });
  expect(resolvers).toBe(1);
  now += 1;
  expect(await http.exchange(get)).toMatchObject({ kind: "answered" });
  expect(resolvers).toBe(2);
});

it("both kinds of address are found, IPv4 first; one that stays silent holds up nothing for longer than its time", async () => {
  const v6 = "0000:0000:0000:0000:0000:0000:0000:0001";
  const dns = await dnsServer(
    (question) =>
      ({
        "A both.test": ["127.0.0.2", "127.0.0.3"],
        "AAAA both.test": [v6],
        "A half.test": ["127.0.0.4"],
        "AAAA six.test": [v6],
      })[question] ?? (question === "AAAA half.test" ? "silence" : []),
  );
  const options = { timeoutMs: 60_000, createResolver: dns.createResolver };
  expect(await addressesOf("both.test", options)).toEqual([
    { address: "127.0.0.2", family: 4 },
    { address: "127.0.0.3", family: 4 },
    { address: "::1", family: 6 },
  ]);
  expect(await addressesOf("six.test", options)).toEqual([{ address: "::1", family: 6 }]);
  expect(await addressesOf("half.test", { ...options, timeoutMs: 1000 })).toEqual([
    { address: "127.0.0.4", family: 4 },
  ]);
});

it.each<[string, DnsAnswer]>([
  ["DNS knows no such name", "NXDOMAIN"],
  ["DNS knows the name without an address", []],
])("if %s, the system is asked, which has other sources", async (_, answer) => {
  const dns = await dnsServer(() => answer);
  const systemLookup = async (hostname: string) => (hostname === "hosts.test" ? [loopback] : []);
  const http = await wireTo("hosts.test", { createResolver: dns.createResolver, systemLookup });
  expect(await http.exchange(get)).toMatchObject({ kind: "answered" });
});

it("if no DNS server is there, the system is asked", async () => {
  const closed = createTcpServer();
  closed.listen(0, "127.0.0.1");
  await once(closed, "listening");
  const { port } = closed.address() as AddressInfo;
  closed.close();
  const createResolver = () => resolverFor(`127.0.0.1:${port}`);
  expect(await addressesOf("hosts.test", { createResolver, systemLookup: async () => [loopback] })).toEqual([loopback]);
});

it.each<[string, (question: string) => DnsAnswer]>([
  ["a DNS server that fails", () => "SERVFAIL"],
  [
    "no such name of one kind and silence for the other",
    (question) => (question.startsWith("A ") ? "NXDOMAIN" : "silence"),
  ],
])("%s is an end, without the system", async (_, answer) => {
  const dns = await dnsServer(answer);
  const options = { timeoutMs: 50, createResolver: dns.createResolver, systemLookup: async () => [loopback] };
  await expect(addressesOf("broken.test", options)).rejects.toThrow(/^broken\.test has no address: /);
});

it("a system that finds nothing, fails or hangs ends the search in time", async () => {
  const dns = await dnsServer(() => "NXDOMAIN");
  const found = (systemLookup: () => Promise<[]>) =>
    addressesOf("hosts.test", { timeoutMs: 1000, createResolver: dns.createResolver, systemLookup });
  await expect(found(async () => [])).rejects.toThrow("hosts.test has no address");
  await expect(found(() => Promise.reject(new Error("getaddrinfo")))).rejects.toThrow("getaddrinfo");
  await expect(found(() => new Promise(() => {}))).rejects.toThrow("no answer within 1000 ms");
});

it("the system is asked for one name at a time, and once for a name that several ask for", async () => {
  const calls: { hostname: string; answer: PromiseWithResolvers<[]> }[] = [];
  const lookup = oneAtATime((hostname) => {
    const answer = Promise.withResolvers<[]>();
    calls.push({ hostname, answer });
    return answer.promise;
  });
  const asked = () => calls.map(({ hostname }) => hostname);
  const [first, again, second] = [lookup("a.test"), lookup("a.test"), lookup("b.test")];
  expect(again).toBe(first);
  await expect.poll(asked).toEqual(["a.test"]);
  calls[0]?.answer.reject(new Error("gone"));
  await expect(first).rejects.toThrow("gone");
  await expect.poll(asked).toEqual(["a.test", "b.test"]);
  calls[1]?.answer.resolve([]);
  expect(await second).toEqual([]);
  lookup("a.test");
  await expect.poll(asked).toEqual(["a.test", "b.test", "a.test"]);
});

it("this machine's names need no DNS", async () => {
  const createResolver = () => {
    throw new Error("asked DNS");
  };
  const hostsFile = hosts(
    "# comment\n  127.0.0.9 \tPinned.test other.test # more.test\n::2 pinned.test\nnonsense pinned.test\n#127.0.0.8 more.test\n",
  );
  const options = { createResolver, hostsFile };
  const literal = await wireTo("127.0.0.1", options);
  expect(await literal.exchange(get)).toMatchObject({ kind: "answered" });
  const both = [loopback, { address: "::1", family: 6 }];
  expect(await addressesOf("localhost", options)).toEqual(both);
  expect(await addressesOf("api.LocalHost", options)).toEqual(both);
  const pinned = [
    { address: "127.0.0.9", family: 4 },
    { address: "::2", family: 6 },
  ];
  expect(await addressesOf("pinned.test", options)).toEqual(pinned);
  expect(await addressesOf("OTHER.test", options)).toEqual(pinned.slice(0, 1));
  for (const name of ["more.test", "127.0.0.9", "notlocalhost", "localhost.test"]) {
    await expect(addressesOf(name, options)).rejects.toThrow("asked DNS");
  }
  await expect(addressesOf("pinned.test", { ...options, hostsFile: "/no/such/file" })).rejects.toThrow("asked DNS");
});

it("a caller that wants one address gets the first", async () => {
  const { lookup } = createNameLookup({ timeoutMs: 1000 });
  const found = await new Promise((resolve) => lookup("localhost", {}, (...answer) => resolve(answer)));
  expect(found).toEqual([null, "127.0.0.1", 4]);
});

async function dnsServer(answer: (question: string) => DnsAnswer) {
  const server = await startDnsServer(answer);
  opened.push(server.close);
  return server;
}

/** A client of a web server on the loopback interface under this name; it answers with the `host` that it was asked for. */
async function wireTo(hostname: string, options: Partial<NameLookupOptions>) {
  const server = createServer((request, response) => response.end(request.headers.host));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push(() => server.close());
  const names = createNameLookup({ timeoutMs: 10_000, ...options });
  const baseUrl = new URL(`http://${hostname}:${(server.address() as AddressInfo).port}`);
  const http = openHttpClient({ baseUrl, connections: 8, timeoutMs: 60_000, secrets: [], now: Date.now, names });
  opened.push(http.close);
  return http;
}

function addressesOf(hostname: string, options: Partial<NameLookupOptions>) {
  const { lookup } = createNameLookup({ timeoutMs: 10_000, ...options });
  return new Promise((resolve, reject) => {
    lookup(hostname, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });
}

function hosts(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "hosts-"));
  opened.push(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "hosts"), text);
  return join(folder, "hosts");
}
