import { print } from "graphql";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  CancellationHistoryDocument,
  CancellationListDocument,
  type CancellationListQueryVariables,
  RecheckCancellationsDocument,
  ResolveCancellationsDocument,
  SetProviderPausedDocument,
  ViewerDocument,
} from "../../schema/generated/graphql.ts";
import { type Issuer, startIssuer } from "../support/issuer.ts";
import { type ProviderName, type Service, startService } from "../support/service.ts";

let service: Service;
afterEach(() => service.stop());

/** The provider acts, or not, and answers nothing that can be read, until the look-ups run out. */
async function startUnconfirmed(
  orders: readonly { provider: ProviderName; id: string }[],
  { effect, ...settings }: { effect: boolean; [setting: string]: unknown },
): Promise<void> {
  service = await startService({ LOOKUP_DELAYS_MS: "10", ...(settings as Record<string, string>) });
  for (const { provider, id } of orders) {
    const simulator = service.simulator(provider);
    simulator.add(id);
    simulator.faults(() => ({ kind: "status", status: 500, effect }));
    expect((await service.cancel(provider, [id]))[0]?.cancellation?.status).toBe("UNCONFIRMED");
  }
  for (const { provider } of orders) {
    service.simulator(provider).faults(undefined);
    service.simulator(provider).forget();
  }
}

function operations(provider: ProviderName): string[] {
  return service.simulator(provider).received.map(({ operation }) => operation);
}

async function viewer(headers: Record<string, string> = {}) {
  const { data } = await service.ask(ViewerDocument, {}, headers);
  const { __typename, ...rest } = data?.viewer ?? { __typename: undefined };
  return rest;
}

async function recheck(orders: readonly { provider: ProviderName; id: string }[]) {
  const { data, messages } = await service.ask(RecheckCancellationsDocument, { orders: [...orders] });
  if (!data || messages.length > 0) throw new Error(messages.join(" "));
  return data.recheckCancellations;
}

const everywhere = [
  { provider: "ONRAMP", id: "7001" },
  { provider: "KWIKPAISA", id: "recheck-2" },
  { provider: "TRONSAVE", id: "a".repeat(24) },
] as const;

it("orders that were cancelled without an answer: CANCELLED after one look-up each, and no cancel is sent", async () => {
  await startUnconfirmed(everywhere, { effect: true });
  const { orders, problems } = await recheck(everywhere);
  expect(orders.map(({ provider, id }) => ({ provider, id }))).toEqual(everywhere);
  expect(orders.map(({ cancellation }) => cancellation?.status)).toEqual(everywhere.map(() => "CANCELLED"));
  expect(problems).toEqual([]);
  for (const { provider } of everywhere) expect(operations(provider)).toEqual(["lookup"]);
});

it("orders that are still open: UNCONFIRMED as before, with the look-up in the history, and no cancel is sent", async () => {
  await startUnconfirmed(everywhere, { effect: false });
  const before = await service.read("ONRAMP", "7001");
  const { orders } = await recheck(everywhere);
  expect(orders.map(({ cancellation }) => cancellation?.status)).toEqual(everywhere.map(() => "UNCONFIRMED"));
  expect(orders[0]?.cancellation).toMatchObject({ settledAt: before?.settledAt, attempts: before?.attempts });
  for (const { provider } of everywhere) expect(operations(provider)).toEqual(["lookup"]);
  const { data } = await service.ask(CancellationHistoryDocument, { provider: "ONRAMP", orderId: "7001" });
  const last = data?.cancellation?.history.at(-1);
  expect(last).toMatchObject({ kind: "LOOKED_UP", problemCode: null, httpStatus: 200 });
});

