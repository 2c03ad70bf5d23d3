import { afterEach, expect, it } from "vitest";
import {
  CancellationHistoryDocument,
  RecheckCancellationsDocument,
  ResolveCancellationsDocument,
} from "../../schema/generated/graphql.ts";
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

it("orders that are not UNCONFIRMED, and one that was never asked for: answered as they stand, and nothing is sent", async () => {
  await startUnconfirmed([{ provider: "ONRAMP", id: "7001" }], { effect: true });
  await recheck([{ provider: "ONRAMP", id: "7001" }]);
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
