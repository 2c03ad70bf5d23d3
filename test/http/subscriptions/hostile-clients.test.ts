import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { serveWebSockets } from "../../../src/http/subscriptions/web-socket.ts";
import { type Service, startService } from "../../support/service.ts";
import { orderCancellations, subscribe, transports, webSocketClient } from "../../support/subscribe.ts";

let service: Service;
beforeEach(async () => {
  // Pings and heartbeats pass when a test says so.
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  service = await startService();
});
afterEach(async () => {
  vi.useRealTimers();
  await service.stop();
});

const init = JSON.stringify({ type: "connection_init" });
const variables = { provider: "ONRAMP", ids: ["1"] };

it("a message of 32 MB closes the socket, before or after the client is known", async () => {
  for (const known of [false, true]) {
    const socket = await open();
    if (known) await acknowledged(socket);
    socket.send("x".repeat(32 * 1024 * 1024), () => {});
    expect(await closed(socket)).toBe(1009);
  }
});

it.each([
  ["no JSON", "{", 4400],
  ["a message of no known type", JSON.stringify({ type: "start" }), 4400],
  ["JSON that is nested deeply", "[".repeat(500_000), 4400],
  ["a second connection_init", init, 4429],
])("%s closes the socket", async (_, message, code) => {
  const socket = await open();
  await acknowledged(socket);
  socket.send(message);
  expect(await closed(socket)).toBe(code);
});

it("a subscription before connection_init closes the socket, and so does another protocol", async () => {
  const early = await open();
  early.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query: orderCancellations, variables } }));
  expect(await closed(early)).toBe(4401);
  const old = new WebSocket(service.url.replace("http", "ws"), "graphql-ws");
  expect(await new Promise((resolve) => old.on("error", ({ message }) => resolve(message)))).toMatch(/subprotocol/);
});

it("of 10,000 subscribe messages on one socket 1,000 are accepted; then the socket is closed", async () => {
  const socket = await open();
  await acknowledged(socket);
  let errors = 0;
  socket.on("message", (data) => {
    if (JSON.parse(String(data)).type === "error") errors += 1;
  });
  const payload = { query: orderCancellations, variables };
  for (let id = 0; id < 10_000; id += 1) socket.send(JSON.stringify({ id: `${id}`, type: "subscribe", payload }));
  expect(await closed(socket)).toBe(4429);
  expect(errors).toBeLessThanOrEqual(100);
  await expect.poll(() => openSubscriptions()).toBe(0);
  const stream = subscribe("WebSocket", service.url, variables);
  await stream.next();
  stream.stop();
});

it("the oldest of 201 sockets whose clients do not say who they are is dropped", async () => {
  const first = await open();
  const dropped = closed(first);
  const others = await Promise.all(Array.from({ length: 200 }, () => open()));
  expect(await dropped).toBe(1006);
  expect(others.every(({ readyState }) => readyState === WebSocket.OPEN)).toBe(true);
  for (const socket of others) socket.terminate();
});

it("more sockets than there can be subscriptions for are refused", async () => {
  const small = await startService({ MAX_SUBSCRIPTIONS: "0" });
  const sockets = await Promise.all(Array.from({ length: 150 }, () => open(small)));
  for (const socket of sockets) await acknowledged(socket);
  const more = await Promise.all(Array.from({ length: 100 }, () => open(small)));
  await expect(open(small)).rejects.toThrow("503");
  for (const socket of [...sockets, ...more]) socket.terminate();
  await small.stop();
});

it("a socket that does not answer pings is dropped at the second, one that does stays", async () => {
  const [silent, alive] = [await open(), await open()];
  for (const socket of [silent, alive]) await acknowledged(socket);
  // Neither ping nor close is read: the other end is gone.
  silent.pause();
  const pinged = once(alive, "ping");
  vi.advanceTimersByTime(12_000);
  await pinged;
  await roundTrip(alive);
  vi.advanceTimersByTime(12_000);
  silent.resume();
  expect(await closed(silent)).toBe(1006);
  await roundTrip(alive);
  alive.terminate();
});

it.each(["WebSocket", "SSE"])(
  "over %s a client that does not read is dropped, and holds up one event alone",
  async (transport) => {
    const own = await startService({ MAX_IDS_PER_REQUEST: "4500" });
    // 4500 events of 18 kB are more than the 40 MB that Linux takes for a client that does not read.
    const wide = Array.from({ length: 90 }, (_, index) => `a${index}: id`).join(" ");
    const ids = Array.from({ length: 4500 }, (_, index) => `${"x".repeat(190)}${index}`);
    const query = `subscription ($ids: [ID!]!) { orderCancellations(provider: ONRAMP, ids: $ids) { ${wide} } }`;
    const payload = { query, variables: { ids } };
    const client = transport === "SSE" ? postEvents(own, payload) : await subscribed(own, payload);
    client.pause();
    await expect.poll(() => openSubscriptions(own)).toBe(1);
    await expect
      .poll(async () => {
        await vi.advanceTimersByTimeAsync(12_000);
        return openSubscriptions(own);
      })
      .toBe(0);
    const { states } = own.lines.map((line) => JSON.parse(line)).find(({ event }) => event === "subscription-ended");
    expect(states).toBeLessThan(4500);
    client.resume();
    await own.stop();
  },
);

