import { readdirSync, readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { readSettings } from "../../src/config/settings.ts";
import type { ProviderClient } from "../../src/domain/provider.ts";
import { openHttpClient } from "../../src/providers/http/http-client.ts";
import { providers } from "../../src/providers/registry.ts";
import { named, startProxy, type TestProxy } from "../support/proxy.ts";
import { type ScriptedExchange, startScriptedProvider } from "../support/scripted-provider.ts";

/** What every provider MUST do, shown on what its pages document and on what we assume of it. */
interface Fixture {
  provider: keyof typeof providers;
  /** Sets the client up. */
  settings: Record<string, string>;
  /** The clock, epoch ms. */
  now: number;
  /** Every setting that must never be told, with a value. */
  secrets: Record<string, string>;
  /** Hosts that the vendor calls a test environment. */
  testHosts: string[];
  /** Texts that cannot be ids, by the reason why. */
  invalidIds: Record<string, string[]>;
  validIds: string[];
  /** Its own signs of being busy, beside 429. */
  busySigns?: ScriptedExchange["response"][];
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

const folder = new URL("../fixtures/", import.meta.url);
const fixtures = readdirSync(folder).map((file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Fixture);
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

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

/** By the changelog's page, shortened. */
const cloudflareProblem = {
  type: "https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-1xxx-errors/error-1010/",
  title: "Error 1010: Access denied",
  status: 403,
  detail: "The owner has blocked your browser's signature.",
  error_code: 1010,
  error_name: "browser_signature_banned",
  cloudflare_error: true,
  retryable: false,
};

/** Answers of whatever stands between the provider and us. None of them is in a format of a provider. */
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
  ["a firewall's HTML 200", { status: 200, text: "<html><title>Request Rejected</title></html>" }],
  ["a gateway's JSON 502", { status: 502, json: { message: "Bad Gateway" } }],
];

/** Statuses that something in front of the provider says, which may have acted behind it. */
const inBetween = [408, 502, 503, 504];

/**
 * What gateways and firewalls say with a 401 or a 403, in JSON: Cloudflare in RFC 9457's shape (its changelog of 2026-03-11) and in
 * its API's, AWS API Gateway, Kong, Azure API Management, Akamai, Google's endpoints, Imperva, Apigee, Tyk, Spring and Envoy.
 */
const edges: [name: string, json: unknown, said: string | undefined][] = [
  [
    "Cloudflare's problem",
    cloudflareProblem,
    "Error 1010: Access denied: The owner has blocked your browser's signature.",
  ],
  [
    "Cloudflare's list of errors",
    { success: false, errors: [{ code: 1020, message: "Access denied" }] },
    "Access denied",
  ],
  ["AWS", { message: "Forbidden" }, "Forbidden"],
  [
    "AWS, in capitals",
    { Message: "User is not authorized to access this resource" },
    "User is not authorized to access",
  ],
  ["Kong", { message: "Unauthorized", request_id: "5f0c9a1e" }, "Unauthorized"],
  [
    "Azure",
    { statusCode: 401, message: "Access denied due to missing subscription key." },
    "Access denied due to missing",
  ],
  [
    "Akamai",
    { type: "https://problems.example/deny", title: "Forbidden", status: 403, detail: "Denied" },
    "Forbidden: Denied",
  ],
  ["Google", { error: { code: 403, message: "Denied", status: "PERMISSION_DENIED" } }, "Denied"],
  ["Imperva", { errorCode: "15", description: "Blocked by our security rules" }, "Blocked by our security rules"],
  [
    "Apigee",
    { fault: { faultstring: "Invalid ApiKey", detail: { errorcode: "oauth.v2.InvalidApiKey" } } },
    "Invalid ApiKey",
  ],
  ["Tyk", { error: "Access to this API has been disallowed" }, "Access to this API has been disallowed"],
  ["Spring", { timestamp: "2026-05-13", status: 403, error: "Forbidden", path: "/" }, "Forbidden"],
  ["an empty object", {}, undefined],
];

/** The proxy between the client and the provider; undefined if there is none. */
let proxy: TestProxy | undefined;

describe.each(fixtures)("$provider", (fixture) => {
  contract(fixture);
});

describe.each(fixtures)("through a proxy: $provider", (fixture) => {
  beforeAll(async () => {
    proxy = await startProxy();
  });
  afterAll(async () => {
    const { connects, others } = proxy ?? {};
    await proxy?.close();
    proxy = undefined;
    // Nothing went past it, and all that went through it was in tunnels.
    expect(connects?.length).toBeGreaterThan(3);
    expect(others).toEqual([]);
  });
  // The tunnel is below the clients: five exchanges show that each of them takes it.
  it.each(oneOfEachKind(fixture))("MUST: $operation $name ($origin)", (example) => replay(fixture, example));
  it("MUST: never throws and never guesses when nobody listens", () => withNobodyListening(fixture));
  it("MUST: says how an exchange failed", () => afterReset(fixture));
});

/** A cancel that is confirmed, one that is refused, and a look-up. */
function oneOfEachKind({ cases }: Fixture): Fixture["cases"] {
  const kindOf = ({ results }: Fixture["cases"][number]) => (results === "batchRefused" ? results : results[0]?.kind);
  const kinds = [
    cases.find((example) => example.operation === "cancel" && kindOf(example) === "cancelled"),
    cases.find((example) => example.operation === "cancel" && kindOf(example) === "refused"),
    cases.find((example) => example.operation === "lookup"),
  ];
  expect(kinds).not.toContain(undefined);
  return kinds.filter((example) => example !== undefined);
}

async function replay(fixture: Fixture, example: Fixture["cases"][number]): Promise<void> {
  const provider = await startScriptedProvider(example.exchanges);
  const client = connect(fixture, example, provider.url);
  closing.push(provider.close);

  const { operation, ids } = example;
  const results = await Promise.all(ids.map((id) => client[operation]?.(id)));

  expect(provider.arrivals.map(({ method, path }) => `${method} ${path}`)).toEqual(
    example.exchanges.map(({ request }) => `${request.method} ${request.path}`),
  );
  for (const [index, { request }] of example.exchanges.entries()) {
    const arrival = provider.arrivals[index];
    expect(arrival?.headers).toMatchObject({ "cache-control": "no-store", ...request.headers });
    for (const absent of request.absentHeaders ?? []) expect(arrival?.headers).not.toHaveProperty(absent);
    expect(arrival?.body).toBe(request.body ?? "");
  }
  const refused = { kind: "batchRefused", orders: ids.length, httpStatus: expect.any(Number) };
  expect(results).toStrictEqual(example.results === "batchRefused" ? ids.map(() => refused) : example.results);
}

async function withNobodyListening(fixture: Fixture): Promise<void> {
  const provider = await startScriptedProvider([]);
  await provider.close();
  const client = connect(fixture, {}, provider.url);
  const id = "673c17a3129f1881382e98e3";
  expect(await client.cancel(id)).toMatchObject({ kind: "notSent", code: "PROVIDER_UNAVAILABLE" });
  expect(await client.lookup?.(id)).toMatchObject({ kind: "unanswered" });
}

async function afterReset(fixture: Fixture): Promise<void> {
  const { client } = await against(fixture, { fault: "reset" });
  expect(await client.cancel("1443")).toMatchObject({ failure: "RESET" });
  expect(await client.lookup?.("1443")).toEqual({ kind: "unanswered", failure: "RESET" });
}

function contract(fixture: Fixture): void {
  it.each(fixture.cases)("MUST: $operation $name ($origin)", (example) => replay(fixture, example));

  it.each(strangers)("MUST: neither refuses nor confirms by %s", async (_, response) => {
    const { client } = await against(fixture, response);
    expect(await client.cancel("1443")).toMatchObject({ kind: expect.stringMatching(/^(unknown|notSent)$/) });
  });

  it.each(strangers)("MUST: learns nothing of an order from %s", async (_, response) => {
    const { client } = await against(fixture, response);
    expect(await client.lookup?.("1443")).toMatchObject({ kind: "unanswered" });
  });

  it.each(edges)("MUST: takes the JSON of %s for no refusal, and keeps its words", async (_, json, said) => {
    for (const status of [401, 403]) {
      const { client } = await against(fixture, { status, json });
      const providerMessage = said === undefined ? said : expect.stringContaining(said);
      const [outcome, result] = [await client.cancel("1443"), await client.lookup?.("1443")];
      expect(outcome).toMatchObject({ kind: expect.stringMatching(/^(unknown|notSent)$/), httpStatus: status });
      expect(result).toMatchObject({ kind: "unanswered", httpStatus: status });
      expect([outcome.providerMessage, result?.providerMessage]).toEqual([providerMessage, providerMessage]);
      expect(result).not.toHaveProperty("keyRefused");
    }
  });

  it("MUST: keeps the title of an HTML page, without secrets and not more of it than of other words", async () => {
    const [secret = "none"] = Object.values(fixture.secrets);
    const title = `Attention Required! | ${secret}\n${"x".repeat(500)}`;
    const text = `<!DOCTYPE html><html><head><TITLE lang="en">${title}</TITLE><script>code()</script></head></html>`;
    const { provider } = await against(fixture, { status: 403, text });
    const outcome = await connect(fixture, { settings: fixture.secrets }, provider.url).cancel("1443");
    expect(outcome.providerMessage).toMatch(/^Attention Required! \| \[removed\] x{200,}$/);
    expect(outcome.providerMessage).toHaveLength(300);
  });

  it.each([
    ["without an end", "<title".repeat(100_000)],
    ["of none", "<html><title></title></html>"],
    ["that stands far down", `<html>${" ".repeat(30_000)}<title>x</title>`],
  ])("MUST: keeps no title %s", async (_, text) => {
    const { client } = await against(fixture, { status: 403, text });
    expect((await client.cancel("1443")).providerMessage).toBeUndefined();
  });

  it.each([{ status: 429, text: "<html>busy</html>" }, ...(fixture.busySigns ?? [])])(
    "MUST: is kept back by the busy sign $status $text",
    async (response) => {
      const { client } = await against(fixture, { ...response, headers: { "retry-after": "3" } });
      expect(await client.cancel("1443")).toMatchObject({
        kind: "notProcessed",
        code: "PROVIDER_BUSY",
        retryAfterMs: 3000,
      });
      if (!client.lookup) return;
      expect(await client.lookup("1443")).toEqual({
        kind: "unanswered",
        busy: true,
        retryAfterMs: 3000,
        httpStatus: response.status,
      });
    },
  );

  it.each(inBetween)("MUST: learns nothing from a %s in its own format", async (status) => {
    for (const { operation, ids, exchanges } of fixture.cases) {
      const response = exchanges.length === 1 ? exchanges[0]?.response : undefined;
      if (ids.length > 1 || response?.status === undefined) continue;
      const { client, provider } = await against(fixture, { ...response, status });
      const result = await client[operation]?.(ids[0] ?? "");
      await provider.close();
      const kind = operation === "cancel" ? expect.stringMatching(/^(unknown|notSent)$/) : "unanswered";
      expect(result).toMatchObject({ kind });
    }
  });

  it("MUST: knows which texts cannot be ids, and why", () => {
    const client = connect(fixture, {}, new URL("http://127.0.0.1:1"));
    for (const id of fixture.validIds) expect(`${id}: ${client.invalidId?.(id)}`).toBe(`${id}: undefined`);
    for (const [why, ids] of Object.entries(fixture.invalidIds)) {
      for (const id of ids) expect(`${id}: ${client.invalidId?.(id)}`).toBe(`${id}: ${why}`);
    }
  });

  it("MUST: never throws and never guesses when nobody listens", () => withNobodyListening(fixture));

  it("MUST: says how an exchange failed", () => afterReset(fixture));

  it.each(credentialsOf(fixture))("MUST: refuses a %s that headers cannot carry, without quoting it", (name) => {
    for (const value of ["two\r\nlines", "schlüssel", "two words", "bell\u0007", "\u007f"]) {
      const settings = readSettings({ ...fixture.settings, [name]: value });
      providers[fixture.provider].configure(settings);
      expect(settings.mistakes).toEqual([
        expect.stringMatching(`^${name} needs (printable ASCII characters without blanks|one line without)`),
      ]);
      expect(settings.mistakes.join()).not.toContain(value);
    }
  });

  it("MUST: puts a path prefix of the base URL before every path", async () => {
    const provider = await startScriptedProvider([]);
    closing.push(provider.close);
    await connect(fixture, {}, new URL("proxy/v1/", provider.url)).cancel("1443");
    expect(provider.arrivals[0]?.path).toMatch(/^\/proxy\/v1\/[a-z]/);
  });

  it("MUST: is set up by its settings, and knows what it must not tell", () => {
    const name = fixture.provider;
    const given = { [`${name}_BASE_URL`]: "https://proxy.example/x", [`${name}_CONCURRENCY`]: "3" };
    const setup = providers[name].configure(readSettings({ ...fixture.settings, ...fixture.secrets, ...given }));
    expect(setup.baseUrl.href).toBe("https://proxy.example/x");
    expect(setup.testHosts).toEqual(fixture.testHosts);
    expect(setup.concurrency).toBe(setup.minIntervalMs === null ? 3 : 1);
    expect(setup.secrets).toEqual(expect.arrayContaining(Object.values(fixture.secrets)));
    for (const bad of ["0", "257"]) {
      const settings = readSettings({ [`${name}_CONCURRENCY`]: bad });
      expect(providers[name].configure(settings).connect).toBeUndefined();
      expect(settings.mistakes).toHaveLength(setup.minIntervalMs === null ? 1 : 0);
    }
  });

  it("SHOULD: say of itself what its client can do", () => {
    const client = connect(fixture, {}, new URL("http://127.0.0.1:1"));
    expect(client.lookup !== undefined).toBe(providers[fixture.provider].statusLookup);
  });
}

/** Settings that headers carry: all but flags. */
function credentialsOf({ settings, secrets }: Fixture): string[] {
  const given = Object.entries(settings).filter(([, value]) => value !== "true");
  return [...new Set([...given.map(([name]) => name), ...Object.keys(secrets)])];
}

/** The fixture's client, and a provider that answers every request so. */
async function against(fixture: Fixture, response: ScriptedExchange["response"]) {
  const request = { method: "", path: "", body: null };
  const provider = await startScriptedProvider(Array.from({ length: 4 }, () => ({ request, response })));
  closing.push(provider.close);
  return { provider, client: connect(fixture, {}, provider.url) };
}

function connect(fixture: Fixture, example: Partial<Fixture["cases"][number]>, baseUrl: URL): ProviderClient {
  const settings = readSettings({ ...fixture.settings, ...example.settings });
  const setup = providers[fixture.provider].configure(settings);
  expect(settings.mistakes).toEqual([]);
  const now = () => example.now ?? fixture.now;
  // Long enough for a slow machine to connect, and waited for only if the provider hangs.
  const timeoutMs = example.exchanges?.some(({ response }) => response.fault === "hang") ? 2000 : 20_000;
  const http = openHttpClient({
    ...(proxy ? { baseUrl: named(baseUrl), egress: proxy.egress } : { baseUrl }),
    ...{ connections: 8, timeoutMs, secrets: setup.secrets, now },
  });
  closing.push(http.close);
  const client = setup.connect?.(http);
  if (!client) throw new Error(`${fixture.provider} is not set up by its fixture's settings`);
  return client;
}
