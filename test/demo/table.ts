import type { Performance } from "./play.ts";

/** The performances as a table for people who never saw this program. */
export function toTable(performances: readonly Performance[]): string {
  const head = ["PROVIDER", "CANCEL THIS ORDER", "WHICH IS", "WHAT CAME BACK", "TOOK", "CALLS TO THE PROVIDER"];
  const rows = performances.map((each) => [
    each.provider,
    orderText(each),
    each.scene.situation,
    [...new Set(each.answers)].join(", then "),
    `${(each.tookMs / 1000).toFixed(1)} s`,
    callsText(each),
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`;
  const ruler = line(widths.map((width) => "-".repeat(width)));
  const groups = Object.values(Object.groupBy(rows, ([provider = ""]) => provider));
  return [line(head), ruler, ...groups.flatMap((group = []) => [...group.map(line), ""])]
    .map((text) => text.trimEnd())
    .join("\n");
}

function orderText({ orders }: Performance): string {
  const [{ id, description } = { id: "", description: "" }] = orders;
  return orders.length > 1 ? `${orders.length} × ${description}` : `${description} ${shortened(id)}`;
}

/** The longest have 64 characters. */
function shortened(id: string): string {
  return id.length > 10 ? `${id.slice(0, 2)}…${id.slice(-4)}` : id;
}

function callsText({ calls }: Performance): string {
  const names = calls.map((operation) => (operation === "lookup" ? "look-up" : operation));
  return names.length > 0 ? `${names.length}: ${names.join(", ")}` : "0";
}