it.each(transports)("when the service stops, %s ends in a way that makes clients connect again", async (transport) => {
  const streams = Array.from({ length: 20 }, () => subscribe(transport, service.url, variables));
  for (const stream of streams) await stream.next();
  vi.useRealTimers();
  const [ends] = await Promise.all([Promise.all(streams.map(({ ended }) => ended)), service.stop()]);
  if (transport === "WebSocket") expect(ends).toEqual(ends.map(() => expect.objectContaining({ code: 1001 })));
  else expect(ends).toEqual(ends.map(() => expect.any(Error)));
});

it("clients that answer no close and take no last bytes do not hold up a stop", async () => {
  const socket = await open();
  await acknowledged(socket);
  socket.pause();
  const raw = postEvents(service, { query: orderCancellations, variables });
  await once(raw, "data");
  raw.pause();
  vi.useRealTimers();
  await service.stop();
  socket.resume();
  raw.destroy();
});

it("an offer of h2c is answered as an ordinary request", async () => {
  const { hostname, port } = new URL(service.url);
  const socket = connect(Number(port), hostname);
  socket.write("GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n");
  const [data] = await once(socket, "data");
  expect(String(data)).toMatch(/^HTTP\/1.1 200/);
  socket.destroy();
});

it("a refused upgrade whose client goes on sending, and does not end: the socket is closed", async () => {
  const server = createServer();
  const { close } = serveWebSockets(server, "/graphql", {
    authenticator: { asksCredentials: true, authenticate: async () => Promise.reject(new Error("no")) },
    subscriptions: { start: async () => "other" },
    maxSockets: 1,
    maxSocketsOfCaller: 1,
    origins: [],
    emit: () => {},
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true }).on("error", () => {});
  socket.write("GET // HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nmore");
  expect(String((await once(socket, "data"))[0])).toMatch(/^HTTP\/1.1 404/);
  const open = () => new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
  await expect.poll(open).toBe(0);
  socket.destroy();
  await close();
  server.close();
});

it("other paths have no WebSocket", async () => {
  const socket = new WebSocket(new URL("/metrics", service.url.replace("http", "ws")), "graphql-transport-ws");
  const [error] = await once(socket, "error");
  expect(error.message).toContain("404");
});

it("one client may have many subscriptions on one socket, and end one of them", async () => {
  const client = webSocketClient(service.url);
  const heard: string[] = [];
  const stops = ["a", "b"].map((id) =>
    client.subscribe(
      { query: orderCancellations, variables: { provider: "ONRAMP", ids: [id] } },
      { next: () => heard.push(id), error: () => {}, complete: () => heard.push(`end of ${id}`) },
    ),
  );
  await expect.poll(() => heard.toSorted()).toEqual(["a", "b"]);
  stops[0]?.();
  await expect.poll(() => openSubscriptions()).toBe(1);
  await service.cancel("ONRAMP", ["b"]);
  await expect.poll(() => heard.at(-1)).toBe("end of b");
  await client.dispose();
});

async function open({ url }: Service = service): Promise<WebSocket> {
  const socket = new WebSocket(url.replace("http", "ws"), "graphql-transport-ws");
  socket.on("error", () => {});
  await once(socket, "open");
  return socket;
}

async function acknowledged(socket: WebSocket): Promise<void> {
  socket.send(init);
  const [data] = await once(socket, "message");
  expect(JSON.parse(String(data))).toEqual({ type: "connection_ack" });
}

async function roundTrip(socket: WebSocket): Promise<void> {
  socket.send(JSON.stringify({ type: "ping" }));
  const [data] = await once(socket, "message");
  expect(JSON.parse(String(data))).toEqual({ type: "pong" });
}

async function closed(socket: WebSocket): Promise<number> {
  const [code] = await once(socket, "close");
  return code;
}

async function subscribed(to: Service, payload: unknown): Promise<WebSocket> {
  const socket = await open(to);
  await acknowledged(socket);
  socket.send(JSON.stringify({ id: "1", type: "subscribe", payload }));
  return socket;
}

function postEvents({ url }: Service, body: unknown): Socket {
  const { hostname, port } = new URL(url);
  const text = JSON.stringify(body);
  const socket = connect(Number(port), hostname).on("error", () => {});
  const head = ["POST /graphql HTTP/1.1", "host: x", "accept: text/event-stream", "content-type: application/json"];
  socket.write([...head, `content-length: ${text.length}`, "", text].join("\r\n"));
  return socket;
}

async function openSubscriptions({ url }: Service = service): Promise<number> {
  const text = await (await fetch(new URL("/metrics", url))).text();
  return Number(/^order_cancellation_subscriptions (\d+)$/m.exec(text)?.[1]);
}
