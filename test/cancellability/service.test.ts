import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ReceivedRequest } from "../../src/simulators/kit/simulator.ts";
import { firstLook } from "../../src/simulators/simulators.ts";
import { type ProviderName, type Service, startService } from "../support/service.ts";

const providers = ["FINPAY", "KWIKPAISA", "ONRAMP", "SMS4SATS", "TRONSAVE"] as const;
const fields = "provider id cancellability{state reason message checkedAt cancellableFrom cancellableUntil}";
const entities = `query($orders:[_Any!]!){_entities(representations:$orders){...on Order{${fields}}}}`;

interface Shown {
  state: string;
  reason: string | null;
  message: string | null;
  checkedAt: string | null;
  cancellableFrom: string | null;
  cancellableUntil: string | null;
}

interface Named {
  provider: string;
  id: string;
}

let service: Service;

async function standings(orders: readonly Named[]): Promise<(Shown | null)[]> {
  const representations = orders.map((order) => ({ __typename: "Order", ...order }));
  const { data, messages } = await service.ask<{ _entities: { cancellability: Shown | null }[] }>(entities, {
    orders: representations,
  });
  expect(messages).toEqual([]);
  return (data?._entities ?? []).map(({ cancellability }) => cancellability);
}

async function texts(orders: readonly Named[]): Promise<string[]> {
  return (await standings(orders)).map((standing) => (standing ? `${standing.state} ${standing.reason}` : "null"));
}

/** As a screen that looks again for what was not checked in time: on a slow machine, that may be so for any order. */
async function known(orders: readonly Named[]): Promise<string[]> {
  for (let looks = 1; ; looks += 1) {
    const told = await texts(orders);
    if (looks === 20 || !told.includes("UNKNOWN NOT_CHECKED")) return told;
  }
}

