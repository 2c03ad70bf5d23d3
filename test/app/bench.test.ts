import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { measureBatching } from "../bench/batching.ts";
import { measureCancels } from "../bench/cancels.ts";
import { contenders, measureReads } from "../bench/reads.ts";
import { measureSizes } from "../bench/sizes.ts";
import { batchingTable, cancelsTable, readsTable, sizesTable } from "../bench/tables.ts";

/** The code of `npm run bench`, with tiny numbers: that it runs, and that all contenders give the same answers. No figure counts. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bench-smoke-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

it("reads: each contender answers the same", async () => {
  const load = { connections: 2, seconds: 0.05, warmUpSeconds: 0, rounds: 1 };
  const rates = await measureReads({ ...load, path: join(folder, "reads.db"), references: [1, 3] });
  expect([...rates].map(([references, each]) => [references, [...each.keys()]])).toEqual([
    [1, contenders],
    [3, contenders],
  ]);
  for (const name of contenders) expect(readsTable(rates)).toMatch(new RegExp(`\\| ${name} \\| .*[1-9]`));
});

it("cancels: every order is cancelled on both stores, and statements and commits are counted", async () => {
  const measured = await measureCancels({ folder, orders: 3, parallel: 2, rounds: 1, alone: 2 });
  expect(measured.map(({ store }) => store)).toEqual(["SQLite", "PostgreSQL"]);
  for (const { statements, commits } of measured) {
    expect(commits).toBeGreaterThan(0);
    expect(statements).toBeGreaterThan(commits);
  }
  expect(cancelsTable(measured)).toContain("| PostgreSQL |");
});

it("batching: all orders are cancelled, and the requests are counted", async () => {
  const batching = await measureBatching({ folder, orders: 5, minIntervalMs: 50 });
  expect(batching.requests).toBeGreaterThan(0);
  expect(batching.requests).toBeLessThanOrEqual(5);
  expect(batchingTable(batching)).toContain("5 mutations");
});

it("sizes: a ledger of this size is started and read", async () => {
  const sizes = await measureSizes({ folder, orders: [200], rounds: 1 });
  expect(sizes.map(({ orders }) => orders)).toEqual([200]);
  expect(sizesTable(sizes)).toMatch(/\| 200 \| \d/);
});
