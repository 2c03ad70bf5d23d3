import { afterAll, beforeAll, expect, it } from "vitest";
import { startApp } from "../../src/app.ts";
import { firstLook, type Simulators, startSimulators } from "../../src/simulators/simulators.ts";
import { post } from "../support/post.ts";
import { cancelOrders } from "../support/service.ts";

/** A ledger that has forgotten: a restored backup, or an order that was cancelled on the provider's dashboard. */
let simulators: Simulators;
beforeAll(async () => {
  simulators = await startSimulators({ minIntervalMs: 10 });
});
afterAll(() => simulators.close());

const providers = Object.keys(firstLook) as (keyof typeof firstLook)[];

it.each(providers)("%s: an order that is cancelled already is never said to stand", async (provider) => {
  expect(await cancelWithNewLedger(provider)).toMatchObject({ status: "CANCELLED" });
  expect(await cancelWithNewLedger(provider)).toMatchObject({ status: "CANCELLED" });
  const order = simulators.simulators.find((each) => each.provider === provider)?.orders;
  expect(order?.get(firstLook[provider].cancellable)?.state).toBe("cancelled");
});

async function cancelWithNewLedger(provider: keyof typeof firstLook) {
  const app = await startApp({
    ...simulators.settings,
    PORT: "0",
    DATABASE_URL: ":memory:",
    LOG_LEVEL: "silent",
    SANDBOX: "false",
    LOOKUP_DELAYS_MS: "50,50",
    CANCEL_WAIT_MS: "60000",
  });
  try {
    const ids = [firstLook[provider].cancellable];
    const { data } = await post(app.url, { query: cancelOrders, variables: { provider, ids } });
    return data.cancelOrders.orders[0].cancellation;
  } finally {
    await app.stop();
  }
}
