import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OrderKey } from "../../src/domain/cancellation.ts";
import { systemClock } from "../../src/domain/clock.ts";
import { openLedger } from "../../src/ledger/open.ts";
import { firstLook } from "../../src/simulators/simulators.ts";
import { type PgBouncer, pgbouncerPath, startPgBouncer } from "../support/pgbouncer.ts";
import { startService } from "../support/service.ts";
import { sharedPostgres } from "../support/shared-postgres.ts";

const found = existsSync(pgbouncerPath);

describe.skipIf(!found)(`behind PgBouncer in session mode${found ? "" : ` (skipped: no ${pgbouncerPath})`}`, () => {
  const closing: (() => Promise<void>)[] = [];
  let pgbouncer: PgBouncer;

  beforeAll(async () => {
    const postgres = await sharedPostgres();
    pgbouncer = await startPgBouncer(postgres.url());
    closing.push(pgbouncer.stop);
  });
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  it("an instance starts and cancels, and another one hears of it", async () => {
    const subgraph = await startService({ DATABASE_URL: pgbouncer.url });
    closing.push(subgraph.stop);
    const other = await openLedger({ kind: "postgres", url: pgbouncer.url }, systemClock, { leaseMs: 30_000 });
    closing.push(other.close);
    const heard = new Promise<OrderKey>((resolve) => other.onChange(resolve));

    const orderId = firstLook.ONRAMP.cancellable;
    const [order] = await subgraph.cancel("ONRAMP", [orderId]);

    expect(order?.cancellation?.status).toBe("CANCELLED");
    expect(await heard).toEqual({ provider: "ONRAMP", orderId });
    expect(await other.read([{ provider: "ONRAMP", orderId }])).toMatchObject([{ status: "CANCELLED" }]);
  });
});
