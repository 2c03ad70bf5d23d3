import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { Worker } from "node:worker_threads";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { HttpRequest } from "../../src/domain/provider.ts";
import { createNameLookup } from "../../src/egress/name-lookup.ts";
import { failureOf } from "../../src/providers/http/failure.ts";
import { type HttpClientOptions, openHttpClient } from "../../src/providers/http/http-client.ts";
import { kwikpaisaClient } from "../../src/providers/kwikpaisa.ts";
import { onrampClient } from "../../src/providers/onramp.ts";
import { makeCertificate, trust } from "../support/certificate.ts";
import { listenOnAnyPort } from "../support/listen.ts";

const opened: (() => unknown)[] = [];
const listen = (server: Server, scheme: string) => listenOnAnyPort(server, scheme, opened);

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

const get: HttpRequest = { method: "GET", path: "/", headers: {} };
const long = "x".repeat(1_100_000);

describe("a failed exchange says how, and whether the request was written", () => {
  it("an address that refuses", async () => {
    const server = createServer();
    const url = await listen(server, "http");
    server.close();
    expect(await exchange(url)).toEqual({ kind: "notSent", failure: "REFUSED" });
  });

  it("a server that speaks no TLS", async () => {
    const url = await listen(
      createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
      "https",
    );
    expect(await exchange(url)).toEqual({ kind: "notSent", failure: "TLS" });
  });

  it("a handshake without an answer", async () => {
    const url = await listen(createServer(), "https");
    expect(await exchange(url, { timeoutMs: 300 })).toEqual({ kind: "notSent", failure: "CONNECT_TIMEOUT" });
  });

  it.each<[name: string, failure: string, answer: (socket: Socket) => unknown]>([
    ["no answer in time", "TIMEOUT", () => {}],
    ["an answer that stops in the middle", "TIMEOUT", (socket) => socket.write(`${head("content-length: 10")}half`)],
    ["a reset", "RESET", (socket) => socket.resetAndDestroy()],
    ["a connection closed without an answer", "RESET", (socket) => socket.end()],
    ["an answer cut short", "RESET", (socket) => socket.end(`${head("content-length: 10")}half`)],
    ["chunks cut short", "RESET", (socket) => socket.end(`${head("transfer-encoding: chunked")}4\r\nhalf\r\n`)],
    ["what is not HTTP", "RESET", (socket) => socket.end("220 mail.test ESMTP\r\n")],
    ["an answer too large to read", "TOO_LARGE", (socket) => socket.end(head(`content-length: ${long.length}`) + long)],
    ["an answer too large to read, of a length nobody told", "TOO_LARGE", (socket) => socket.end(head("x: y") + long)],
    ["a head too large to read", "TOO_LARGE", (socket) => socket.end(head(`x: ${long}`))],
  ])("%s: %s", async (_, failure, answer) => {
    const url = await listen(
      createServer((socket) => void socket.once("data", () => answer(socket))),
      "http",
    );
    expect(await exchange(url, { timeoutMs: 300 })).toEqual({ kind: "lost", failure });
  });

  it("a certificate of an unknown authority", async () => {
    const certificate = await makeCertificate();
    const url = await listen(createTlsServer(certificate), "https");
    expect(await exchange(url)).toEqual({ kind: "notSent", failure: "TLS" });
  });

  it("TLS 1.3 with a client certificate demanded: told after the request was written, so the outcome is unknown", async () => {
    const certificate = await makeCertificate();
    trust(certificate.cert, opened);
    const demanding: TlsOptions = { ...certificate, requestCert: true, minVersion: "TLSv1.3" };
    const url = await listen(
      createTlsServer(demanding, (socket) => socket.resume()),
      "https",
    );
    const client = onrampClient({ apiKey: "test-key", apiSecret: "API_SECRET" }, open(url));
    expect(await client.cancel("1443")).toEqual({ kind: "unknown", failure: "TLS" });
    expect(await client.lookup?.("1443")).toEqual({ kind: "unanswered", failure: "TLS" });
  });

  it("over TLS that is in order there is an answer", async () => {
    const certificate = await makeCertificate();
    trust(certificate.cert, opened);
    const answer = (socket: Socket) => void socket.once("data", () => socket.end(`${head("content-length: 2")}OK`));
    const protocols: unknown[] = [];
    const server = createTlsServer({ ...certificate, ALPNProtocols: ["h2", "http/1.1"] }, (socket) => {
      protocols.push(socket.alpnProtocol);
      answer(socket);
    });
    expect(await exchange(await listen(server, "https"))).toMatchObject({ kind: "answered", text: "OK" });
    expect(protocols).toEqual(["http/1.1"]);
  });

  it("an exchange after the end has no failure of the network", async () => {
    const http = open(await serve((_, response) => response.end()));
    await http.close();
    expect(await http.exchange(get)).toEqual({ kind: "notSent" });
  });
});