it("an order that is named twice: one look-up; orders that are not UNCONFIRMED, and one that was never asked for: answered as they stand, and nothing is sent", async () => {
  await startUnconfirmed([{ provider: "ONRAMP", id: "7001" }], { effect: true });
  const twice = await recheck(Array.from({ length: 2 }, () => ({ provider: "ONRAMP", id: "7001" })));
  expect(twice.orders.map(({ cancellation }) => cancellation?.status)).toEqual(["CANCELLED", "CANCELLED"]);
  expect(operations("ONRAMP")).toEqual(["lookup"]);
  service.simulator("ONRAMP").forget();
  const { orders, problems } = await recheck([
    { provider: "ONRAMP", id: "7001" },
    { provider: "ONRAMP", id: "7002" },
  ]);
  expect(orders.map(({ cancellation }) => cancellation?.status)).toEqual(["CANCELLED", undefined]);
  expect([problems, operations("ONRAMP")]).toEqual([[], []]);
});

it("several orders are resolved with one note; one that is not UNCONFIRMED is answered as it stands", async () => {
  await startUnconfirmed(everywhere.slice(0, 2), { effect: false });
  await service.cancel("ONRAMP", ["7009"]);
  const orders = [...everywhere.slice(0, 2), { provider: "ONRAMP" as const, id: "7009" }];
  const note = "Their support told me so.";
  const { data } = await service.ask(ResolveCancellationsDocument, { orders, status: "CANCELLED", note });
  const statuses = data?.resolveCancellations.orders.map(({ cancellation }) => cancellation?.status);
  expect(statuses).toEqual(["CANCELLED", "CANCELLED", "REJECTED"]);
  for (const { provider, id } of orders.slice(0, 2)) {
    const history = await service.ask(CancellationHistoryDocument, { provider, orderId: id });
    const resolved = history.data?.cancellation?.history.find(({ kind }) => kind === "RESOLVED");
    expect(resolved).toMatchObject({ note, status: "CANCELLED" });
  }
});

describe("who may", () => {
  let issuer: Issuer;
  beforeAll(async () => {
    issuer = await startIssuer();
  });
  afterAll(() => issuer.close());

  const order = [{ provider: "ONRAMP", id: "7001" }] as const;
  const all = ["orders:cancel", "cancellations:read", "cancellations:resolve", "providers:manage"];
  const operations: Readonly<Record<string, [scope: string, operation: string, variables?: unknown]>> = {
    list: ["cancellations:read", "{ cancellations { edges { cursor } } }"],
    counts: ["cancellations:read", "{ cancellationCounts { count } }"],
    rates: ["cancellations:read", "{ cancellationRates { count } }"],
    recheck: ["cancellations:resolve", print(RecheckCancellationsDocument), { orders: order }],
    resolve: [
      "cancellations:resolve",
      print(ResolveCancellationsDocument),
      { orders: order, status: "CANCELLED", note: "n" },
    ],
    pause: [
      "providers:manage",
      "mutation { setProviderPaused(provider: ONRAMP, paused: true) { provider { paused } } }",
    ],
  };

  it("each operation needs its scope: without it FORBIDDEN, without a token UNAUTHENTICATED, and nothing happens", async () => {
    service = await startService(issuer.settings);
    for (const [scope, operation, variables] of Object.values(operations)) {
      const others = await issuer.bearer({ scope: all.filter((each) => each !== scope).join(" ") });
      const answers = [await service.ask(operation, variables, others), await service.ask(operation, variables)];
      expect(answers.map(({ codes, data }) => [codes, data ?? null])).toEqual([
        [["FORBIDDEN"], null],
        [["UNAUTHENTICATED"], null],
      ]);
    }
    expect(service.sent()).toBe(0);
    const { data } = await service.ask("{ cancellationProviders { paused } }", {}, await issuer.bearer());
    expect(data.cancellationProviders.map((each: { paused: boolean }) => each.paused)).not.toContain(true);
    for (const [scope, operation, variables] of Object.values(operations)) {
      expect((await service.ask(operation, variables, await issuer.bearer({ scope }))).codes).toEqual([]);
    }
  });

  it("viewer tells what the caller may do, and which scopes its token lacks", async () => {
    service = await startService(issuer.settings);
    const reader = await issuer.bearer({ sub: "rita", scope: "cancellations:read" });
    expect(await viewer(reader)).toEqual({
      ...{ subject: "rita", canCancel: false, canRead: true, canResolve: false, canManage: false },
      missingScopes: ["orders:cancel", "cancellations:resolve", "providers:manage"],
    });
    expect((await service.ask(ViewerDocument)).codes).toEqual(["UNAUTHENTICATED"]);
  });
});

