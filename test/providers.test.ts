import { readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { batchRefused, type ProviderClient } from "../src/domain/provider.ts";
import { readSettings } from "../src/domain/settings.ts";
import { providerNames, providers } from "../src/providers/registry.ts";
import { openWire } from "../src/providers/wire.ts";
import { type ScriptedExchange, startScriptedProvider } from "./support/scripted-provider.ts";

/** What every provider MUST do, shown on what its pages document and on what we assume of it. */
interface Fixture {
  provider: keyof typeof providers;
  settings: Record<string, string>;
  now: number;
  cases: {
    name: string;
    origin: "documented" | "assumed";
    source: string;
    settings?: Record<string, string>;
    now?: number;
    operation: "cancel" | "lookup";
    ids: string[];
    exchanges: ScriptedExchange[];
    results: Record<string, unknown>[] | "batchRefused";
  }[];
}

const folder = new URL("./fixtures/", import.meta.url);
const fixtures = readdirSync(folder).map((file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Fixture);
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

it("every provider in the registry has its fixture", () => {
  expect(fixtures.map(({ provider }) => provider).toSorted()).toEqual(providerNames.toSorted());
});

describe.each(fixtures)("$provider", (fixture) => {
  it.each(fixture.cases)("MUST: $operation $name ($origin)", async (example) => {
    const provider = await startScriptedProvider(example.exchanges);
    const client = connect(fixture, example, provider.url);
    closing.push(provider.close);

    const results = await (example.operation === "cancel" ? client.cancel(example.ids) : client.lookup?.(example.ids));

    expect(provider.arrivals.map(({ method, path }) => `${method} ${path}`)).toEqual(
      example.exchanges.map(({ request }) => `${request.method} ${request.path}`),
    );
    for (const [index, { request }] of example.exchanges.entries()) {
      const arrival = provider.arrivals[index];
      expect(arrival?.headers).toMatchObject(request.headers ?? {});
      for (const absent of request.absentHeaders ?? []) expect(arrival?.headers).not.toHaveProperty(absent);
      expect(arrival?.body).toBe(request.body ?? "");
    }
    if (example.results === "batchRefused") expect(results).toBe(batchRefused);
    else expect(results).toMatchObject(example.results);
  });

  it("MUST: never throws and never guesses when nobody listens", async () => {
    const provider = await startScriptedProvider([]);
    await provider.close();
    const client = connect(fixture, {}, provider.url);
    const ids = ["673c17a3129f1881382e98e3"];
    expect(await client.cancel(ids)).toMatchObject([{ kind: "notSent", code: "PROVIDER_UNAVAILABLE" }]);
    expect(await client.lookup?.(ids)).toMatchObject([{ kind: "unanswered" }]);
  });

  it("MUST: puts a path prefix of the base URL before every path", async () => {
    const provider = await startScriptedProvider([]);
    closing.push(provider.close);
    await connect(fixture, {}, new URL("proxy/v1/", provider.url)).cancel(["1443"]);
    expect(provider.arrivals[0]?.path).toMatch(/^\/proxy\/v1\/[a-z]/);
  });

  it("SHOULD: say of itself what its client can do", () => {
    const client = connect(fixture, {}, new URL("http://127.0.0.1:1"));
    expect(client.lookup !== undefined).toBe(providers[fixture.provider].statusLookup);
  });
});

function connect(
  fixture: Fixture,
  example: { settings?: Record<string, string>; now?: number },
  baseUrl: URL,
): ProviderClient {
  const settings = readSettings({ ...fixture.settings, ...example.settings });
  const setup = providers[fixture.provider].configure(settings);
  expect(settings.mistakes).toEqual([]);
  const now = () => example.now ?? fixture.now;
  const wire = openWire({ baseUrl, connections: 8, timeoutMs: 500, secrets: setup.secrets, now });
  closing.push(wire.close);
  const client = setup.connect?.(wire);
  if (!client) throw new Error(`${fixture.provider} is not set up by its fixture's settings`);
  return client;
}
