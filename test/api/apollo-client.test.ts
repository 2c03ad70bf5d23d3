import { ApolloClient, type DocumentNode, gql, HttpLink, InMemoryCache, type TypedDocumentNode } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { createClient as createEventsClient } from "graphql-sse";
import { createClient as createWebSocketClient } from "graphql-ws";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import {
  canCancel,
  createClient,
  createFollower,
  followCancellations,
  ServerSentEventsLink,
  typePolicies,
} from "../../examples/apollo-client.ts";
import * as generated from "../../schema/generated/graphql.ts";
import {
  CancellationHistoryDocument,
  CancellationProvidersDocument,
  CancelOrdersDocument,
  CancelSelectedOrdersDocument,
  type OrderCancellationFragment,
  PollCancellationDocument,
  SelectedOrdersDocument,
} from "../../schema/generated/graphql.ts";
import persistedDocuments from "../../schema/generated/persisted-documents.json" with { type: "json" };
import { seeds } from "../../src/simulators/seeds.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type OrdersSubgraph, startOrdersSubgraph } from "../support/orders-subgraph.ts";
import { type ProviderName, type Service, startService } from "../support/service.ts";

/** A list on a screen, with what it shows and no more. */
const OrdersOnScreen: TypedDocumentNode<{ orders: OrderOnScreen[] }> = gql`
  query OrdersOnScreen {
    orders { provider id description cancellation { status problem { code message } } }
  }
`;

interface OrderOnScreen extends Pick<OrderCancellationFragment, "provider" | "id"> {
  description: string | null;
  cancellation: Pick<NonNullable<OrderCancellationFragment["cancellation"]>, "status" | "problem"> | null;
}

/** All that codegen made from schema/operations/. */
const operations = Object.values<DocumentNode>(generated).filter((document) => "__meta__" in document);

/** Two providers with an order of the same id among them. */
const [first = "", second = "", third = "", fourth = ""] = seeds.ONRAMP.open;
const shown = [
  ...[first, second, third].map((id) => ({ provider: "ONRAMP", id })),
  { provider: "KWIKPAISA", id: first },
  { provider: "SIXTH", id: first },
].map((key) => ({ ...key, description: "On screen", amount: "1", currency: "EUR", placedAt: "2026-11-20T09:30:00Z" }));

/** Conditions are waited for: a slow machine takes longer, and passes. */
const patience = { timeout: 40_000, interval: 20 };

let cancellations: Service;
let orders: OrdersSubgraph;
let gateway: Gateway;
let client: ApolloClient;

beforeAll(async () => {
  // When an answer was lost, the look-up comes later than the mutation waits: it answers PENDING on every machine.
  cancellations = await startService({ CANCEL_WAIT_MS: "3000", LOOKUP_DELAYS_MS: `3000${",1000".repeat(30)}` });
  orders = await startOrdersSubgraph(shown);
  gateway = await startGateway({
    subgraphs: { cancellations: cancellations.url, orders: orders.url },
    persistedDocuments,
  });
});
afterAll(async () => {
  await gateway?.stop();
  await orders?.stop();
  await cancellations?.stop();
});
beforeEach(() => {
  client = createClient(gateway.url);
  gateway.sent.length = 0;
});
afterEach(() => client.stop());

it("after the mutation the order on screen changes without a refetch, and no other order with it", async () => {
  const screen = await showOrders();
  await screen.shows(shown.map(({ provider, id }) => `${provider} ${id} null`));

  await client.mutate({ mutation: CancelOrdersDocument, variables: { provider: "ONRAMP", ids: [first, "404404"] } });

  await screen.shows([
    `ONRAMP ${first} CANCELLED`,
    ...shown.slice(1).map(({ provider, id }) => `${provider} ${id} null`),
  ]);
  expect(screen.fetches()).toBe(1);
});

it("behind a gateway without subscriptions it polls while PENDING: the order on screen changes when it is settled, and the polling ends", async () => {
  loseAnswersTo(second, () => pollsOf(second) > 1);
  const screen = await showOrders();
  await client.mutate({ mutation: CancelOrdersDocument, variables: { provider: "ONRAMP", ids: [second] } });
  await screen.shows(expect.arrayContaining([`ONRAMP ${second} PENDING`]));

  const polling = followCancellations(client, [{ provider: "ONRAMP", id: second }], 50);
  await vi.waitFor(() => expect(polling.closed).toBe(true), patience);

  await screen.shows(expect.arrayContaining([`ONRAMP ${second} CANCELLED`]));
  expect(screen.fetches()).toBe(1);
  expect(pollsOf(second)).toBeGreaterThan(1);
  // Nobody asks any more: only the list is still being watched.
  expect([...client.getObservableQueries()].map(({ queryName }) => queryName)).toEqual(["OrdersOnScreen"]);
});

