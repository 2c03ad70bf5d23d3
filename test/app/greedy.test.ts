import { afterEach, describe, expect, it } from "vitest";
import type { ReceivedRequest, Simulator } from "../../src/simulators/kit/simulator.ts";
import { cancelOrders, type ProviderName, type Service, startService } from "../support/service.ts";
import { sharedPostgres } from "../support/shared-postgres.ts";

/** Real requests of a caller who asks for much, or for what the provider does not like. What do the others notice? */
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe("behind thousands of orders of one caller", () => {
  it("TRONSAVE: another's single order leaves with the next request or the one after", async () => {
    const service = await start({ CANCEL_WAIT_MS: "0" }, { minIntervalMs: 500 });
    const tronsave = service.simulator("TRONSAVE");
    for (let request = 0; request < 5; request += 1) await ask(service, "TRONSAVE", idsOf(`greedy${request}`, 500));
    await ask(service, "TRONSAVE", ["single"]);
    const recorded = cancelsAt(tronsave).length;
    await expect.poll(() => indexOf(tronsave, "single")).toBeGreaterThanOrEqual(0);
    expect(indexOf(tronsave, "single")).toBeLessThanOrEqual(recorded + 1);
  });

  it("SMS4SATS, one request for each order: another's single order is among the next that leave", async () => {
    const service = await start({ CANCEL_WAIT_MS: "0", SMS4SATS_CONCURRENCY: "2" });
    const sms4sats = service.simulator("SMS4SATS");
    sms4sats.faults(() => ({ kind: "delay", ms: 20 }));
    for (let request = 0; request < 5; request += 1) await ask(service, "SMS4SATS", idsOf(`greedy${request}`, 500));
    await ask(service, "SMS4SATS", ["single"]);
    const recorded = cancelsAt(sms4sats).length;
    await expect.poll(() => indexOf(sms4sats, "single")).toBeGreaterThanOrEqual(0);
    // Two that were claimed before it, one for each of the five requests before, and two that overtake it on the way.
    expect(indexOf(sms4sats, "single")).toBeLessThanOrEqual(recorded + 9);
  });
});

describe("beside a hundred ids that Tronsave refuses together with their batch", () => {
  const bad = Array.from({ length: 100 }, (_, index) => `bad id ${index}`);

  it("a good order leaves with the next request or the one after, and each bad id is asked about alone once", async () => {
    const service = await start({ CANCEL_WAIT_MS: "0" }, { minIntervalMs: 10 });
    const tronsave = service.simulator("TRONSAVE");
    tronsave.add("good");
    await ask(service, "TRONSAVE", bad);
    await expect.poll(() => tronsave.received.length).toBeGreaterThan(5);
    await ask(service, "TRONSAVE", ["good"]);
    const recorded = cancelsAt(tronsave).length;
    await expect.poll(() => statusOf(service, "good")).toBe("CANCELLED");
    expect(indexOf(tronsave, "good")).toBeLessThanOrEqual(recorded + 1);
    for (const id of bad) await expect.poll(() => statusOf(service, id)).toBe("REJECTED");
    const alone = tronsave.received.flatMap(({ orderIds }) => (orderIds.length === 1 ? orderIds : []));
    expect(alone.filter((id) => id !== "good").toSorted()).toEqual(bad.toSorted());
  });

  it("asked for again, they do not spoil a batch again", async () => {
    const service = await start({}, { minIntervalMs: 10 });
    const tronsave = service.simulator("TRONSAVE");
    for (const id of idsOf("good", 10)) tronsave.add(id);
    await service.cancel("TRONSAVE", bad.slice(0, 4));
    tronsave.forget();
    await service.cancel("TRONSAVE", [...bad.slice(0, 4), ...idsOf("good", 10)]);
    expect(tronsave.received.map(({ orderIds }) => orderIds.length).toSorted((a, b) => b - a)).toEqual([
      10, 1, 1, 1, 1,
    ]);
  });

  it("while good orders wait, the bad ones get at most every other request", async () => {
    const service = await start({ CANCEL_WAIT_MS: "0", TRONSAVE_MAX_BATCH_SIZE: "5" }, { minIntervalMs: 10 });
    const { received } = service.simulator("TRONSAVE");
    const askedAbout = () => received.flatMap(({ orderIds }) => orderIds);
    await ask(service, "TRONSAVE", bad);
    await expect.poll(askedAbout).toEqual(expect.arrayContaining(bad));
    await ask(service, "TRONSAVE", idsOf("good", 100));
    await expect.poll(askedAbout).toEqual(expect.arrayContaining(idsOf("good", 100)));
    // Look-ups have a slot of their own.
    const cancels = received.filter(({ operation }) => operation === "cancel");
    const meanwhile = cancels.slice(cancels.findIndex(isGood), cancels.findLastIndex(isGood) + 1);
    const good = meanwhile.filter(isGood).length;
    // Requests may overtake each other on the way, so the order in which they arrive says nothing.
    expect(meanwhile.length - good).toBeGreaterThan(good / 2);
    expect(meanwhile.length - good).toBeLessThan(good * 1.5);
  });

  const isGood = ({ orderIds }: ReceivedRequest) => orderIds.some((id) => id.startsWith("good"));
});

