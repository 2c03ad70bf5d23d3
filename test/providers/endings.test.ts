import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Play, playToEnd } from "../support/play.ts";

/** How a cancellation ends that meets these answers, from the first cancel to the last look-up. */
interface Fixture extends Pick<Play, "provider" | "settings" | "now"> {
  endings: {
    id: string;
    rows: (Pick<Play, "cancel" | "lookup"> & {
      name: string;
      /** `documented`: on a page of the provider; `observed`: somebody saw it; `assumed`: neither. */
      origin: "documented" | "observed" | "assumed";
      source: string;
      settings?: Record<string, string>;
      id?: string;
      /** `cancels` and `lookups`: requests that the provider got. */
      end: {
        status: string;
        code?: string;
        providerCode?: string;
        providerMessage?: string;
        cancels?: number;
        lookups?: number;
      };
    })[];
  };
}

const folder = new URL("../fixtures/", import.meta.url);
const fixtures = readdirSync(folder).map((file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Fixture);

describe.each(fixtures)("$provider", ({ endings, ...fixture }) => {
  it.each(endings.rows)("$name: $end.status $end.code ($origin)", async (row) => {
    const settings = { ...fixture.settings, ...row.settings };
    const { status, problem, cancels, lookups } = await playToEnd({ ...fixture, id: endings.id, ...row, settings });
    expect({ status, ...problem, cancels, lookups }).toMatchObject(row.end);
  });
});