it("a screen that is left takes its polling with it", async () => {
  loseAnswersTo(third);
  await client.mutate({ mutation: CancelOrdersDocument, variables: { provider: "ONRAMP", ids: [third] } });
  const polling = followCancellations(client, [{ provider: "ONRAMP", id: third }], 50);
  await vi.waitFor(() => expect(pollsOf(third)).toBeGreaterThan(0), patience);
  polling.unsubscribe();
  expect([...client.getObservableQueries()]).toEqual([]);
});

describe.each(["WebSocket", "server-sent events"])("with subscriptions by %s", (way) => {
  it("the orders on screen change without a poll, until one query confirms that they are settled", async () => {
    const webSocket = createWebSocketClient({ url: cancellations.url.replace("http", "ws"), webSocketImpl: WebSocket });
    const events = createEventsClient({ url: cancellations.url, retryAttempts: 0 });
    const stream = way === "WebSocket" ? new GraphQLWsLink(webSocket) : new ServerSentEventsLink(events);
    const subscribing = createClient(cancellations.url, stream);
    const id = `${way.length}${fourth}`;
    const orders = [
      { provider: "ONRAMP" as const, id },
      { provider: "KWIKPAISA" as const, id },
    ];
    for (const { provider } of orders) {
      cancellations.simulator(provider).add(id);
      loseAnswersTo(id, undefined, provider);
    }
    const variables = { orders };
    const seen: unknown[] = [];
    subscribing
      .watchQuery({ query: SelectedOrdersDocument, variables, fetchPolicy: "cache-only" })
      .subscribe(({ dataState, data }) => {
        if (dataState === "complete") seen.push(data.selectedOrders.map(({ cancellation }) => cancellation?.status));
      });
    await subscribing.mutate({ mutation: CancelSelectedOrdersDocument, variables });
    const following = followCancellations(subscribing, orders, 1_000_000);
    await vi.waitFor(() => expect(following.closed).toBe(true), patience);
    await vi.waitFor(() => expect(seen.at(-1)).toEqual(["CANCELLED", "CANCELLED"]), patience);
    subscribing.stop();
    await webSocket.dispose();
    events.dispose();
  });
});

it("a screen of many pending orders keeps one poll for all of them, and begins another only for an order that is new", async () => {
  const ids = ["1", "2", "3", "4", "5", "6", "7", "8"].map((end) => `77${end}`);
  const simulator = cancellations.simulator("KWIKPAISA");
  for (const id of ids) simulator.add(id);
  const orders = ids.map((id) => ({ provider: "KWIKPAISA" as const, id }));
  simulator.faults(({ operation }) => (operation === "cancel" ? { kind: "hang", effect: false } : undefined));
  await client.mutate({ mutation: CancelSelectedOrdersDocument, variables: { orders } });
  const follower = createFollower(client, 50);
  const asked = () => gateway.sent.filter(({ query }) => query.includes("selectedOrders"));

  follower.follow(orders.slice(0, 7));
  follower.follow(orders.slice(0, 3));
  await vi.waitFor(() => expect(asked().length).toBeGreaterThan(2), patience);
  expect(asked().every(({ variables }) => (variables.orders as unknown[]).length === 7)).toBe(true);
  follower.follow(orders);
  await vi.waitFor(() => expect(asked().at(-1)?.variables.orders).toEqual(orders), patience);

  follower.stop();
  simulator.faults(undefined);
  expect([...client.getObservableQueries()]).toEqual([]);
});

it("an order can be cancelled here if its provider is set up and not paused, and its type tells so", async () => {
  const { data } = await client.query({ query: CancellationProvidersDocument });
  const providers = data?.cancellationProviders ?? [];
  const orders: { provider: string; id: string }[] = shown;
  const keys: { provider: generated.OrderProvider; id: string }[] = orders.filter((each) => canCancel(each, providers));
  expect(keys.map(({ provider }) => provider)).toEqual(["ONRAMP", "ONRAMP", "ONRAMP", "KWIKPAISA"]);
  expect(canCancel({ provider: "toString" }, providers)).toBe(false);
  const [onramp] = providers.filter(({ provider }) => provider === "ONRAMP");
  if (!onramp) throw new Error("no ONRAMP");
  expect(canCancel({ provider: "ONRAMP" }, [{ ...onramp, configured: false }])).toBe(false);
  expect(canCancel({ provider: "ONRAMP" }, [{ ...onramp, paused: true }])).toBe(false);
});

