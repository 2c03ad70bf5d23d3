import { createServer as createHttpServer } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import type { Egress } from "../../src/egress/connector.ts";
import { type NameLookup, NameLookupError } from "../../src/egress/name-lookup.ts";
import type { ProxyError } from "../../src/egress/tunnel.ts";
import { openHttpClient } from "../../src/providers/http/http-client.ts";
import { makeCertificate, trust } from "../support/certificate.ts";
import { listenOnAnyPort } from "../support/listen.ts";
import { named, type OnConnect, startProxy, through } from "../support/proxy.ts";

const opened: (() => unknown)[] = [];
const listen = (server: Server, scheme: string) => listenOnAnyPort(server, scheme, opened);
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

/** What a proxy may do with a CONNECT, except to open the way. */
const faults: [name: string, onConnect: OnConnect, problem: string, status?: number][] = [
  ...[407, 403, 502, 302, 400].map((status): [string, OnConnect, string, number] => [
    `answers ${status} with a page`,
    (socket) => void socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 22\r\n\r\n{"status":"CANCELLED"}`),
    status === 407 ? "CREDENTIALS" : "REFUSED",
    status,
  ]),
  [
    "answers 407 and keeps the connection",
    (socket) => void socket.write("HTTP/1.1 407 No\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n"),
    "CREDENTIALS",
    407,
  ],
  ["resets the connection", (socket) => void socket.resetAndDestroy(), "UNREACHABLE"],
  ["closes the connection", (socket) => void socket.end(), "UNREACHABLE"],
  ["speaks no HTTP", (socket) => void socket.end("220 mail.test ESMTP\r\n"), "UNREACHABLE"],
  ["never answers", () => {}, "SILENT"],
  ["never ends its answer", (socket) => void socket.write("HTTP/1.1 200 OK\r\nx: y\r\n"), "SILENT"],
];

describe.each(["http", "https"])("to a target with %s, nothing is sent if a proxy", (scheme) => {
  it.each(faults)("%s", async (_, onConnect, problem, status) => {
    const proxy = await startProxy({ onConnect });
    opened.push(proxy.close);
    const [url, arrivals] = await silentTarget(scheme);
    const timeoutMs = problem === "SILENT" ? 2000 : 60_000;

    const ends = await Promise.all([exchange(url, proxy.egress, timeoutMs), exchange(url, proxy.egress, timeoutMs)]);

    const notSent = { kind: "notSent", failure: "PROXY" };
    expect(ends).toEqual([notSent, notSent]);
    const error = { problem, status, code: `PROXY_${problem}` };
    expect(proxy.errors).toMatchObject([error, error]);
    expect(arrivals).toEqual([]);
    // It was asked once for each exchange, and for nothing but a way.
    expect(proxy.connects).toHaveLength(2);
    expect(proxy.others).toEqual([]);
  });

  it("a proxy that is down: fails with PROXY", async () => {
    const proxy = await startProxy();
    await proxy.close();
    const [url] = await silentTarget(scheme);
    expect(await exchange(url, proxy.egress)).toEqual({ kind: "notSent", failure: "PROXY" });
    expect(proxy.errors).toMatchObject([{ problem: "UNREACHABLE", cause: { code: "ECONNREFUSED" } }]);
  });

  it("unknown host name of the proxy: fails with PROXY", async () => {
    const errors: never[] = [];
    const [url] = await silentTarget(scheme);
    const names: NameLookup = {
      lookup: (hostname, _, callback) => callback(new NameLookupError(hostname), []),
      close: () => {},
    };
    const egress = through(new URL("http://proxy.test:3128"), errors);
    expect(await exchange(url, egress, 60_000, names)).toEqual({ kind: "notSent", failure: "PROXY" });
    // The target's name is not looked up here.
    expect(errors).toMatchObject([
      { problem: "UNREACHABLE", cause: { name: "NameLookupError", message: "proxy.test" } },
    ]);
  });

  it("a proxy that never ends its own TLS handshake: fails with PROXY", async () => {
    const silent = await listen(createServer(), "https");
    const errors: ProxyError[] = [];
    const [url] = await silentTarget(scheme);
    expect(await exchange(url, through(silent, errors), 2000)).toEqual({ kind: "notSent", failure: "PROXY" });
    expect(errors).toMatchObject([{ problem: "SILENT" }]);
  });

  it("a proxy with a certificate of an unknown authority: fails with PROXY", async () => {
    const proxy = await startProxy({ certificate: await makeCertificate() });
    opened.push(proxy.close);
    const [url] = await silentTarget(scheme);
    expect(await exchange(url, proxy.egress)).toEqual({ kind: "notSent", failure: "PROXY" });
    expect(proxy.errors).toMatchObject([{ problem: "UNREACHABLE", cause: { code: "DEPTH_ZERO_SELF_SIGNED_CERT" } }]);
  });
});

describe("behind a proxy that opens the way", () => {
  it("a target that ends the connection may have got the request", async () => {
    const proxy = await open({});
    const reset = await listen(
      createServer((socket) => void socket.once("data", () => socket.resetAndDestroy())),
      "http",
    );
    expect(await exchange(named(reset), proxy.egress)).toEqual({ kind: "lost", failure: "RESET" });
    const [url, arrivals] = await silentTarget("http");
    expect(await exchange(url, proxy.egress, 2000)).toEqual({ kind: "lost", failure: "TIMEOUT" });
    expect(arrivals.join("")).toMatch(/^GET \/ HTTP\/1.1/);
    expect(proxy.errors).toEqual([]);
  });

  it("a TLS handshake that fails, is reset or never ends is not sent, and is no fault of the proxy", async () => {
    const proxy = await open({});
    const self = await listen(createTlsServer(await makeCertificate()), "https");
    expect(await exchange(named(self), proxy.egress)).toEqual({ kind: "notSent", failure: "TLS" });
    const reset = await listen(
      createServer((socket) => void socket.once("data", () => socket.resetAndDestroy())),
      "https",
    );
    expect(await exchange(named(reset), proxy.egress)).toEqual({ kind: "notSent", failure: "RESET" });
    const [silent] = await silentTarget("https");
    expect(await exchange(silent, proxy.egress, 2000)).toEqual({ kind: "notSent", failure: "CONNECT_TIMEOUT" });
    expect(proxy.errors).toEqual([]);
  });

  it.each(["http", "https"])("a target with %s is named to it by its name and port, and answers", async (scheme) => {
    const certificate = await makeCertificate(["provider.test"]);
    trust(certificate.cert, opened);
    const proxy = await open({});
    const answer = (socket: Socket) =>
      void socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nOK"));
    const server = scheme === "https" ? createTlsServer(certificate, answer) : createServer(answer);
    const url = named(await listen(server, scheme));
    expect(await exchange(url, proxy.egress)).toMatchObject({ kind: "answered", status: 200, text: "OK" });
    expect(proxy.connects.map((request) => [request.url, request.headers.host])).toEqual([[url.host, url.host]]);
  });

  it("a port that is not written is named all the same", async () => {
    const proxy = await open({ onConnect: (socket) => void socket.end("HTTP/1.1 403 No\r\n\r\n") });
    for (const url of ["http://provider.test", "https://provider.test", "https://[2001:db8::1]"]) {
      await exchange(new URL(url), proxy.egress);
    }
    const asked = proxy.connects.map((request) => request.url);
    expect(asked).toEqual(["provider.test:80", "provider.test:443", "[2001:db8::1]:443"]);
  });

  it("which is reached over TLS itself, a target answers", async () => {
    const certificate = await makeCertificate();
    trust(certificate.cert, opened);
    const proxy = await open({ certificate });
    const url = await listen(
      createHttpServer((_, response) => response.end("OK")),
      "http",
    );
    expect(await exchange(named(url), proxy.egress)).toMatchObject({ kind: "answered", text: "OK" });
  });

  it("the proxy gets its credentials, and the target does not", async () => {
    const proxy = await open({});
    const headers: unknown[] = [];
    const url = await listen(
      createHttpServer((request, response) => {
        headers.push(request.headers["proxy-authorization"]);
        response.end();
      }),
      "http",
    );
    const authorization = "Basic bWU6czNjcmV0";
    expect(await exchange(named(url), through(proxy.url, [], authorization))).toMatchObject({ kind: "answered" });
    expect(proxy.connects[0]?.headers["proxy-authorization"]).toBe(authorization);
    expect(headers).toEqual([undefined]);
  });

  it.each(["HTTP/1.0 200 Connection established", "HTTP/1.1 200 OK\r\nContent-Length: 0", "HTTP/1.1 204 No Content"])(
    "a yes in the words %j is one",
    async (yes) => {
      const proxy = await open({
        onConnect: (socket) => {
          socket.write(`${yes}\r\n\r\n`);
          socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nOK"));
        },
      });
      expect(await exchange(new URL("http://provider.test"), proxy.egress)).toMatchObject({ text: "OK" });
    },
  );
});

it("a client that is closed waits for no proxy", async () => {
  const proxy = await open({ onConnect: () => {} });
  const [url] = await silentTarget("https");
  const http = openHttpClient({
    baseUrl: url,
    connections: 1,
    timeoutMs: 60_000,
    secrets: [],
    now: Date.now,
    egress: proxy.egress,
  });
  const exchange = http.exchange({ method: "GET", path: "/", headers: {} });
  await expect.poll(() => proxy.connects.length).toBe(1);
  await http.close();
  expect(await exchange).toMatchObject({ kind: "notSent" });
});

async function open(options: Parameters<typeof startProxy>[0]) {
  const proxy = await startProxy(options);
  opened.push(proxy.close);
  return proxy;
}

async function exchange(baseUrl: URL, egress: Egress, timeoutMs = 60_000, names?: NameLookup) {
  const http = openHttpClient({
    ...{ baseUrl, connections: 1, timeoutMs, secrets: [], now: Date.now, egress },
    ...(names ? { names } : {}),
  });
  opened.push(http.close);
  return await http.exchange({ method: "GET", path: "/", headers: {} });
}

/** A target that takes everything and answers nothing, under a name that only a proxy knows, and what arrived at it. */
async function silentTarget(scheme: string): Promise<[URL, string[]]> {
  const arrivals: string[] = [];
  const server = createServer((socket) => void socket.on("data", (data) => arrivals.push(String(data))));
  return [named(await listen(server, scheme)), arrivals];
}
