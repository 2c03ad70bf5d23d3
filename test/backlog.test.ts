import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { openLedger } from "../src/ledger/open.ts";
import { type Subgraph, startSubgraph } from "./support/subgraph.ts";

const folder = mkdtempSync(join(tmpdir(), "backlog-"));
let subgraph: Subgraph;
afterEach(async () => {
  await subgraph.stop();
  rmSync(folder, { recursive: true });
});

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

  subgraph = await startSubgraph({ DATABASE_URL: `file:${path}`, ONRAMP_CONCURRENCY: "2" });
  const onramp = subgraph.simulator("ONRAMP");
  onramp.faults(() => ({ kind: "delay", ms: 15 }));
  for (const id of [...left, "60000"]) onramp.add(id);
  const [order] = await subgraph.cancel("ONRAMP", ["60000"]);

  expect(order?.cancellation?.status).toBe("CANCELLED");
  expect(onramp.received.length).toBeLessThan(60);
  await expect.poll(() => onramp.received.length).toBe(left.length + 1);
  const sent = onramp.received.flatMap(({ orderIds }) => orderIds).filter((id) => id !== "60000");
  // Two at a time: neighbours may overtake each other on the way.
  for (const [index, id] of sent.entries()) expect(Math.abs(left.indexOf(id) - index)).toBeLessThan(4);
});
