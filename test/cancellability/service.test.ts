import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstLook } from "../../src/simulators/simulators.ts";
import { type Service, startService } from "../support/service.ts";

const providers = ["FINPAY", "KWIKPAISA", "ONRAMP", "SMS4SATS", "TRONSAVE"] as const;
const fields = "provider id cancellability{state reason message checkedAt cancellableFrom cancellableUntil}";
const entities = `query($orders:[_Any!]!){_entities(representations:$orders){...on Order{${fields}}}}`;

interface Shown {
  id: string;
  cancellability: { state: string; reason: string | null; checkedAt: string | null } | null;
}

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

async function standings(orders: readonly { provider: string; id: string }[], to = service) {
  const representations = orders.map((order) => ({ __typename: "Order", ...order }));
  const { data, messages } = await to.ask<{ _entities: Shown[] }>(entities, { orders: representations });
  expect(messages).toEqual([]);
  return (data?._entities ?? []).map(({ cancellability }) => cancellability);
}

describe("whether an order can still be cancelled", () => {
  it.each(providers)(
    "%s: an open order, one that is too late, and one that nobody knows are told apart as its look-up allows",
    async (provider) => {
      const { cancellable, tooLate, unknown } = firstLook[provider];
      const told = await standings([cancellable, tooLate, unknown].map((id) => ({ provider, id })));
      expect(told.map((standing) => `${standing?.state} ${standing?.reason}`)).toEqual([
        provider === "SMS4SATS" ? "UNKNOWN OUTCOME_UNKNOWN" : "CANCELLABLE null",
        "NOT_CANCELLABLE TOO_LATE",
        { FINPAY: "NOT_CANCELLABLE ORDER_NOT_FOUND", KWIKPAISA: "NOT_CANCELLABLE ORDER_NOT_FOUND" }[
          provider as string
        ] ?? (provider === "SMS4SATS" ? "UNKNOWN OUTCOME_UNKNOWN" : "UNKNOWN OUTCOME_UNKNOWN"),
      ]);
    },
  );
});