it("without tokens the viewer is nobody, who may all; in production only cancel", async () => {
  service = await startService();
  const everything = { canCancel: true, canRead: true, canResolve: true, canManage: true };
  expect(await viewer()).toEqual({ subject: null, ...everything, missingScopes: [] });
  await service.stop();
  service = await startService({ NODE_ENV: "production", AUTH: "none" });
  expect(await viewer()).toEqual({
    ...{ subject: null, canCancel: true, canRead: false, canResolve: false, canManage: false },
    missingScopes: ["cancellations:read", "cancellations:resolve", "providers:manage"],
  });
});

it("a paused provider is not asked: the order stays as it is, with the reason", async () => {
  await startUnconfirmed([{ provider: "ONRAMP", id: "7001" }], { effect: true });
  await service.ask(SetProviderPausedDocument, { provider: "ONRAMP", paused: true, reason: "they asked" });
  const { orders, problems } = await recheck([{ provider: "ONRAMP", id: "7001" }]);
  expect(orders[0]?.cancellation?.status).toBe("UNCONFIRMED");
  expect(problems).toMatchObject([{ order: { provider: "ONRAMP", id: "7001" }, code: "PROVIDER_PAUSED" }]);
  expect(operations("ONRAMP")).toEqual([]);
});

it("a provider that hangs: the request is answered within CANCEL_WAIT_MS, and what comes later is recorded", async () => {
  await startUnconfirmed([{ provider: "ONRAMP", id: "7001" }], { effect: true, CANCEL_WAIT_MS: "3000" });
  const answering = Promise.withResolvers<void>();
  service.simulator("ONRAMP").faults(() => ({ kind: "held", until: answering.promise }));
  const { orders, problems } = await recheck([{ provider: "ONRAMP", id: "7001" }]);
  expect([orders[0]?.cancellation?.status, problems[0]?.code]).toEqual(["UNCONFIRMED", "OUTCOME_UNKNOWN"]);
  answering.resolve();
  await expect.poll(async () => (await service.read("ONRAMP", "7001"))?.status).toBe("CANCELLED");
});

it("filters find orders by id, by request and by age; texts that no record can have find nothing", async () => {
  service = await startService();
  await service.ask(
    'mutation { a: cancelOrders(provider: ONRAMP, ids: ["1", "2"]) { orders { id } } b: cancelOrders(provider: FINPAY, ids: ["1"]) { orders { id } } }',
    {},
    { "x-request-id": "request-7" },
  );
  const list = async (variables: CancellationListQueryVariables) => {
    const { data, messages } = await service.ask(CancellationListDocument, variables);
    if (!data) throw new Error(messages.join(" "));
    return data.cancellations.edges.map(({ node }) => `${node.order.provider} ${node.order.id}`).toSorted();
  };
  expect(await list({ orderId: "1" })).toEqual(["FINPAY 1", "ONRAMP 1"]);
  expect(await list({ orderId: "1", provider: "ONRAMP" })).toEqual(["ONRAMP 1"]);
  expect(await list({ requestId: "request-7" })).toEqual(["FINPAY 1", "ONRAMP 1", "ONRAMP 2"]);
  expect(await list({ requestId: "request-7", provider: "FINPAY", order: "OLDEST_FIRST" })).toEqual(["FINPAY 1"]);
  expect(await list({ settledBefore: "2020-01-01T00:00:00Z" })).toEqual([]);
  expect(await list({ settledBefore: "9999-01-01T00:00:00Z", order: "OLDEST_FIRST" })).toHaveLength(3);
  for (const text of ["", "a\u0000", "\ud800", "x".repeat(10_000), "' or 1=1 --", "%"]) {
    expect(await list({ requestId: text })).toEqual([]);
    expect(await list({ requestedBy: text })).toEqual([]);
    expect(await list({ orderId: text })).toEqual([]);
  }
});
