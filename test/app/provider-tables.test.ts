import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readSettings } from "../../src/config/settings.ts";
import type { Provider } from "../../src/domain/provider.ts";
import { providers } from "../../src/providers/registry.ts";
import { simulatedProviders } from "../../src/simulators/registry.ts";
import { seeds } from "../../src/simulators/seeds.ts";

const root = new URL("../../", import.meta.url);

/** The pages with a table that follows from the code: the first words of its head, and its rows. */
const tables: [page: string, head: string, rows: readonly string[]][] = [
  ["README.md", "| name | cancels |", Object.entries<Provider>(providers).map(providerRow)],
  ["docs/samples.md", "| provider | an id is |", simulatedProviders.map(sampleRow)],
];

it.each(tables)(
  "%s: its table of providers is what the code says (npm run schema rewrites it)",
  async (page, head, rows) => {
    const text = readFileSync(new URL(page, root), "utf8");
    const [before = "", table = ""] = text.split(head);
    const [names, dashes] = table.split("\n");
    const after = table.slice(table.indexOf("\n\n"));
    const written = `${before}${head}${[names, dashes, ...rows].join("\n")}${after}`;
    expect(table).not.toBe("");
    await expect(written).toMatchFileSnapshot(`../../${page}`);
  },
);

function providerRow([name, { cancellableWhen, statusLookup, documentationUrl, configure }]: [
  string,
  Provider,
]): string {
  const { maxBatchSize, minIntervalMs, testHosts } = configure(readSettings({}));
  const interval = minIntervalMs === null ? "none stated" : `${minIntervalMs} ms`;
  const hosts = testHosts.map((host) => `\`${host}\``).join(", ") || "none";
  const cells = [`\`${name}\``, cancellableWhen, maxBatchSize, interval, statusLookup ? "yes" : "no", hosts];
  return `| ${cells.join(" | ")} | [docs](${documentationUrl}) |`;
}

function sampleRow(name: (typeof simulatedProviders)[number]): string {
  return `| \`${name}\` | \`${seeds[name].firstLook.cancellable.slice(0, -2)}\` and two digits |`;
}