it("a list, a poll and a history of one order share the cache: none takes from it what another shows", async () => {
  const screen = await showOrders();
  await client.mutate({ mutation: CancelOrdersDocument, variables: { provider: "ONRAMP", ids: [first] } });
  const variables = { provider: "ONRAMP", orderId: first } as const;
  await client.query({ query: CancellationHistoryDocument, variables });
  await client.query({ query: PollCancellationDocument, variables, fetchPolicy: "network-only" });

  const history = client.readQuery({ query: CancellationHistoryDocument, variables });
  expect(history?.cancellation?.history[0]?.kind).toBe("REQUESTED");
  expect(client.readQuery({ query: PollCancellationDocument, variables })).not.toBeNull();
  await screen.shows(expect.arrayContaining([`ONRAMP ${first} CANCELLED`]));
  expect(screen.fetches()).toBe(1);
});

it("every operation works by the hash that codegen gave it, without its text", async () => {
  const bodies: { query?: string; extensions: { persistedQuery: { sha256Hash: string } } }[] = [];
  const link = new PersistedQueryLink({ generateHash: (document) => hashOf(document) }).concat(
    new HttpLink({
      uri: gateway.url,
      fetch: (url, init) => {
        bodies.push(JSON.parse(String(init?.body)));
        return fetch(url, init);
      },
    }),
  );
  const terse = new ApolloClient({ link, cache: new InMemoryCache({ typePolicies }) });
  cancellations.simulator("KWIKPAISA").add(first);
  // Each takes what it has variables for.
  const orders = [{ provider: "KWIKPAISA", id: first }];
  const variables = {
    ...{ provider: "KWIKPAISA", orderId: first, id: first, text: first, ids: [first], orders },
    ...{ first: 5, canRead: true, paused: false, status: "CANCELLED", note: "The provider said so by telephone." },
  };

  const posted = operations.filter((document) => !isOperation(document, "subscription"));
  for (const document of posted) {
    const { data, error } = isOperation(document, "mutation")
      ? await terse.mutate<unknown>({ mutation: document, variables })
      : await terse.query<unknown>({ query: document, variables, fetchPolicy: "network-only" });
    expect({ data, error }).toEqual({ data: expect.any(Object), error: undefined });
  }

  expect(bodies.map(({ query }) => query)).toEqual(posted.map(() => undefined));
  const hashes = bodies.map(({ extensions }) => extensions.persistedQuery.sha256Hash);
  expect(hashes).toEqual(posted.map(hashOf));
  // The subscription's text, too, can be had for its hash.
  expect(Object.keys(persistedDocuments).toSorted()).toEqual(
    operations.map((each) => `sha256:${hashOf(each)}`).toSorted(),
  );
});

/** Watches the list as a component would. */
async function showOrders() {
  const list = client.watchQuery({ query: OrdersOnScreen });
  list.subscribe({});
  await vi.waitFor(() => expect(list.getCurrentResult().dataState).toBe("complete"), patience);
  const lines = () => {
    const { dataState, data } = list.getCurrentResult();
    const orders = dataState === "complete" ? data.orders : [];
    return orders.map(({ provider, id, cancellation }) => `${provider} ${id} ${cancellation?.status ?? null}`);
  };
  return {
    /** Waits for it: Apollo Client tells its watchers of a change in the cache by a timer. */
    shows: (expected: string[]) => vi.waitFor(() => expect(lines()).toEqual(expected), patience),
    fetches: () => gateway.sent.filter(({ subgraph }) => subgraph === "orders").length,
  };
}

/** The provider cancels, but its answer to the cancel does not arrive; look-ups fail until `canLookUp`. */
function loseAnswersTo(id: string, canLookUp: () => boolean = () => true, provider: ProviderName = "ONRAMP"): void {
  cancellations.simulator(provider).faults(({ operation, orderIds }) => {
    if (!orderIds.includes(id)) return undefined;
    if (operation === "cancel") return { kind: "reset", effect: true };
    return canLookUp() ? undefined : { kind: "status", status: 500, effect: false };
  });
}

function pollsOf(id: string): number {
  return gateway.sent.filter(({ variables }) => JSON.stringify(variables.orders)?.includes(`"${id}"`)).length;
}

/** Without its prefix, as Apollo's protocol has it. */
function hashOf(document: object): string {
  return (document as { __meta__: { hash: string } }).__meta__.hash.replace("sha256:", "");
}

function isOperation({ definitions }: DocumentNode, type: "mutation" | "subscription"): boolean {
  return definitions.some((each) => each.kind === "OperationDefinition" && each.operation === type);
}
