import { once } from "node:events";
import { connect } from "node:net";
import { expect, it } from "vitest";
import { post } from "../support/post.ts";
import { startServerProcess } from "../support/process.ts";
import { cancelOrders, startService } from "../support/service.ts";

/** A stop that waits for a connection waits for ten seconds and more; this one for a request of one second, and a sweep. */
const soonMs = 8000;

it("a stop waits for requests, and for no connection that has none", async () => {
  const service = await startService();
  const { hostname, port } = new URL(service.url);
  // Opened in advance, as browsers and pools do.
  const unused = connect(Number(port), hostname);
  await once(unused, "connect");
  service.simulator("TRONSAVE").faults(() => ({ kind: "delay", ms: 1000 }));

  const answer = service.ask(cancelOrders, { provider: "TRONSAVE", ids: ["5a4db0c50000000000000001"] });
  await expect.poll(service.sent).toBe(1);
  const started = performance.now();
  const [{ status, headers, data }] = await Promise.all([answer, service.stop()]);

  expect(performance.now() - started).toBeLessThan(soonMs);
  expect([status, headers.get("connection")]).toEqual([200, "close"]);
  expect(data.cancelOrders.orders[0].cancellation.status).toBe("CANCELLED");
  await expect.poll(() => unused.destroyed).toBe(true);
});

it("for DRAIN_DELAY_MS after SIGTERM the service is not ready, and takes requests", async () => {
  const server = await startServerProcess({ DRAIN_DELAY_MS: "600000" });
  server.child.kill("SIGTERM");
  await expect.poll(async () => (await fetch(server.at("/readyz"))).status).toBe(503);
  const { data } = await post(server.url, { query: "{ cancellationProviders { provider } }" });
  expect(data.cancellationProviders.length).toBeGreaterThan(0);
  await server.kill();
});
