import { readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import type { Outcome } from "../src/domain/outcome.ts";
import { batchRefused, type ProviderClient } from "../src/domain/provider.ts";
import { openHttpClient } from "../src/providers/http/http-client.ts";
import { providerNames, providers } from "../src/providers/registry.ts";
import { readSettings } from "../src/settings.ts";
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

const secretsOf: Record<Fixture["provider"], Record<string, string>> = {
  FINPAY: { FINPAY_MERCHANT_KEY: "a-merchant-key" },
  KWIKPAISA: { KWIKPAISA_API_KEY: "an-api-key", KWIKPAISA_SECRET_KEY: "a-secret-key" },
  ONRAMP: { ONRAMP_API_KEY: "an-api-key", ONRAMP_API_SECRET: "an-api-secret" },
  SMS4SATS: { SMS4SATS_API_KEY: "an-api-key" },
  TRONSAVE: { TRONSAVE_API_KEY: "an-api-key" },
};

it("Finpay's credentials are secret in the form that is sent, too", () => {
  const setup = providers.FINPAY.configure(
    readSettings({ FINPAY_MERCHANT_ID: "FINPAY770", FINPAY_MERCHANT_KEY: "SoSecret123" }),
  );
  expect(setup.secrets).toContain("RklOUEFZNzcwOlNvU2VjcmV0MTIz");
});

it("Tronsave's interval and batch are set within bounds", () => {
  const configure = (settings: Record<string, string>) => {
    const read = readSettings(settings);
    return { ...providers.TRONSAVE.configure(read), mistakes: read.mistakes.length };
  };
  const given = { TRONSAVE_MIN_INTERVAL_MS: "0", TRONSAVE_MAX_BATCH_SIZE: "1000" };
  expect(configure({})).toMatchObject({ minIntervalMs: 2000, maxBatchSize: 100, secrets: [], mistakes: 0 });
  expect(configure(given)).toMatchObject({ minIntervalMs: 0, maxBatchSize: 1000, mistakes: 0 });
  expect(configure({ TRONSAVE_MIN_INTERVAL_MS: "600001", TRONSAVE_MAX_BATCH_SIZE: "1001" }).mistakes).toBe(2);
  expect(configure({ TRONSAVE_MAX_BATCH_SIZE: "0" }).mistakes).toBe(1);
});

it("sms4sats has no secret without a key", () => {
  expect(providers.SMS4SATS.configure(readSettings({ SMS4SATS_ENABLED: "true" })).secrets).toEqual([]);
});

it.each<[provider: Fixture["provider"], testHosts: string[]]>([
  ["FINPAY", ["devo.finnet.co.id"]],
  ["KWIKPAISA", ["sandbox.kwikpaisa.com"]],
  ["ONRAMP", []],
  ["SMS4SATS", []],
  ["TRONSAVE", ["api-dev.tronsave.io"]],
])("%s calls these hosts a test environment: %j", (provider, testHosts) => {
  expect(providers[provider].configure(readSettings({})).testHosts).toEqual(testHosts);
});

it.each<[provider: Fixture["provider"], id: string, why: string | undefined]>([
  ["FINPAY", "FK002502070000196", undefined],
  ["FINPAY", "..", "it would be read as steps in a path"],
  ["FINPAY", ".", "it would be read as steps in a path"],
  ["FINPAY", "a/b", "it would be read as steps in a path"],
  ["FINPAY", "a\\b", "it would be read as steps in a path"],
  ["FINPAY", "..a", undefined],
  ["FINPAY", "a..", undefined],
  ["FINPAY", "...", undefined],
  ["KWIKPAISA", "ORD/2026/17 ~", undefined],
  ["KWIKPAISA", "ordér", "it holds characters outside ASCII"],
  ["KWIKPAISA", "é", "it holds characters outside ASCII"],
  ["KWIKPAISA", "éa", "it holds characters outside ASCII"],
  ["KWIKPAISA", "aé", "it holds characters outside ASCII"],
  ["TRONSAVE", "673c17a3129f1881382e98e3", undefined],
  ["TRONSAVE", "a/b", "it holds a slash"],
  ["TRONSAVE", "\\", "it holds a slash"],
])("%s: the id %j is refused before it is sent because %s", (provider, id, why) => {
  const fixture = fixtures.find((each) => each.provider === provider);
  if (!fixture) throw new Error(`no fixture of ${provider}`);
  expect(connect(fixture, {}, new URL("http://127.0.0.1:1")).invalidId?.(id)).toBe(why);
});

/** Answers of whatever stands between the provider and us. None of them is in a format of the five. */
const strangers: [name: string, response: ScriptedExchange["response"]][] = [
  ["a firewall's HTML 403", { status: 403, text: "<html><h1>403 Forbidden</h1></html>" }],
  ["a plain 401", { status: 401, text: "Unauthorized" }],
  ["a 401 without a body", { status: 401, text: "" }],
  ["a 401 with a list", { status: 401, json: [] }],
  ["a proxy's HTML 404", { status: 404, text: "<html><h1>404 Not Found</h1></html>" }],
  ["a 404 without a body", { status: 404, text: "" }],
  ["a gateway's JSON 404", { status: 404, json: { message: "no Route matched with those values" } }],
  ["a gateway's JSON 404 with a status", { status: 404, json: { statusCode: 404, message: "Resource not found" } }],
  ["a gateway's JSON 400", { status: 400, json: { message: "Bad Request" } }],
  ["a gateway's JSON 400 with a code", { status: 400, json: { code: "BAD_REQUEST", message: "Forbidden" } }],
  ["a gateway's JSON 409", { status: 409, json: { error: { code: 409, message: "Conflict" } } }],
  ["an empty 200", { status: 200, text: "" }],
  ["an empty HTML 200", { status: 200, headers: { "content-type": "text/html" }, text: "" }],
  ["an HTML 200", { status: 200, text: "<html>Welcome</html>" }],
  ["an empty JSON 200", { status: 200, json: {} }],
  ["a JSON 200 that says hello", { status: 200, json: { message: "hello" } }],
  ["a 204", { status: 204, text: "" }],
  ["a redirect", { status: 302, headers: { location: "/" }, text: "" }],
  ["a gateway's JSON 502", { status: 502, json: { message: "Bad Gateway" } }],
];

/** Guards say 401 and 403 in formats of their own. */
const guards: [name: string, response: ScriptedExchange["response"]][] = [
  ["a guard's JSON 401", { status: 401, json: { message: "Unauthorized" } }],
  ["a guard's JSON 403", { status: 403, json: { message: "Forbidden" } }],
];

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
      expect(arrival?.headers).toMatchObject({ "cache-control": "no-store", ...request.headers });
      for (const absent of request.absentHeaders ?? []) expect(arrival?.headers).not.toHaveProperty(absent);
      expect(arrival?.body).toBe(request.body ?? "");
    }
    if (example.results === "batchRefused") expect(results).toBe(batchRefused);
    else expect(results).toStrictEqual(example.results);
  });

  it.each(strangers)("MUST: neither refuses nor confirms by %s", async (_, response) => {
    const { client } = await against(fixture, response);
    expect(await client.cancel(["1443"])).toMatchObject([{ kind: expect.stringMatching(/^(unknown|notSent)$/) }]);
  });

  it.each([...strangers, ...guards])("MUST: learns nothing of an order from %s", async (_, response) => {
    const { client } = await against(fixture, response);
    expect(await client.lookup?.(["1443"])).toMatchObject([{ kind: "unanswered" }]);
  });

  it.each(guards)("MUST: is refused for its credentials at most by %s", async (_, response) => {
    const { client } = await against(fixture, response);
    const [outcome] = (await client.cancel(["1443"])) as readonly Outcome[];
    expect(outcome).toMatchObject({ kind: "refused", code: "PROVIDER_REJECTED_CREDENTIALS" });
    expect(outcome).not.toHaveProperty("unproven");
  });

  it("MUST: is kept back by a busy sign of anybody", async () => {
    const { client } = await against(fixture, {
      status: 429,
      headers: { "retry-after": "3" },
      text: "<html>busy</html>",
    });
    expect(await client.cancel(["1443"])).toMatchObject([
      { kind: "notProcessed", code: "PROVIDER_BUSY", retryAfterMs: 3000 },
    ]);
    expect(await client.lookup?.(["1443"])).toEqual([
      { kind: "unanswered", busy: true, retryAfterMs: 3000, httpStatus: 429 },
    ]);
  });

  it("MUST: never throws and never guesses when nobody listens", async () => {
    const provider = await startScriptedProvider([]);
    await provider.close();
    const client = connect(fixture, {}, provider.url);
    const ids = ["673c17a3129f1881382e98e3"];
    expect(await client.cancel(ids)).toMatchObject([{ kind: "notSent", code: "PROVIDER_UNAVAILABLE" }]);
    expect(await client.lookup?.(ids)).toMatchObject([{ kind: "unanswered" }]);
  });

  it("MUST: says how an exchange failed", async () => {
    const { client } = await against(fixture, { fault: "reset" });
    expect(await client.cancel(["1443"])).toMatchObject([{ failure: "RESET" }]);
    expect(await client.lookup?.(["1443"])).toEqual([{ kind: "unanswered", failure: "RESET" }]);
  });

  it.each(Object.keys(fixture.settings).filter((name) => /KEY|SECRET|MERCHANT/.test(name)))(
    "MUST: refuses a %s that headers cannot carry, without quoting it",
    (name) => {
      for (const value of ["two\r\nlines", "schlüssel", "two words", "bell\u0007", "\u007f"]) {
        const settings = readSettings({ ...fixture.settings, [name]: value });
        providers[fixture.provider].configure(settings);
        expect(settings.mistakes).toEqual([
          expect.stringMatching(`^${name} needs (printable ASCII characters without blanks|one line without)`),
        ]);
        expect(settings.mistakes.join()).not.toContain(value);
      }
    },
  );

  it("MUST: puts a path prefix of the base URL before every path", async () => {
    const provider = await startScriptedProvider([]);
    closing.push(provider.close);
    await connect(fixture, {}, new URL("proxy/v1/", provider.url)).cancel(["1443"]);
    expect(provider.arrivals[0]?.path).toMatch(/^\/proxy\/v1\/[a-z]/);
  });

  it("MUST: is set up by its settings, and knows what it must not tell", () => {
    const name = fixture.provider;
    const given = { [`${name}_BASE_URL`]: "https://proxy.example/x", [`${name}_CONCURRENCY`]: "3" };
    const setup = providers[name].configure(readSettings({ ...fixture.settings, ...secretsOf[name], ...given }));
    expect(setup.baseUrl.href).toBe("https://proxy.example/x");
    expect(setup.concurrency).toBe(setup.minIntervalMs === null ? 3 : 1);
    expect(setup.secrets).toEqual(expect.arrayContaining(Object.values(secretsOf[name])));
    for (const bad of ["0", "257"]) {
      const settings = readSettings({ [`${name}_CONCURRENCY`]: bad });
      expect(providers[name].configure(settings)).not.toHaveProperty("connect");
      expect(settings.mistakes).toHaveLength(setup.minIntervalMs === null ? 1 : 0);
    }
  });

  it("SHOULD: say of itself what its client can do", () => {
    const client = connect(fixture, {}, new URL("http://127.0.0.1:1"));
    expect(client.lookup !== undefined).toBe(providers[fixture.provider].statusLookup);
  });
});

/** The fixture's client, and a provider that answers every request so. */
async function against(fixture: Fixture, response: ScriptedExchange["response"]) {
  const request = { method: "", path: "", body: null };
  const provider = await startScriptedProvider(Array.from({ length: 4 }, () => ({ request, response })));
  closing.push(provider.close);
  return { provider, client: connect(fixture, {}, provider.url) };
}

function connect(
  fixture: Fixture,
  example: { settings?: Record<string, string>; now?: number },
  baseUrl: URL,
): ProviderClient {
  const settings = readSettings({ ...fixture.settings, ...example.settings });
  const setup = providers[fixture.provider].configure(settings);
  expect(settings.mistakes).toEqual([]);
  const now = () => example.now ?? fixture.now;
  const http = openHttpClient({ baseUrl, connections: 8, timeoutMs: 500, secrets: setup.secrets, now });
  closing.push(http.close);
  const client = setup.connect?.(http);
  if (!client) throw new Error(`${fixture.provider} is not set up by its fixture's settings`);
  return client;
}
