import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, expect, it } from "vitest";
import { systemClock } from "../../src/domain/clock.ts";
import type { Ledger } from "../../src/domain/ledger.ts";
import { openLedger } from "../../src/ledger/open.ts";

/** What docs/deploy.md says about copies of an SQLite file that is in use. */
const folder = mkdtempSync(join(tmpdir(), "backup-"));
const open = (name: string) =>
  openLedger({ kind: "sqlite", path: join(folder, name) }, systemClock, { leaseMs: 30_000 });
const closing: Ledger[] = [];
afterEach(async () => {
  for (const ledger of closing.splice(0)) await ledger.close();
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each<[string, (shell: DatabaseSync, to: string) => unknown]>([
  [".backup", (shell, to) => backup(shell, to)],
  ["VACUUM INTO", (shell, to) => shell.exec(`vacuum into '${to}'`)],
])("a copy by %s while the service runs holds all that was accepted before, and opens as a ledger", async (_, copy) => {
  const ledger = await open("live.db");
  closing.push(ledger);
  const ask = (orderId: string) => ledger.open({ provider: "P", orderIds: [orderId], requestedBy: null, claim: 1 });
  await ask("before");
  const shell = new DatabaseSync(join(folder, "live.db"), { readOnly: true });
  await copy(shell, join(folder, "copy.db"));
  shell.close();
  // The copy did not end or disturb the service.
  await ask("after");

  const restored = await open("copy.db");
  closing.push(restored);
  const records = await restored.read(["before", "after"].map((orderId) => ({ provider: "P", orderId })));
  expect(records.map((record) => record?.status)).toEqual(["PENDING", undefined]);
  // What was leased to the process that made the copy is due at once.
  expect(await restored.claimDue("P", { limit: 9, held: [], takeOver: true })).toMatchObject([{ orderId: "before" }]);
});
