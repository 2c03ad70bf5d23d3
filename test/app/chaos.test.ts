import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSimulators } from "../../src/simulators/simulators.ts";
import { type ChaosOptions, runChaos } from "../chaos/chaos.ts";
import { type ChaosDatabase, postgresDatabase, sqliteDatabase } from "../chaos/database.ts";
import { nothingBroken } from "../chaos/report.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";

/** Short runs of `npm run chaos`. A file of its own: while these wait, others work. */
const folder = mkdtempSync(join(tmpdir(), "chaos-"));
let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true });
});

const sqlite = async () => sqliteDatabase(join(folder, `${randomUUID()}.db`));

/** They wait much more than they work: side by side. */
describe.concurrent("under load, with faulty providers, every guarantee holds", () => {
  it.each<[string, () => Promise<ChaosDatabase>, Omit<ChaosOptions, "database">]>([
    ["one instance on SQLite is killed", sqlite, { rounds: 4, instances: 1, seed: 7, disturb: ["kill"] }],
    [
      "two instances on PostgreSQL are killed",
      () => postgresDatabase(postgres, "chaos"),
      { rounds: 3, instances: 2, seed: 8, disturb: ["kill", "greedy"] },
    ],
    ["the clock of one instance jumps", sqlite, { rounds: 3, instances: 1, seed: 9, disturb: ["clock"] }],
  ])(
    "%s",
    async (_name, open, options) => {
      const database = await open();
      const report = await runChaos(startSimulators, { ...options, database }).finally(database.close);
      expect(report.failures).toEqual([]);
      expect(report).toMatchObject(nothingBroken);
      expect(report.answersReceived).toBeGreaterThan(0);
      expect(report.statuses.CANCELLED).toBeGreaterThan(0);
    },
    600_000,
  );
});
