import { once } from "node:events";
import { connect } from "node:net";
import { between, pick, type Random } from "./random.ts";

/**
 * One connection of a client that keeps no rules: odd request lines, headers, upgrades, WebSocket frames, and requests for events.
 * Resolves when the connection is over. Returns what was sent, so that a failure can be told.
 */
export async function sendAnything(url: string, random: Random): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).on("error", () => {});
  const text = request(random);
  const rest = maybe(random) ? frames(random) : Buffer.alloc(0);
  const bytes = Buffer.concat([Buffer.from(text, "latin1"), rest]);
  const cut = Math.floor(random() * bytes.length);
  socket.write(bytes.subarray(0, cut));
  socket.write(bytes.subarray(cut));
  if (maybe(random)) socket.end();
  // What is answered is of no interest, but only then has the server read all of it.
  socket.resume();
  await Promise.race([once(socket, "data"), once(socket, "close")]).catch(() => {});
  socket.write(frames(random), () => socket.destroy());
  socket.setTimeout(200, () => socket.destroy());
  if (!socket.closed) await once(socket, "close");
  return bytes.toString("latin1");
}

function request(random: Random): string {
  const isUpgrade = maybe(random);
  const body = maybe(random)
    ? JSON.stringify(operation(random))
    : pick(["", "{", "[]", "null", "x".repeat(3000)], random);
  const lines = [
    `${pick(isUpgrade ? ["GET"] : methods, random)} ${target(random, body)} ${pick(versions, random)}`,
    ...(isUpgrade ? handshake : random() < 0.9 ? ["host: x"] : []),
    ...(maybe(random) ? [`content-length: ${body.length}`, "content-type: application/json"] : []),
    ...(maybe(random) ? some(headers, random) : []).map(
      (name) => `${name}: ${pick(Object.hasOwn(values, name) ? (values[name] ?? junk) : junk, random)}`,
    ),
  ];
  const end = random() < 0.02 ? "\n" : "\r\n";
  return [...lines, "", body].join(end);
}

const methods = ["GET", "GET", "GET", "POST", "POST", "POST", "OPTIONS", "HEAD", "CONNECT", "PUT", "QUERY", "get", ""];
const versions = [...Array.from({ length: 16 }, () => "HTTP/1.1"), "HTTP/1.0", "HTTP/2.0", "HTTP/1.1 x", ""];

const handshake = [
  ...["host: x", "connection: Upgrade", "upgrade: websocket", "sec-websocket-version: 13"],
  ...["sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==", "sec-websocket-protocol: graphql-transport-ws"],
];

const junk = [
  "",
  " ",
  ",",
  "null",
  "-1",
  "999999999999999999999",
  "\xff\xfe",
  "%",
  "[",
  "constructor",
  "x".repeat(2000),
  "a, b",
];

const values: Readonly<Record<string, readonly string[]>> = {
  host: ["x", "[::1", "x:99999", "a b", "%", "x/y"],
  connection: ["Upgrade", "upgrade, close", "keep-alive, Upgrade", "close"],
  upgrade: ["websocket", "WebSocket", "h2c", "websocket, h2c", "TLS/1.0"],
  origin: ["null", "http://[", "//", "http://x:99999", "http://x"],
  accept: ["text/event-stream", "text/event-stream, application/json", "*/*", "multipart/mixed"],
  "sec-websocket-version": ["8", "13", "14"],
  "sec-websocket-protocol": ["graphql-ws", "graphql-transport-ws, graphql-transport-ws", ",", "a\tb"],
  "sec-websocket-extensions": ["permessage-deflate", "permessage-deflate; client_max_window_bits=99", "=", ";"],
  "transfer-encoding": ["chunked", "gzip, chunked", "identity"],
  "content-type": ["application/json", "application/json; charset=x", "text/plain", "multipart/form-data"],
  "content-encoding": ["gzip", "br", "identity"],
  expect: ["100-continue", "200-ok"],
  authorization: ["Bearer a.b.c", "Bearer ", "Basic Og=="],
};
const headers = [
  ...Object.keys(values),
  ...["content-length", "x-request-id", "traceparent", "apollographql-client-name", "x-gateway-secret", "cookie"],
  ...["apollo-require-preflight", "x-http-method-override", "access-control-request-method", "__proto__"],
];

const targets = [
  ...["//", "///", "//[]/gateway", "http://[", "http://host:99999/graphql", "//a:b", "//%", "http://", "*", "/%zz", ""],
  ...[
    "//graphql",
    "/graphql",
    "/graphql",
    "/graphql",
    "/graphql/",
    "/graphql?",
    "/graphql#",
    "/graphql?query=%",
    "?",
    "\\",
  ],
  ...["/healthz", "/readyz", "/metrics", "/metrics?%", "http://x@y/graphql", "x:443", "/\xff", "/%00", "javascript:1"],
];
const pieces = [
  "/",
  ":",
  "//",
  "%",
  "[",
  "]",
  "@",
  "?",
  "#",
  "graphql",
  "..",
  "http:",
  "\xe9",
  "%2f",
  "99999",
  "\\",
  "*",
  "ws:",
];

function target(random: Random, body: string): string {
  if (random() < 0.3) return some([...pieces, ...pieces], random).join("");
  if (random() < 0.3) return `/graphql?${new URLSearchParams({ query: body, operationName: pick(junk, random) })}`;
  return pick(targets, random);
}

/** What the body of a request may hold, or the payload of `subscribe`. */
function operation(random: Random): unknown {
  const query = pick(
    [
      `subscription ($ids: [ID!]!) { orderCancellations(provider: ONRAMP, ids: $ids) { id } }`,
      `subscription A { orderCancellations(provider: ONRAMP, ids: ["1"]) @skip(if: true) { id } }`,
      "{ __typename }",
      "query A { a: __typename } query B { __typename }",
      "subscription { __typename }",
      ...junk,
    ],
    random,
  );
  const odd = () => pick<unknown>([null, 7, [], {}, "x", { ids: ["1"] }, { ids: [{}] }, "A"], random);
  return { query: random() < 0.9 ? query : odd(), operationName: odd(), variables: odd(), extensions: odd() };
}

/** Frames of a client, most of them as RFC 6455 wants them. */
function frames(random: Random): Buffer {
  return Buffer.concat(Array.from({ length: Math.floor(between(1, 5, random)) }, () => frame(random)));
}

function frame(random: Random): Buffer {
  const odd = () => pick<unknown>([null, 7, [], {}, "x", "€".repeat(100), { token: {} }, "1"], random);
  const type = pick(
    ["connection_init", "connection_init", "subscribe", "subscribe", "complete", "ping", "€".repeat(100)],
    random,
  );
  const payload = type === "subscribe" && maybe(random) ? operation(random) : odd();
  const message = maybe(random)
    ? JSON.stringify({ type, id: random() < 0.8 ? "1" : odd(), payload })
    : pick(junk, random);
  const data = Buffer.from(message).subarray(0, 60_000);
  const first = random() < 0.8 ? 0x81 : Math.floor(random() * 256);
  const length = random() < 0.95 ? data.length : Math.floor(random() * 65_536);
  // Masked with zeros, which leaves the data as they are.
  const mask = random() < 0.95 ? 0x80 : 0;
  const head = Buffer.from([first, mask | 126, length >> 8, length & 255]);
  return Buffer.concat([head, Buffer.alloc(mask ? 4 : 0), data]);
}

function maybe(random: Random): boolean {
  return random() < 0.5;
}

function some<T>(items: readonly T[], random: Random): T[] {
  return Array.from({ length: Math.floor(random() * 5) }, () => pick(items, random));
}
