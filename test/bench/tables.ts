import type { Batching } from "./batching.ts";
import type { Cancels } from "./cancels.ts";
import type { Commits } from "./commits.ts";
import type { ListTime } from "./lists.ts";
import type { measureReads } from "./reads.ts";
import type { Size } from "./sizes.ts";

/** Ratios above 1: the service answers more than that contender. */
export function readsTable(rates: Awaited<ReturnType<typeof measureReads>>): string {
  const sizes = [...rates.keys()];
  const names = [...(rates.values().next().value?.keys() ?? [])];
  const cell = (references: number, name: (typeof names)[number]) => {
    const [ours = 0, theirs = 0] = [rates.get(references)?.get("ours"), rates.get(references)?.get(name)];
    return name === "ours" ? `${round(ours)} a second` : `${(ours / theirs).toFixed(2)} (${round(theirs)})`;
  };
  return table(
    ["`_entities`", ...sizes.map((count) => `${count} ${count === 1 ? "reference" : "references"}`)],
    names.map((name) => [name, ...sizes.map((count) => cell(count, name))]),
  );
}

export function cancelsTable(measured: readonly Cancels[]): string {
  return table(
    [
      ...["durable cancels", "a second", "of the bare client", "statements each", "commits each"],
      "alone: ms more than the bare client, p50 and p99",
    ],
    measured.map(({ store, perSecond, barePerSecond, statements, commits, longerMs }) => [
      store,
      round(perSecond),
      `${(perSecond / barePerSecond).toFixed(2)} (${round(barePerSecond)})`,
      statements.toFixed(1),
      commits.toFixed(2),
      `${longerMs.p50.toFixed(1)}, ${longerMs.p99.toFixed(1)}`,
    ]),
  );
}

export function commitsTable(measured: readonly Commits[]): string {
  return table(
    ["writers", "a commit takes", "untold", "told in the transaction", "told after it", "heard"],
    measured.map(({ writers, commitMs, untold, within, after, heard }) => [
      `${writers}`,
      commitMs === 0 ? "no time" : `${commitMs} ms`,
      ...[untold, within, after].map(round),
      `${Math.floor(heard * 100)} %`,
    ]),
  );
}

export function listsTable(times: readonly ListTime[]): string {
  const cell = (list: string, store: ListTime["store"]) => {
    const found = times.find((each) => each.list === list && each.store === store);
    return found ? `${found.medianMs.toFixed(1)} (${found.longestMs.toFixed(0)})` : "";
  };
  return table(
    ["a list of 50, ms: median (longest)", "SQLite", "PostgreSQL"],
    [...new Set(times.map(({ list }) => list))].map((list) => [list, cell(list, "SQLite"), cell(list, "PostgreSQL")]),
  );
}

export function batchingTable({ orders, minIntervalMs, requests, seconds }: Batching): string {
  const alone = ((orders - 1) * minIntervalMs) / 1000;
  return table(
    ["batching", "requests", "seconds", "one call per order"],
    [
      [
        `${orders} mutations of one Tronsave order`,
        `${requests}`,
        seconds.toFixed(1),
        `${alone} s at the limit (computed)`,
      ],
    ],
  );
}

export function sizesTable(sizes: readonly Size[]): string {
  return table(
    [
      "orders in the ledger",
      "start, s",
      "memory at rest, MB",
      "a list of 50, ms",
      "100 references, ms",
      "memory then, MB",
    ],
    sizes.map((size) => [
      size.orders.toLocaleString("en"),
      size.startSeconds.toFixed(2),
      round(size.restMegabytes),
      size.listMs.toFixed(1),
      size.entitiesMs.toFixed(1),
      round(size.usedMegabytes),
    ]),
  );
}

function round(number: number): string {
  return Math.round(number).toLocaleString("en");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
