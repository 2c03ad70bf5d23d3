import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { openLedger } from "../../src/ledger/open.ts";
import { type Service, startService } from "../support/service.ts";

const folder = mkdtempSync(join(tmpdir(), "backlog-"));
let subgraph: Service;
afterEach(async () => {
  await subgraph.stop();
  rmSync(folder, { recursive: true });
});

/** For answers that are held until the test says so. */
const patient = { PROVIDER_TIMEOUT_MS: "60000", LEASE_MS: "90000" };

it("what an earlier process left is finished oldest first, and new requests do not wait for it", async () => {
  const path = join(folder, "cancellations.db");
  const left = Array.from({ length: 120 }, (_, index) => String(50_000 + index));
  let now = Date.now() - 60_000;
  const ledger = await openLedger(
    { kind: "sqlite", path },
    { now: () => now++, elapsed: () => now },
    { leaseMs: 1000 },
  );
  for (const orderId of left) {
    await ledger.open({ provider: "ONRAMP", orderIds: [orderId], requestedBy: null, claim: 1 });
  }
  await ledger.close();

  subgraph = await startService({ DATABASE_URL: `file:${path}`, ONRAMP_CONCURRENCY: "2", ...patient });
  const onramp = subgraph.simulator("ONRAMP");
  const recorded = Promise.withResolvers<void>();
  onramp.faults(() => ({ kind: "held", until: recorded.promise }));
  for (const id of [...left, "60000"]) onramp.add(id);
  const asking = subgraph.cancel("ONRAMP", ["60000"]);
  await expect.poll(() => subgraph.read("ONRAMP", "60000")).toMatchObject({ status: "PENDING" });
  recorded.resolve();
  onramp.faults(() => ({ kind: "delay", ms: 15 }));
  const [order] = await asking;

  expect(order?.cancellation?.status).toBe("CANCELLED");
  expect(onramp.received.length).toBeLessThan(60);
  await expect.poll(() => onramp.received.length).toBe(left.length + 1);
  const sent = onramp.received.flatMap(({ orderIds }) => orderIds).filter((id) => id !== "60000");
  // Two at a time: neighbours may overtake each other on the way.
  for (const [index, id] of sent.entries()) expect(Math.abs(left.indexOf(id) - index)).toBeLessThan(4);
});
