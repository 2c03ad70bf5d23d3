import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Fields } from "../support/post.ts";
import { type Service, startService } from "../support/service.ts";

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

interface Request {
  query: string;
  operationName?: string;
}

/** How a request comes, and what is answered to it. */
const transports: Record<string, (request: Request) => Promise<Fields>> = {
  POST: async (request) => (await send(request, {})).json(),
  GET: async (request) => (await get(request, { "apollo-require-preflight": "true" })).json(),
  "POST for events": async (request) => firstEvent(await send(request, { accept: "text/event-stream" })),
  "GET for events, from a foreign page": async (request) =>
    firstEvent(await get(request, { accept: "text/event-stream", origin: "https://evil.example" })),
  "GET for events or JSON": async (request) =>
    firstEvent(await get(request, { accept: "text/event-stream, application/json", "apollo-require-preflight": "1" })),
  WebSocket: overWebSocket,
};

const kinds: Record<string, (name: string) => string> = {
  query: (name) => `query ${name} { cancellation(provider: ONRAMP, orderId: "1") { status } }`,
  mutation: (name) => `mutation ${name} { cancelOrders(provider: ONRAMP, ids: ["1"]) { orders { id } } }`,
  subscription: (name) => `subscription ${name} { orderCancellations(provider: ONRAMP, ids: ["1"]) { id } }`,
};

const faults: [name: string, request: (text: (name: string) => string) => Request, message: string][] = [
  ["unknown", (text) => ({ query: text("A"), operationName: "constructor" }), 'Unknown operation named "constructor".'],
  [
    "unknown for one without a name",
    (text) => ({ query: text(""), operationName: "A" }),
    'Unknown operation named "A".',
  ],
  ["empty", (text) => ({ query: text("A"), operationName: "" }), 'Unknown operation named "".'],
  [
    "missing for one of several",
    (text) => ({ query: `${text("A")} ${text("B")}` }),
    "Must provide operation name if query contains multiple operations.",
  ],
];

describe.each(Object.entries(transports))("by %s", (_, ask) => {
  describe.each(Object.entries(kinds))("a %s", (_, text) => {
    it.each(faults)(
      "whose name is %s is refused in graphql-js' words, and nothing is run",
      async (_, faulty, message) => {
        const { errors, data } = await ask(faulty(text));
        expect([errors, data]).toEqual([
          [{ message, extensions: { code: "OPERATION_RESOLUTION_FAILURE" } }],
          undefined,
        ]);
        expect(await service.read("ONRAMP", "1")).toBeUndefined();
        expect(service.sent()).toBe(0);
        expect(service.lines.join("")).not.toContain("graphql-error");
      },
    );
  });
});

it("a mutation beside a query runs by POST alone, and only if it is named", async () => {
  const query = `${kinds.query?.("Q")} ${kinds.mutation?.("M")}`;
  for (const [name, ask] of Object.entries(transports)) {
    if (name !== "POST") expect(await ask({ query, operationName: "M" })).toMatchObject({ errors: [{}] });
  }
  for (const name of ["POST", "GET", "GET for events or JSON"])
    expect(await transports[name]?.({ query, operationName: "Q" })).toEqual({ data: { cancellation: null } });
  expect(service.sent()).toBe(0);
  expect(await transports.POST?.({ query, operationName: "M" })).toEqual({
    data: { cancelOrders: { orders: [{ id: "1" }] } },
  });
  expect(service.sent()).toBeGreaterThan(0);
});

function send(request: Request, headers: Record<string, string>): Promise<Response> {
  const body = JSON.stringify(request);
  return fetch(service.url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
}

function get(request: Request, headers: Record<string, string>): Promise<Response> {
  return fetch(`${service.url}?${new URLSearchParams({ ...request })}`, { headers });
}

/** A refusal may also come as JSON. */
async function firstEvent(response: Response): Promise<Fields> {
  const text = await response.text();
  return JSON.parse(text.replace(/^event: next\ndata: ([^\n]*)\n.*/s, "$1"));
}

async function overWebSocket(payload: Request): Promise<Fields> {
  const socket = new WebSocket(service.url.replace("http", "ws"), "graphql-transport-ws");
  await once(socket, "open");
  socket.send(JSON.stringify({ type: "connection_init" }));
  await once(socket, "message");
  socket.send(JSON.stringify({ id: "1", type: "subscribe", payload }));
  const [data] = await once(socket, "message");
  socket.terminate();
  const message = JSON.parse(String(data));
  return message.type === "error" ? { errors: message.payload } : message.payload;
}