it("beside orders that the provider answers with 500 every time, all others are cancelled", async () => {
  const service = await start();
  const onramp = service.simulator("ONRAMP");
  const [bad, good] = [numbers(1000, 20), numbers(5000, 45)];
  for (const id of [...bad, ...good]) onramp.add(id);
  onramp.faults(({ orderIds }) =>
    orderIds.some((id) => bad.includes(id)) ? { kind: "status", status: 500, effect: false } : undefined,
  );
  void ask(service, "ONRAMP", bad);
  const statuses = (await service.cancel("ONRAMP", good)).map(({ cancellation }) => cancellation?.status);
  expect(new Set(statuses)).toEqual(new Set(["CANCELLED"]));
});

describe("on PostgreSQL", () => {
  const database = async () => (await sharedPostgres()).url();

  it("the orders of two instances leave together", async () => {
    const DATABASE_URL = await database();
    const first = await start({ DATABASE_URL, CANCEL_WAIT_MS: "0" }, { minIntervalMs: 1500 });
    const { settings } = first.simulators;
    const second = await start({ DATABASE_URL, CANCEL_WAIT_MS: "0", ...settings });
    const cancels = () => cancelsAt(first.simulator("TRONSAVE"));
    await ask(first, "TRONSAVE", ["takes the slot"]);
    await expect.poll(() => cancels().length).toBe(1);
    await Promise.all([ask(first, "TRONSAVE", idsOf("a", 10)), ask(second, "TRONSAVE", idsOf("b", 10))]);
    await expect.poll(() => cancels().length).toBe(2);
    expect(cancels()[1]?.orderIds.toSorted()).toEqual([...idsOf("a", 10), ...idsOf("b", 10)].toSorted());
  });

  it("hundreds of mutations at once are all recorded", async () => {
    const service = await start({ DATABASE_URL: await database() }, { minIntervalMs: 10 });
    const answers = await Promise.all(idsOf("order", 400).map((id) => ask(service, "TRONSAVE", [id])));
    expect(answers.flatMap(({ codes }) => codes)).toEqual([]);
  });
});

async function start(...options: Parameters<typeof startService>): Promise<Service> {
  const service = await startService(...options);
  closing.push(service.stop);
  return service;
}

function ask(service: Service, provider: ProviderName, ids: string[]) {
  return service.ask(cancelOrders, { provider, ids });
}

async function statusOf(service: Service, id: string) {
  return (await service.read("TRONSAVE", id))?.status;
}

/** Look-ups have a limit of their own. */
function cancelsAt({ received }: Simulator): readonly ReceivedRequest[] {
  return received.filter(({ operation }) => operation === "cancel");
}

function indexOf(simulator: Simulator, id: string): number {
  return cancelsAt(simulator).findIndex(({ orderIds }) => orderIds.includes(id));
}

function idsOf(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name}-${index}`);
}

function numbers(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(from + index));
}
