import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measureBatching } from "./batching.ts";
import { measureCancels } from "./cancels.ts";
import { measureCommits } from "./commits.ts";
import { measureLists } from "./lists.ts";
import { measureReads } from "./reads.ts";
import { measureSizes } from "./sizes.ts";
import { batchingTable, cancelsTable, commitsTable, listsTable, readsTable, sizesTable } from "./tables.ts";

/**
 * `npm run bench [-- --only reads,cancels,commits,batching,lists,sizes]`: what the service costs, each figure beside a peer of the same run. Every
 * server is a process of its own. Figures of shared machines are worth their ratio, not their size.
 */
const parts: Readonly<Record<string, (folder: string) => Promise<string>>> = {
  reads: async (folder) =>
    readsTable(
      await measureReads({
        path: join(folder, "reads.db"),
        references: [1, 50, 500],
        rounds: 9,
        seconds: 0.5,
        warmUpSeconds: 10,
        connections: 32,
      }),
    ),
  cancels: async (folder) =>
    cancelsTable(await measureCancels({ folder, orders: 1000, parallel: 64, rounds: 3, alone: 500 })),
  commits: async () => commitsTable(await measureCommits({ writers: [8, 32, 128], commitMs: [0, 5], seconds: 1.5 })),
  batching: async (folder) => batchingTable(await measureBatching({ folder, orders: 300, minIntervalMs: 2000 })),
  lists: async (folder) => listsTable(await measureLists({ folder, orders: 10_000_000, rounds: 20 })),
  sizes: async (folder) => sizesTable(await measureSizes({ folder, orders: [0, 1_000_000, 10_000_000], rounds: 100 })),
};

const only = process.argv[process.argv.indexOf("--only") + 1]?.split(",").filter((name) => name in parts);
const folder = mkdtempSync(join(tmpdir(), "bench-"));
const lock = await takeLock();
try {
  for (const [name, measure] of Object.entries(parts)) {
    if (only?.length && !only.includes(name)) continue;
    console.log(`${await measure(folder)}\n`);
  }
} finally {
  lock.close();
  rmSync(folder, { recursive: true });
}

/** Two runs at once would measure each other. The port is held for as long as this one lasts. */
async function takeLock() {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", () => reject(new Error("another bench runs on this machine")));
    server.listen(47_291, "127.0.0.1", resolve);
  });
  return server;
}