it.each<[string, (socket: Socket) => unknown]>([
  ["closed", (socket) => socket.end("HTTP/1.1 200 OK\r\nserver: x\r\n\r\n")],
  ["reset", (socket) => socket.write("HTTP/1.1 200 OK\r\nserver: x\r\n\r\n", () => socket.resetAndDestroy())],
])("a 200 without framing that is %s after its head confirms nothing", async (_, cut) => {
  const paths: string[] = [];
  const server = createServer((socket) => {
    socket.once("data", (request) => {
      paths.push(String(request).split(" ")[1] ?? "");
      cut(socket);
    });
  });
  const client = kwikpaisaClient(
    { apiKey: "pk_test_key", secretKey: "sk_test_secret" },
    open(await listen(server, "http")),
  );
  expect(await client.cancel("123456")).toMatchObject({ kind: "unknown" });
  expect(paths[0]).toBe("/api/v3/pg/order/cancel");
});

/** Errors that no test can cause, or not on every system: by the lists of Node, OpenSSL and undici. */
it.each([
  ["ECONNREFUSED", false, "REFUSED"],
  ["EHOSTUNREACH", false, "REFUSED"],
  ["ENETUNREACH", false, "REFUSED"],
  ["EADDRNOTAVAIL", false, "REFUSED"],
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", true, "TLS"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", false, "TLS"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", false, "TLS"],
  ["EPROTO", false, "TLS"],
  ["CERT_HAS_EXPIRED", false, "TLS"],
  ["CERT_NOT_YET_VALID", false, "TLS"],
  ["CRL_HAS_EXPIRED", false, "TLS"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", false, "TLS"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", false, "TLS"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", false, "TLS"],
  ["SELF_SIGNED_CERT_IN_CHAIN", false, "TLS"],
  ["ERROR_IN_CERT_NOT_AFTER_FIELD", false, "TLS"],
  ["ERROR_IN_CRL_LAST_UPDATE_FIELD", false, "TLS"],
  ["INVALID_CA", false, "TLS"],
  ["INVALID_PURPOSE", false, "TLS"],
  ["PATH_LENGTH_EXCEEDED", false, "TLS"],
  ["HOSTNAME_MISMATCH", false, "TLS"],
  ["UND_ERR_CONNECT_TIMEOUT", false, "CONNECT_TIMEOUT"],
  ["ETIMEDOUT", false, "CONNECT_TIMEOUT"],
  ["ETIMEDOUT", true, "TIMEOUT"],
  ["UND_ERR_RES_EXCEEDED_MAX_SIZE", true, "TOO_LARGE"],
  ["UND_ERR_HEADERS_OVERFLOW", true, "TOO_LARGE"],
  ["HPE_HEADER_OVERFLOW", true, "TOO_LARGE"],
  ["ECONNRESET", false, "RESET"],
  ["ECONNABORTED", true, "RESET"],
  ["EPIPE", true, "RESET"],
  ["UND_ERR_SOCKET", true, "RESET"],
  ["UND_ERR_RES_CONTENT_LENGTH_MISMATCH", true, "RESET"],
  ["HPE_INVALID_CONSTANT", true, "RESET"],
  ["HPE_HEADER_OVERFLOW_OF_ANOTHER_KIND", true, "RESET"],
  ["EMFILE", false, undefined],
  ["MY_ECONNREFUSED", false, undefined],
  ["ECONNREFUSED_TWICE", false, undefined],
  ["MY_HPE_HEADER_OVERFLOW", true, undefined],
  ["INVALID_PURPOSES", false, undefined],
  ["HOSTNAME_MISMATCHES", false, undefined],
  ["ECONNRESETS", true, undefined],
  ["MY_ECONNRESET", true, undefined],
  ["EPROTOTYPE", false, undefined],
  ["MY_CERT_X", false, undefined],
  ["UND_ERR_DESTROYED", false, undefined],
])("%s (written: %s) is %s", (code, written, failure) => {
  expect(failureOf(Object.assign(new Error("failed"), { code }), written)).toBe(failure);
});

it("a thrown value that is no Error: no failure is named", () => {
  expect(failureOf("ECONNRESET", true)).toBeUndefined();
  expect(failureOf(undefined, true)).toBeUndefined();
  expect(failureOf(Object.assign(new Error("failed"), { code: 23 }), true)).toBeUndefined();
});

describe("interim answers before the answer are passed over", () => {
  const early = "HTTP/1.1 103 Early Hints\r\nlink: </s.css>; rel=preload\r\n\r\n";
  const goOn = "HTTP/1.1 100 Continue\r\n\r\n";
  const final = `${head("content-length: 2")}OK`;

  it.each<[string, string[]]>([
    ["none", [final]],
    ["a 100 that was not asked for", [goOn + final]],
    ["a 100 with headers", [`HTTP/1.1 100 Continue\r\ndate: x\r\n\r\n${final}`]],
    ["a 100 without a phrase, by HTTP/1.0", [`HTTP/1.0 100\r\n\r\n${final}`]],
    ["several of several kinds", [goOn + early + goOn + final]],
    ["a 102", [`HTTP/1.1 102 Processing\r\n\r\n${final}`]],
    ["a 100 that comes alone", [goOn, final]],
    ["pieces cut at each byte", [...(goOn + early + final)]],
    ["a body that reads like one", [`${goOn}${head(`content-length: ${goOn.length}`)}`, goOn]],
  ])("%s", async (_, pieces) => {
    const url = await listen(
      createServer((socket) => {
        socket.setNoDelay();
        socket.once("data", async () => {
          for (const piece of pieces) await new Promise((sent) => socket.write(piece, () => setImmediate(sent)));
        });
      }),
      "http",
    );
    const text = pieces.at(-1) === goOn ? goOn : "OK";
    expect(await exchange(url)).toMatchObject({ kind: "answered", status: 200, text });
  });

  it.each<[string, string | undefined, string]>([
    ["that is all that comes", "RESET", goOn],
    ["whose end does not come", "RESET", "HTTP/1.1 100 Continue\r\n"],
    ["too long to read", "TOO_LARGE", `HTTP/1.1 100 Continue\r\nx: ${long}`],
    ["that changes the protocol", undefined, `HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n${final}`],
  ])("one %s is no answer: %s", async (_, failure, bytes) => {
    const url = await listen(
      createServer((socket) => void socket.once("data", () => socket.end(bytes))),
      "http",
    );
    expect(await exchange(url)).toEqual({ kind: "lost", failure });
  });

  it("over TLS", async () => {
    const certificate = await makeCertificate();
    trust(certificate.cert, opened);
    const server = createTlsServer(certificate, (socket) => void socket.once("data", () => socket.end(goOn + final)));
    expect(await exchange(await listen(server, "https"))).toMatchObject({ kind: "answered", text: "OK" });
  });
});

describe("a coded body", () => {
  const text = '{"status":"OK","words":"schlüssel"}';
  const long = Buffer.alloc(1_100_000, "x");
  const coded = (coding: string | string[], body: Buffer) =>
    serve((_, response) => response.setHeader("content-encoding", coding).writeHead(403).end(body));

  it.each<[string | string[], Buffer]>([
    ["gzip", gzipSync(text)],
    ["x-gzip", gzipSync(text)],
    ["GZIP", gzipSync(text)],
    ["deflate", deflateSync(text)],
    ["br", brotliCompressSync(text)],
    ["zstd", zstdCompressSync(text)],
    ["identity", Buffer.from(text)],
    ["", Buffer.from(text)],
    ["deflate, gzip", gzipSync(deflateSync(text))],
    [["deflate", "gzip"], gzipSync(deflateSync(text))],
    ["gzip", Buffer.concat([gzipSync("\ufeff"), gzipSync(text)])],
  ])("in %s is decoded", async (coding, body) => {
    expect(await exchange(await coded(coding, body))).toMatchObject({ kind: "answered", status: 403, text });
  });

  it.each<[string, string, Buffer]>([
    ["of a coding that is not known", "aes128gcm", Buffer.from(text)],
    ["of a coding with the name of a method", "constructor", Buffer.from(text)],
    ["that is not in this coding", "gzip", Buffer.from(text)],
    ["that is cut short", "gzip", gzipSync(text).subarray(0, 20)],
    ["that was coded without end", Array(5).fill("gzip").join(), gzipSync(text)],
  ])("%s says nothing, and its status remains", async (_, coding, body) => {
    expect(await exchange(await coded(coding, body))).toMatchObject({ kind: "answered", status: 403, text: "" });
  });

  it.each([
    ["gzip", gzipSync(long)],
    ["br", brotliCompressSync(long)],
    ["zstd", zstdCompressSync(long)],
    ["gzip, gzip", gzipSync(gzipSync(long))],
  ])("in %s that is too large when it is decoded is not read", async (coding, body) => {
    expect(body.length).toBeLessThan(5000);
    expect(await exchange(await coded(coding, body))).toEqual({ kind: "lost", failure: "TOO_LARGE" });
  });
});

describe("an answer", () => {
  const now = Date.UTC(2026, 4, 13, 8, 10, 35);
  const minute = 60_000;

  it.each<[name: string, date: string | undefined, answeredAt: number]>([
    ["no date", undefined, now],
    ["a date", "Wed, 13 May 2026 07:55:35 GMT", now - 15 * minute],
    ["a date in an unknown form", "Wed 13 May 2026 07:55:35 GMT", now],
    ["a date in the older form", "Wednesday, 13-May-26 08:25:35 GMT", now + 15 * minute],
    ["a date as C prints it", "Wed May 13 08:10:34 2026", now - 1000],
    ["a date as C prints it, early in the month", "Tue May  5 08:10:34 2026", now],
    ["a date as C prints it, with something before it", "on Wed May 13 08:10:34 2026", now],
    ["a date as C prints it, with something behind it", "Wed May 13 08:10:34 2026 (C)", now],
    ["a date a day ahead", "Thu, 14 May 2026 08:10:35 GMT", now + 24 * 60 * minute],
    ["a date more than a day ahead", "Thu, 14 May 2026 08:10:36 GMT", now],
    ["a date a day behind", "Tue, 12 May 2026 08:10:35 GMT", now - 24 * 60 * minute],
    ["a date more than a day behind", "Tue, 12 May 2026 08:10:34 GMT", now],
    ["no date at all", "soon", now],
    ["a date that does not exist", "Wed, 45 May 2026 08:10:35 GMT", now],
    ["a date of another zone", "Wed, 13 May 2026 08:10:00 CET", now],
    ["a date with something before it", "on Wed, 13 May 2026 08:10:00 GMT", now],
    ["a date with something behind it", "Wed, 13 May 2026 08:10:00 GMT or so", now],
  ])("with %s was given by that clock, if it can be true", async (_, date, answeredAt) => {
    await inIndia(async () => {
      expect(await exchange(await dated({ date }), { now: () => now })).toMatchObject({ kind: "answered", answeredAt });
    });
  });

  it.each<[retryAfter: string, date: string | undefined, retryAfterMs: number | undefined]>([
    ["0", undefined, 0],
    ["120", undefined, 120_000],
    ["600", undefined, 600_000],
    ["601", undefined, 600_000],
    ["9".repeat(400), undefined, 600_000],
    ["1.5", undefined, undefined],
    ["-1", undefined, undefined],
    ["12s", undefined, undefined],
    ["in 12", undefined, undefined],
    ["soon", undefined, undefined],
    ["", undefined, undefined],
    ["Wed, 13 May 2026 08:11:05 GMT", undefined, 30_000],
    ["Wednesday, 13-May-26 08:11:05 GMT", undefined, 30_000],
    ["Wed May 13 08:11:05 2026", undefined, 30_000],
    ["Wed, 13 May 2026 08:10:05 GMT", undefined, 0],
    ["Thu, 13 May 2027 08:10:05 GMT", undefined, 600_000],
    ["Sun Nov  6 08:49:37 1994", undefined, 0],
    // The clock that wrote the one wrote the other.
    ["Wed, 13 May 2026 09:11:05 GMT", "Wed, 13 May 2026 09:10:35 GMT", 30_000],
    ["Wed, 13 May 2026 07:11:05 GMT", "Wed, 13 May 2026 07:10:35 GMT", 30_000],
    ["30", "Wed, 13 May 2026 07:10:35 GMT", 30_000],
  ])("with Retry-After %j (Date %s) asks for %s ms", async (retryAfter, date, retryAfterMs) => {
    const answer = await exchange(await dated({ "retry-after": retryAfter, date }), { now: () => now });
    expect(answer).toMatchObject({ kind: "answered" });
    expect("retryAfterMs" in answer ? answer.retryAfterMs : undefined).toBe(retryAfterMs);
  });

  it("an answer that arrived while this process was frozen is read, although its time is over", async () => {
    // In a thread of its own: this one stands still.
    const server = new Worker(
      `const { parentPort } = require("node:worker_threads");
       const server = require("node:http").createServer((_request, response) => {
         parentPort.postMessage("arrived");
         response.end("cancelled".repeat(50_000));
       });
       server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));`,
      { eval: true },
    );
    const [port] = await once(server, "message");
    const baseUrl = new URL(`http://127.0.0.1:${port}`);
    const http = openHttpClient({ baseUrl, connections: 1, timeoutMs: 1000, secrets: [], now: Date.now });
    try {
      const arrived = once(server, "message");
      const exchange = http.exchange({ method: "GET", path: "/", headers: {} });
      await arrived;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
      expect(await exchange).toMatchObject({ kind: "answered", status: 200 });
    } finally {
      await http.close();
      await server.terminate();
    }
  });

  it.each(["GET", "POST", "DELETE"] as const)("to a %s is one to that method", async (method) => {
    const url = await serve((request, response) => response.end(`${request.method} ${request.url}`));
    const answer = await open(url).exchange({ method, path: "/orders/1", headers: {} });
    expect(answer).toMatchObject({ kind: "answered", text: `${method} /orders/1` });
  });

  it("an answer with two Retry-After asks for no pause", async () => {
    const url = await serve((_, response) => response.setHeader("retry-after", ["1", "2"]).end());
    expect(await exchange(url)).toHaveProperty("retryAfterMs", undefined);
  });

  it("an answer's words are kept without secrets and without what was sent with them", async () => {
    const headers = {
      Authorization: "Basic RklOUEFZ",
      "X-API-KEY": "pk_test_key",
      "X-SIGNATURE": "cf2ed1370abb",
      "X-ONRAMP-PAYLOAD": "eyJ0aW1l",
      "X-SHORT-KEY": "short",
      "Content-Type": "application/json",
    };
    const http = open(await serve((_, response) => response.end()), {
      secrets: ["sk_test_secret", "sixsix", "tiny", ""],
    });
    const answer = await http.exchange({ ...get, headers });
    const words = (text: string) => (answer.kind === "answered" ? answer.redact(text) : undefined);
    expect(words("sk_test_secret and sk_test_secret, sixsix")).toBe("[removed] and [removed], [removed]");
    expect(words("Basic RklOUEFZ, pk_test_key, cf2ed1370abb, eyJ0aW1l")).toBe(
      "[removed], [removed], [removed], [removed]",
    );
    expect(words("a tiny short word of application/json")).toBe("a tiny short word of application/json");
  });
});

it("every request is fresh, alone on its socket, says who asks for what, and carries what its client says", async () => {
  const heads: unknown[] = [];
  const url = await serve((request, response) => {
    heads.push([request.url, request.headers]);
    response.end();
  });
  const http = open(new URL("/prefix//", url));
  await http.exchange({ ...get, path: "/a?b=c", headers: { "x-y": "z" } });
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  expect(heads).toEqual([
    [
      "/prefix/a?b=c",
      {
        host: url.host,
        connection: "close",
        "cache-control": "no-store",
        accept: "application/json",
        "accept-encoding": "identity",
        "user-agent": `order-cancellation-subgraph/${version}`,
        "x-y": "z",
      },
    ],
  ]);
});

it("a http that is closed closes its search for names", async () => {
  const close = vi.fn();
  const names = { ...createNameLookup({ timeoutMs: 1000 }), close };
  await open(new URL("http://127.0.0.1:1"), { names }).close();
  expect(close).toHaveBeenCalledOnce();
});

it("no more sockets are open at once than were granted", async () => {
  const inHand: (() => void)[] = [];
  let most = 0;
  const url = await serve((_, response) => {
    most = Math.max(
      most,
      inHand.push(() => response.end()),
    );
    // Held until there are two, and a little longer: a third would show.
    if (inHand.length === 2) {
      setTimeout(() => {
        for (const end of inHand.splice(0)) end();
      }, 20);
    }
  });
  const http = open(url, { connections: 2 });
  await Promise.all(Array.from({ length: 10 }, () => http.exchange(get)));
  expect(most).toBe(2);
});

/** HTTP's dates are GMT wherever the server stands that reads them. */
async function inIndia(run: () => Promise<void>): Promise<void> {
  const { TZ } = process.env;
  process.env.TZ = "Asia/Kolkata";
  try {
    await run();
  } finally {
    if (TZ === undefined) delete process.env.TZ;
    else process.env.TZ = TZ;
  }
}

function head(...headers: string[]): string {
  return `HTTP/1.1 200 OK\r\n${headers.join("\r\n")}\r\n\r\n`;
}

async function exchange(baseUrl: URL, options: Partial<HttpClientOptions> = {}) {
  return await open(baseUrl, options).exchange(get);
}

function open(baseUrl: URL, options: Partial<HttpClientOptions> = {}) {
  const http = openHttpClient({ baseUrl, connections: 1, timeoutMs: 10_000, secrets: [], now: Date.now, ...options });
  opened.push(http.close);
  return http;
}

async function dated(headers: Record<string, string | undefined>): Promise<URL> {
  return await serve((_, response) => {
    response.sendDate = false;
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
    response.end();
  });
}

function serve(answer: RequestListener): Promise<URL> {
  return listen(createHttpServer(answer), "http");
}
