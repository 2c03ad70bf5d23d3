import { once } from "node:events";
import { connect } from "node:net";
import { expect, it, vi } from "vitest";
import { cancelOrders, startService } from "./support/service.ts";

/** What a stop takes besides the requests that it waits for: the half second for those on their way, and a sweep. */
const besidesMs = 1500;

it("a stop waits for requests, and for no connection that has none", async () => {
  const service = await startService();
  const { hostname, port } = new URL(service.url);
  // Opened in advance, as browsers and pools do.
  const unused = connect(Number(port), hostname);
  await once(unused, "connect");
  const tronsave = service.simulators.simulators.find(({ provider }) => provider === "TRONSAVE");
  tronsave?.faults(() => ({ kind: "delay", ms: 1000 }));

  const answer = service.ask(cancelOrders, { provider: "TRONSAVE", ids: ["5a4db0c50000000000000001"] });
  await vi.waitFor(() => expect(service.sent()).toBe(1));
  const started = performance.now();
  const [{ status, headers, data }] = await Promise.all([answer, service.stop()]);

  expect(performance.now() - started).toBeLessThan(1000 + besidesMs);
  expect([status, headers.get("connection")]).toEqual([200, "close"]);
  expect(data.cancelOrders.orders[0].cancellation.status).toBe("CANCELLED");
  await vi.waitFor(() => expect(unused.destroyed).toBe(true));
});
