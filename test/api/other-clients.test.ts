import { createClient as createWebSocketClient } from "graphql-ws";
import { type ConcreteRequest, createOperationDescriptor } from "relay-runtime";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { createEnvironment } from "../../examples/relay.ts";
import { createUrqlClient } from "../../examples/urql.ts";
import {
  CancelSelectedOrdersDocument,
  FollowSelectedOrdersDocument,
  SelectedOrdersDocument,
} from "../../schema/generated/graphql.ts";
import { seeds } from "../../src/simulators/seeds.ts";
import { type Service, startService } from "../support/service.ts";

const [first = ""] = seeds.ONRAMP.open;
/** Two orders of one id. */
const orders = [
  { provider: "ONRAMP" as const, id: first },
  { provider: "KWIKPAISA" as const, id: first },
];
const patience = { timeout: 40_000, interval: 20 };

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service?.stop());

it("urql as the docs set it up: a mutation and a subscription change the orders of a query, each by provider and id", async () => {
  const webSocket = createWebSocketClient({ url: service.url.replace("http", "ws"), webSocketImpl: WebSocket });
  const client = createUrqlClient(service.url, webSocket);
  const statuses: unknown[] = [];
  const watching = client.query(SelectedOrdersDocument, { orders }).subscribe(({ data, error }) => {
    statuses.push(error?.message ?? data?.selectedOrders.map(({ cancellation }) => cancellation?.status));
  });
  await vi.waitFor(() => expect(statuses).toEqual([[undefined, undefined]]), patience);

  const events: unknown[] = [];
  const following = client.subscription(FollowSelectedOrdersDocument, { orders }).subscribe(({ data, error }) => {
    events.push(error?.message ?? data?.selectedOrders.cancellation?.status);
  });
  await vi.waitFor(() => expect(events.length).toBeGreaterThan(0), patience);
  const variables = { orders: orders.slice(0, 1) };
  expect((await client.mutation(CancelSelectedOrdersDocument, variables)).error).toBeUndefined();

  await vi.waitFor(() => expect(statuses.at(-1)).toEqual(["CANCELLED", undefined]), patience);
  await vi.waitFor(() => expect(events).toContain("CANCELLED"), patience);
  following.unsubscribe();
  watching.unsubscribe();
  await webSocket.dispose();
});

it("Relay as the docs set it up: two orders of one id at two providers stay apart", () => {
  const unused = () => {
    throw new Error("not used");
  };
  const environment = createEnvironment(unused, unused);
  const field = (name: string) => ({ kind: "ScalarField", alias: null, args: null, name, storageKey: null });
  const linked = (name: string, concreteType: string, plural: boolean, selections: unknown[]) => ({
    ...field(name),
    kind: "LinkedField",
    concreteType,
    plural,
    selections,
  });
  const cancellation = linked("cancellation", "Cancellation", false, [field("status")]);
  const selections = [linked("selectedOrders", "Order", true, [field("provider"), field("id"), cancellation])];
  // What relay-compiler makes of a query.
  const request = {
    kind: "Request",
    fragment: { kind: "Fragment", name: "Screen", type: "Query", metadata: null, argumentDefinitions: [], selections },
    operation: { kind: "Operation", name: "Screen", argumentDefinitions: [], selections },
    params: { id: "Screen", cacheID: "Screen", name: "Screen", operationKind: "query", text: null, metadata: {} },
  } as unknown as ConcreteRequest;
  const operation = createOperationDescriptor(request, {});
  const selectedOrders = orders.map((order, index) => ({
    ...order,
    cancellation: { status: ["CANCELLED", "PENDING"][index] },
  }));

  environment.commitPayload(operation, { selectedOrders });

  expect(environment.lookup(operation.fragment).data).toEqual({ selectedOrders });
});
