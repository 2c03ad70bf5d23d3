import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { openLedger } from "../../src/ledger/open.ts";
import { answeredTransition } from "../support/claims.ts";
import { createTestClock } from "../support/clock.ts";
import { type Service, startService } from "../support/service.ts";

const folder = mkdtempSync(join(tmpdir(), "retention-"));
const day = 24 * 60 * 60 * 1000;
let service: Service;
afterEach(async () => {
  await service.stop();
  rmSync(folder, { recursive: true, force: true });
});

it("with RETENTION_DAYS the service deletes what was settled before, counts it, and keeps what is PENDING", async () => {
  const path = join(folder, "old.db");
  await recordBefore(Date.now() - 3 * day, path);
  service = await startService({ DATABASE_URL: `file:${path}`, RETENTION_DAYS: "2", ONRAMP_PAUSED: "true" });
  await expect.poll(() => service.read("ONRAMP", "settled")).toBeUndefined();
  expect(await service.read("ONRAMP", "waiting")).toMatchObject({ status: "PENDING" });
  const scrape = async () => (await fetch(service.url.replace("/graphql", "/metrics"))).text();
  await expect.poll(scrape).toContain("order_cancellation_deleted_total 1\n");
  const told = () => service.lines.map((line) => JSON.parse(line)).filter(({ event }) => event === "deleted");
  await expect.poll(told).toMatchObject([{ records: 1 }]);
});

/** One order that was cancelled at that time, and one that still waits. */
async function recordBefore(at: number, path: string): Promise<void> {
  const ledger = await openLedger({ kind: "sqlite", path }, createTestClock(at), { leaseMs: 30_000 });
  const open = (orderId: string) =>
    ledger.open({ provider: "ONRAMP", orderIds: [orderId], requestedBy: null, claim: 1 });
  const rest = { nextAction: "cancel", delayMs: null, inDoubt: false, retries: 0, lookups: 0, watchedMs: 0 } as const;
  const { claims } = await open("settled");
  const cancelled = { status: "CANCELLED", problem: null, ...rest, maxBatch: null } as const;
  await ledger.write((await ledger.markSent(claims)).map((claim) => answeredTransition(claim, cancelled)));
  await open("waiting");
  await ledger.close();
}
