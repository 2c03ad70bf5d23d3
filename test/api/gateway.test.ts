import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { Ledger } from "../../src/domain/ledger.ts";
import { seeds } from "../../src/simulators/seeds.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type CustomerOrder, type OrdersSubgraph, startOrdersSubgraph } from "../support/orders-subgraph.ts";
import { type ProviderName, type Service, startService } from "../support/service.ts";

/** How many records each read of the ledger asked for. */
const ledgerReads = vi.hoisted(() => [] as number[]);
vi.mock(import("../../src/ledger/open.ts"), async (importOriginal) => {
  const { openLedger } = await importOriginal();
  return { openLedger: async (...given) => countingReads(await openLedger(...given)) };
});

const providers = Object.keys(seeds) as ProviderName[];

/** A provider this graph knows nothing of. */
const foreign = customerOrder("SOMEBODY_ELSE", "6-1");
/** 100 orders: some are cancelled, most were never asked to be. */
const onScreen = [
  foreign,
  ...providers.flatMap((provider) => seeds[provider].open.map((id) => customerOrder(provider, id))),
  ...Array.from({ length: 68 }, (_, index) => customerOrder("TRONSAVE", `never-cancelled-${index}`)),
].slice(0, 100);

let cancellations: Service;
let orders: OrdersSubgraph;
let gateway: Gateway;

beforeAll(async () => {
  cancellations = await startService();
  orders = await startOrdersSubgraph(onScreen);
  gateway = await startGateway({ subgraphs: { cancellations: cancellations.url, orders: orders.url } });
});
afterAll(async () => {
  await gateway?.stop();
  await orders?.stop();
  await cancellations?.stop();
});
beforeEach(() => {
  gateway.sent.length = 0;
});

const joined = "orders(first: 100) { provider id description amount cancellation { status order { id } } }";
const cancel = `mutation ($provider: OrderProvider!, $ids: [ID!]!) {
  cancelOrders(provider: $provider, ids: $ids) {
    orders { provider id description amount currency placedAt cancellation { status problem { code } } }
  }
}`;

it("a mutation returns orders with the fields of both subgraphs", async () => {
  for (const provider of providers) {
    gateway.sent.length = 0;
    const ids = [...seeds[provider].open];
    const { data, messages } = await gateway.ask(cancel, { provider, ids });

    expect(messages).toEqual([]);
    expect(data).toEqual({
      cancelOrders: {
        orders: ids.map((id) => ({
          ...customerOrder(provider, id),
          cancellation: { status: "CANCELLED", problem: null },
        })),
      },
    });
    expect(gateway.sent.map(({ subgraph }) => subgraph)).toEqual(["cancellations", "orders"]);
  }
});

it("an order that the other subgraph does not know still says how its cancel went", async () => {
  const { data, messages } = await gateway.ask(cancel, { provider: "ONRAMP", ids: ["404404"] });

  expect(messages).toEqual([]);
  const absent = { description: null, amount: null, currency: null, placedAt: null };
  const cancellation = { status: "REJECTED", problem: { code: "ORDER_NOT_FOUND" } };
  expect(data).toEqual({ cancelOrders: { orders: [{ provider: "ONRAMP", id: "404404", ...absent, cancellation }] } });
});

it("100 orders join their cancellations with one _entities call and one read of the ledger", async () => {
  await Promise.all(providers.map((provider) => gateway.ask(cancel, { provider, ids: [...seeds[provider].open] })));
  gateway.sent.length = 0;
  ledgerReads.length = 0;
  const { data, messages } = await gateway.ask<{ orders: unknown[] }>(`{ ${joined} }`);

  expect(messages).toEqual([]);
  expect(data?.orders).toEqual(
    onScreen.map(({ provider, id, description, amount }) => ({
      ...{ provider, id, description, amount },
      cancellation: isSeeded(provider, id) ? { status: "CANCELLED", order: { id } } : null,
    })),
  );
  expect(data?.orders).toHaveLength(100);
  expect(gateway.sent.map(({ subgraph }) => subgraph)).toEqual(["orders", "cancellations"]);
  expect(gateway.sent[1]?.query).toContain("_entities(");
  expect(gateway.sent[1]?.variables.representations).toHaveLength(100);
  expect(ledgerReads).toHaveLength(1);
});

it("an order of a sixth provider has no cancellation, which is no error", async () => {
  const { data, messages } = await gateway.ask(`{ orders(first: 1) { provider id amount cancellation { status } } }`);
  expect(messages).toEqual([]);
  expect(data).toEqual({
    orders: [{ provider: "SOMEBODY_ELSE", id: "6-1", amount: foreign.amount, cancellation: null }],
  });
});

it("errors of the request as a whole keep their code on the way through", async () => {
  const { messages, codes } = await gateway.ask(cancel, { provider: "FINPAY", ids: ["ok", ""] });
  expect(messages).toEqual([expect.stringContaining("ids[1] is empty")]);
  expect(codes).toEqual(["BAD_USER_INPUT"]);
});

function customerOrder(provider: string, id: string): CustomerOrder {
  return {
    ...{ provider, id, description: `Order ${id} at ${provider}`, amount: `${id.length}.50`, currency: "EUR" },
    placedAt: "2026-11-20T09:30:00.000Z",
  };
}

function isSeeded(provider: string, id: string): boolean {
  return provider !== foreign.provider && seeds[provider as ProviderName].open.includes(id);
}

function countingReads(ledger: Ledger): Ledger {
  return {
    ...ledger,
    read: (keys) => {
      ledgerReads.push(keys.length);
      return ledger.read(keys);
    },
  };
}