/** Adds open orders to the provider. */
function addOrders(provider: ProviderName, count: number, prefix = "7"): Named[] {
  const ids = Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(6, "0")}`);
  for (const id of ids) service.simulator(provider).add(id);
  return ids.map((id) => ({ provider, id }));
}

function received(provider: ProviderName, operation: ReceivedRequest["operation"]): readonly ReceivedRequest[] {
  return service.simulator(provider).received.filter((request) => request.operation === operation);
}

/** What the provider says of an open order: sms4sats' look-up shows a cancelled one just so. */
function openAt(provider: string): string {
  return provider === "SMS4SATS" ? "UNKNOWN OUTCOME_UNKNOWN" : "CANCELLABLE null";
}

describe("whether an order can still be cancelled", () => {
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.stop());

  it.each(providers)("%s: tells apart what its look-up tells apart", async (provider) => {
    const { cancellable, tooLate, unknown } = firstLook[provider];
    const nobodys = ["FINPAY", "KWIKPAISA"].includes(provider)
      ? "NOT_CANCELLABLE ORDER_NOT_FOUND"
      : "UNKNOWN OUTCOME_UNKNOWN";
    const all = [cancellable, tooLate, unknown].map((id) => ({ provider, id }));
    expect(await known(all)).toEqual([openAt(provider), "NOT_CANCELLABLE TOO_LATE", nobodys]);
  });

  it("SMS4SATS: a young order is NOT_YET, with the times of the provider's page", async () => {
    const createdAt = Date.now() - 30_000;
    service.simulator("SMS4SATS").add("young", { createdAt });
    const [standing] = await standings([{ provider: "SMS4SATS", id: "young" }]);
    expect(standing).toMatchObject({
      state: "NOT_YET",
      reason: "TOO_EARLY",
      message: "This order cannot be cancelled yet.",
    });
    const minutesAfter = (text: string | null | undefined) => (Date.parse(text ?? "") - createdAt) / 60_000;
    expect(minutesAfter(standing?.cancellableFrom)).toBeCloseTo(2, 0);
    expect(minutesAfter(standing?.cancellableUntil)).toBeCloseTo(21, 0);
  });

  it("ONRAMP: tells until when an order can be paid", async () => {
    const createdAt = Date.now();
    service.simulator("ONRAMP").add("6000", { createdAt });
    const [standing] = await standings([{ provider: "ONRAMP", id: "6000" }]);
    expect(standing?.state).toBe("CANCELLABLE");
    expect((Date.parse(standing?.cancellableUntil ?? "") - createdAt) / 60_000).toBeCloseTo(30, 0);
  });

  it("our own record answers first, and nothing is asked", async () => {
    const [order] = addOrders("ONRAMP", 1, "5");
    const { id = "" } = order ?? {};
    await service.cancel("ONRAMP", [id]);
    service.simulator("ONRAMP").forget();
    expect(await known([{ provider: "ONRAMP", id }])).toEqual(["NOT_CANCELLABLE ALREADY_CANCELLED"]);
    expect(received("ONRAMP", "lookup")).toEqual([]);
  });

  it("what the provider said before a cancel is forgotten when that is sent", async () => {
    const [order] = addOrders("KWIKPAISA", 1, "5");
    const asked = [{ provider: "KWIKPAISA", id: order?.id ?? "" }];
    expect(await known(asked)).toEqual(["CANCELLABLE null"]);
    await service.cancel("KWIKPAISA", [asked[0]?.id ?? ""]);
    expect(await known(asked)).toEqual(["NOT_CANCELLABLE ALREADY_CANCELLED"]);
  });

  it("is null for a provider of others, and NOT_CANCELLABLE for what is no id", async () => {
    expect(
      await texts([
        { provider: "SIXTH", id: "1" },
        { provider: "TRONSAVE", id: "a/b" },
        { provider: "TRONSAVE", id: " " },
      ]),
    ).toEqual(["null", "NOT_CANCELLABLE INVALID_ORDER_ID", "NOT_CANCELLABLE INVALID_ORDER_ID"]);
  });

  it("is known again for 15 s without asking, unless `maxAge` says otherwise", async () => {
    const [order] = addOrders("FINPAY", 1, "5");
    const query = (maxAge: number) =>
      service.ask(
        "query($o:[_Any!]!,$m:Int!){_entities(representations:$o){...on Order{cancellability(maxAge:$m){state}}}}",
        {
          o: [{ __typename: "Order", ...order }],
          m: maxAge,
        },
      );
    service.simulator("FINPAY").forget();
    await query(15);
    await query(15);
    expect(received("FINPAY", "lookup")).toHaveLength(1);
    await query(0);
    expect(received("FINPAY", "lookup")).toHaveLength(2);
    expect((await query(-1)).messages).toEqual(["maxAge: needs a whole number from 0 to 3600, got -1."]);
  });

  it("a mutation that was refused for good says so without asking", async () => {
    const { tooLate } = firstLook.FINPAY;
    await service.cancel("FINPAY", [tooLate]);
    service.simulator("FINPAY").forget();
    expect(await known([{ provider: "FINPAY", id: tooLate }])).toEqual(["NOT_CANCELLABLE TOO_LATE"]);
    expect(received("FINPAY", "lookup")).toEqual([]);
  });
});

describe("many readers", () => {
  beforeEach(async () => {
    service = await startService({ FINPAY_CONCURRENCY: "8" });
  });
  afterEach(() => service.stop());

  it.each([
    ["TRONSAVE", 1],
    ["FINPAY", 50],
    ["SMS4SATS", 50],
  ] as const)("%s: 50 orders in each of 20 requests at once are asked for in %d", async (provider, requests) => {
    const orders = addOrders(provider, 50);
    await Promise.all(Array.from({ length: 20 }, () => texts(orders)));
    expect(new Set(await known(orders))).toEqual(new Set([openAt(provider)]));
    expect(received(provider, "lookup")).toHaveLength(requests);
  });

  it("a request asks about 100 orders at the most: the rest is UNKNOWN, until it is asked for again", async () => {
    const orders = addOrders("TRONSAVE", 120);
    expect(await texts(orders)).toContain("UNKNOWN NOT_CHECKED");
    await expect.poll(() => received("TRONSAVE", "lookup").map(({ orderIds }) => orderIds.length)).toEqual([100]);
    expect(await known(orders)).toEqual(orders.map(() => "CANCELLABLE null"));
    expect(received("TRONSAVE", "lookup").map(({ orderIds }) => orderIds.length)).toEqual([100, 20]);
  });

  it("one id that the provider refuses together with the batch costs the others nothing but time", async () => {
    const orders = addOrders("TRONSAVE", 7);
    const all = [...orders.slice(0, 3), { provider: "TRONSAVE", id: "no.id" }, ...orders.slice(3)];
    await expect
      .poll(() => texts(all), { timeout: 20_000 })
      .toEqual([
        ...orders.slice(0, 3).map(() => "CANCELLABLE null"),
        "UNKNOWN OUTCOME_UNKNOWN",
        ...orders.slice(3).map(() => "CANCELLABLE null"),
      ]);
    service.simulator("TRONSAVE").forget();
    const [further] = addOrders("TRONSAVE", 1, "8");
    expect(await known([{ provider: "TRONSAVE", id: "no.id" }, further as Named])).toEqual([
      "UNKNOWN OUTCOME_UNKNOWN",
      "CANCELLABLE null",
    ]);
    expect(received("TRONSAVE", "lookup")).toHaveLength(1);
  });

  it("a provider that hangs: the list is there after 2.5 s, with UNKNOWN for its orders and the right state of all others", async () => {
    service
      .simulator("FINPAY")
      .faults(({ operation }) => (operation === "lookup" ? { kind: "hang", effect: false } : undefined));
    const orders = providers.map((provider) => addOrders(provider, 1)[0] as Named);
    const askedAt = performance.now();
    expect(await texts(orders)).toEqual(
      providers.map((provider) => (provider === "FINPAY" ? "UNKNOWN NOT_CHECKED" : openAt(provider))),
    );
    const tookMs = performance.now() - askedAt;
    expect(tookMs).toBeGreaterThan(2400);
    // 2.5 s, on a machine that is ten times slower.
    expect(tookMs).toBeLessThan(10_000);
  });
});

describe("a cancel beside readers", () => {
  afterEach(() => service.stop());

  it("takes the place of a look-up that hangs", async () => {
    service = await startService({ FINPAY_CONCURRENCY: "1", FINPAY_CANCEL_BODY: "never" });
    const orders = addOrders("FINPAY", 300);
    service
      .simulator("FINPAY")
      .faults(({ operation }) => (operation === "lookup" ? { kind: "hang", effect: false } : undefined));
    const readers = Promise.all([texts(orders.slice(0, 100)), texts(orders.slice(100, 200)), texts(orders.slice(200))]);
    await expect.poll(() => received("FINPAY", "lookup").length).toBe(1);
    const [cancelled] = await service.cancel("FINPAY", [orders[0]?.id ?? ""]);
    expect(cancelled?.cancellation?.status).toBe("CANCELLED");
    expect(
      (await readers).flat().every((text) => text === "UNKNOWN NOT_CHECKED" || text.startsWith("NOT_CANCELLABLE")),
    ).toBe(true);
  });

  it("TRONSAVE: leaves while tracking hangs, and so does the look-up that decides one, as soon as tracking is free", async () => {
    service = await startService({ PROVIDER_TIMEOUT_MS: "1000", LEASE_MS: "30000" });
    const orders = addOrders("TRONSAVE", 100);
    const simulator = service.simulator("TRONSAVE");
    let hangs = true;
    simulator.faults(({ operation }) =>
      operation === "lookup" && hangs ? { kind: "hang", effect: false } : undefined,
    );
    const readers = texts(orders);
    await expect.poll(() => received("TRONSAVE", "lookup").length).toBe(1);
    const [cancelled] = await service.cancel("TRONSAVE", [orders[0]?.id ?? ""]);
    expect(cancelled?.cancellation?.status).toBe("CANCELLED");
    expect(received("TRONSAVE", "lookup")[0]?.answeredAt).toBeUndefined();

    hangs = false;
    simulator.faults(({ operation }) => (operation === "cancel" ? { kind: "reset", effect: true } : undefined));
    const [looked] = await service.cancel("TRONSAVE", [orders[1]?.id ?? ""]);
    expect(looked?.cancellation?.status).toBe("CANCELLED");
    await readers;
    expect(simulator.limitViolations).toBe(0);
  });

  it("TRONSAVE with a joint limit: cancels and readers never break it together", async () => {
    service = await startService({}, { jointLimit: true });
    const orders = addOrders("TRONSAVE", 30);
    const reads = Promise.all(orders.map((order) => texts([order])));
    for (const { id } of orders.slice(0, 3)) await service.cancel("TRONSAVE", [id]);
    await reads;
    expect(service.simulator("TRONSAVE").limitViolations).toBe(0);
    expect(received("TRONSAVE", "cancel")).toHaveLength(3);
  });

  it("is not stopped by a 429 that a reader met, which stops the readers", async () => {
    service = await startService();
    const orders = addOrders("KWIKPAISA", 3);
    const busy = { kind: "status", status: 429, headers: { "retry-after": "600" }, effect: false } as const;
    service.simulator("KWIKPAISA").faults(({ operation }) => (operation === "lookup" ? busy : undefined));
    expect(await known(orders.slice(0, 1))).toEqual(["UNKNOWN PROVIDER_BUSY"]);
    service.simulator("KWIKPAISA").forget();
    expect(await texts(orders)).toEqual(orders.map(() => "UNKNOWN PROVIDER_BUSY"));
    expect(received("KWIKPAISA", "lookup")).toEqual([]);
    const [cancelled] = await service.cancel("KWIKPAISA", [orders[0]?.id ?? ""]);
    expect(cancelled?.cancellation?.status).toBe("CANCELLED");
  });

  it("goes on while the readers' circuit is open", async () => {
    service = await startService();
    const orders = addOrders("ONRAMP", 12);
    service
      .simulator("ONRAMP")
      .faults(({ operation }) => (operation === "lookup" ? { kind: "reset", effect: false } : undefined));
    const one = orders.slice(0, 1);
    await known(orders);
    await expect.poll(() => texts(one), { timeout: 20_000 }).toEqual(["UNKNOWN PROVIDER_UNAVAILABLE"]);
    service.simulator("ONRAMP").forget();
    await texts(one);
    expect(received("ONRAMP", "lookup")).toEqual([]);
    const [cancelled] = await service.cancel("ONRAMP", [orders[0]?.id ?? ""]);
    expect(cancelled?.cancellation?.status).toBe("CANCELLED");
  });
});
