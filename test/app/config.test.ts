import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { startApp } from "../../src/app.ts";
import { ConfigError, readConfig } from "../../src/config/config.ts";
import { providerNames } from "../../src/providers/registry.ts";

type Settings = Record<string, string>;

/** Settings, and the lines that stop the start: each names the setting, what it needs and, unless secret, what it got. */
const mistakes: [settings: Settings, ...lines: string[]][] = [
  [{ PORT: "http" }, 'PORT needs a whole number from 0 to 65535, got "http"'],
  [{ PORT: "65536" }, 'PORT needs a whole number from 0 to 65535, got "65536"'],
  [{ CANCEL_WAIT_MS: "-1" }, 'CANCEL_WAIT_MS needs a whole number from 0 to 600000, got "-1"'],
  [{ CANCEL_WAIT_MS: "10s" }, 'CANCEL_WAIT_MS needs a whole number from 0 to 600000, got "10s"'],
  [{ MAX_IDS_PER_REQUEST: "0" }, 'MAX_IDS_PER_REQUEST needs a whole number from 1 to 5000, got "0"'],
  [{ MAX_IDS_PER_REQUEST: "5001" }, 'MAX_IDS_PER_REQUEST needs a whole number from 1 to 5000, got "5001"'],
  [{ RETENTION_DAYS: "0" }, 'RETENTION_DAYS needs a whole number from 1 to 36500, got "0"'],
  [{ RETENTION_DAYS: "1.5" }, 'RETENTION_DAYS needs a whole number from 1 to 36500, got "1.5"'],
  [{ PROVIDER_TIMEOUT_MS: "99" }, 'PROVIDER_TIMEOUT_MS needs a whole number from 100 to 600000, got "99"'],
  [
    { RETRY_DELAYS_MS: "1000,,4000" },
    'RETRY_DELAYS_MS needs whole numbers from 10 to 86400000, with commas between, got "1000,,4000"',
  ],
  ...["0", "1000,9", "10,0,10"].map((delays): [Settings, string] => [
    { RETRY_DELAYS_MS: delays },
    `RETRY_DELAYS_MS needs whole numbers from 10 to 86400000, with commas between, got "${delays}"`,
  ]),
  [
    { LEASE_MS: "19999" },
    'LEASE_MS needs 20000 or more, as PROVIDER_TIMEOUT_MS is 10000 and 10000 come on top, got "19999"',
  ],
  [
    { LEASE_MS: "30000", PROVIDER_TIMEOUT_MS: "20001" },
    'LEASE_MS needs 30001 or more, as PROVIDER_TIMEOUT_MS is 20001 and 10000 come on top, got "30000"',
  ],
  [
    { PROVIDER_TIMEOUT_MS: "25000" },
    "LEASE_MS needs 35000 or more, as PROVIDER_TIMEOUT_MS is 25000 and 10000 come on top; unset, it is 30000",
  ],
  ...["0", "1200001", "x"].map((lease): [Settings, string] => [
    { LEASE_MS: lease },
    `LEASE_MS needs a whole number from 1 to 1200000, got "${lease}"`,
  ]),
  ...["Production", " production ", "prod", "staging", " "].map((surroundings): [Settings, string] => [
    { NODE_ENV: surroundings },
    `NODE_ENV needs production or development or test, exactly so, or to be unset, got "${surroundings}"`,
  ]),
  [
    { LOOKUP_DELAYS_MS: "1e3" },
    'LOOKUP_DELAYS_MS needs whole numbers from 0 to 86400000, with commas between, got "1e3"',
  ],
  [{ GIVE_UP_AFTER_MS: "1.5" }, 'GIVE_UP_AFTER_MS needs a whole number from 0 to 2592000000, got "1.5"'],
  [
    { LOG_LEVEL: "verbose" },
    'LOG_LEVEL needs trace or debug or info or warn or error or fatal or silent, got "verbose"',
  ],
  [{ SANDBOX: "yes" }, 'SANDBOX needs true or false, got "yes"'],
  [{ SMS4SATS_ENABLED: "1" }, 'SMS4SATS_ENABLED needs true or false, got "1"'],
  [{ ONRAMP_PAUSED: "TRUE" }, 'ONRAMP_PAUSED needs true or false, got "TRUE"'],
  [{ FINPAY_CANCEL_BODY: "sometimes" }, 'FINPAY_CANCEL_BODY needs always or never, got "sometimes"'],
  [
    { TRONSAVE_MIN_INTERVAL_MS: "600001" },
    'TRONSAVE_MIN_INTERVAL_MS needs a whole number from 0 to 600000, got "600001"',
  ],
  [{ TRONSAVE_MAX_BATCH_SIZE: "0" }, 'TRONSAVE_MAX_BATCH_SIZE needs a whole number from 1 to 1000, got "0"'],
  [{ FINPAY_CONCURRENCY: "257" }, 'FINPAY_CONCURRENCY needs a whole number from 1 to 256, got "257"'],
  [{ KWIKPAISA_CONCURRENCY: "0" }, 'KWIKPAISA_CONCURRENCY needs a whole number from 1 to 256, got "0"'],
  [{ ONRAMP_CONCURRENCY: "many" }, 'ONRAMP_CONCURRENCY needs a whole number from 1 to 256, got "many"'],
  [{ SMS4SATS_CONCURRENCY: "8.0" }, 'SMS4SATS_CONCURRENCY needs a whole number from 1 to 256, got "8.0"'],

  [{ TRONSAVE_API_KEY: "key\nwith a line break" }, "TRONSAVE_API_KEY needs one line without control characters"],
  [
    { SMS4SATS_ENABLED: "true", SMS4SATS_API_KEY: "schlüssel" },
    "SMS4SATS_API_KEY needs printable ASCII characters without blanks",
  ],
  [
    { FINPAY_MERCHANT_ID: "FINPAY770:SoSecret123", FINPAY_MERCHANT_KEY: "SoSecret:123" },
    'FINPAY_MERCHANT_ID needs printable ASCII characters without blanks or ":"',
  ],
  [{ FINPAY_MERCHANT_ID: "m" }, "FINPAY_MERCHANT_KEY is missing: it goes together with FINPAY_MERCHANT_ID"],
  [{ FINPAY_MERCHANT_KEY: "k" }, "FINPAY_MERCHANT_ID is missing: it goes together with FINPAY_MERCHANT_KEY"],
  [{ KWIKPAISA_API_KEY: "k" }, "KWIKPAISA_SECRET_KEY is missing: it goes together with KWIKPAISA_API_KEY"],
  [{ ONRAMP_API_SECRET: "s" }, "ONRAMP_API_KEY is missing: it goes together with ONRAMP_API_SECRET"],
  [
    { ONRAMP_API_KEY: "k", ONRAMP_API_SECRET: "  " },
    "ONRAMP_API_SECRET is missing: it goes together with ONRAMP_API_KEY",
  ],
  [
    { AUTH_JWKS_URL: "https://issuer.example/jwks" },
    "AUTH_ISSUER is missing: it goes together with AUTH_JWKS_URL",
    "AUTH_AUDIENCE is missing: it goes together with AUTH_JWKS_URL",
  ],
  [
    { AUTH_ISSUER: "https://issuer.example", AUTH_AUDIENCE: "cancellations" },
    "AUTH_JWKS_URL is missing: it goes together with AUTH_ISSUER and AUTH_AUDIENCE",
  ],
  [{ AUTH: "jwt" }, 'AUTH needs none, got "jwt"'],
  [{ GATEWAY_SECRET: "two words" }, "GATEWAY_SECRET needs printable ASCII characters without blanks"],
  [{ GATEWAY_SECRET: "sécret" }, "GATEWAY_SECRET needs printable ASCII characters without blanks"],

  // A line break inside a URL is skipped when it is parsed; no token names an issuer with one; no header carries one.
  ...["AUTH_JWKS_URL", "AUTH_ISSUER", "AUTH_AUDIENCE"].map((name): [Settings, string] => [
    { AUTH_JWKS_URL: "https://a/jwks", AUTH_ISSUER: "i", AUTH_AUDIENCE: "a", [name]: "https://issuer\n.example" },
    `${name} needs one line without control characters, got "https://issuer\\n.example"`,
  ]),
  [{ GATEWAY_SECRET: "two\nlines" }, "GATEWAY_SECRET needs one line without control characters"],
  [{ TRONSAVE_API_KEY: "two\r\nlines" }, "TRONSAVE_API_KEY needs one line without control characters"],
  [{ DATABASE_URL: "file:a\tb.db" }, 'DATABASE_URL needs one line without control characters, got "file:a\\tb.db"'],
  [
    { DATABASE_LISTEN_URL: "postgres://me:s3cret@direct/x" },
    "DATABASE_LISTEN_URL needs postgres://USER:PASSWORD@HOST/DATABASE, and a DATABASE_URL of the same kind",
  ],
  [{ DATABASE_URL: "postgres://me:s3cret@ho\nst/x" }, "DATABASE_URL needs one line without control characters"],
  [{ PORT: "\uff11\uff12" }, 'PORT needs a whole number from 0 to 65535, got "\uff11\uff12"'],

  ...providerNames.map((name): [Settings, string] => [
    { [`${name}_BASE_URL`]: "api.example" },
    `${name}_BASE_URL needs an https or http URL without credentials, query or fragment, got "api.example"`,
  ]),
  [
    { ACCESS_CHECK_URL: "ftp://a" },
    'ACCESS_CHECK_URL needs an https or http URL without credentials, query or fragment, got "ftp://a"',
  ],
  [
    { ACCESS_CHECK_URL: "https://a/#b" },
    'ACCESS_CHECK_URL needs an https or http URL without credentials, query or fragment, got "https://a/#b"',
  ],
  // Where a secret may be in it, it is not quoted.
  [
    { ACCESS_CHECK_URL: "https://a/may?code=s3cret" },
    "ACCESS_CHECK_URL needs an https or http URL without credentials, query or fragment",
  ],
  [
    { TRONSAVE_BASE_URL: "https://me:s3cret@a" },
    "TRONSAVE_BASE_URL needs an https or http URL without credentials, query or fragment",
  ],

  ...["./data/x.db", "file:", "sqlite:x.db", "postgres://", "memory"].map((url): [Settings, string] => [
    { DATABASE_URL: url },
    `DATABASE_URL needs file:PATH, :memory: or postgres://USER:PASSWORD@HOST/DATABASE, got ${JSON.stringify(url)}`,
  ]),
  ...[
    "mysql://me:s3cret@host/x",
    "postgresql//me:s3cr/et@host/x",
    "file:x.db?mode=ro",
    "mysql://h/x?password=s3cret",
  ].map((url): [Settings, string] => [
    { DATABASE_URL: url },
    "DATABASE_URL needs file:PATH, :memory: or postgres://USER:PASSWORD@HOST/DATABASE",
  ]),
];

/** What the console asks of the other settings. */
const tokens = { AUTH_JWKS_URL: "https://issuer.example/jwks", AUTH_ISSUER: "i", AUTH_AUDIENCE: "a" };
const consoleMistakes: [settings: Settings, ...lines: string[]][] = [
  [{ CONSOLE: "yes" }, 'CONSOLE needs true or false, got "yes"'],
  [
    { CONSOLE_OIDC_CLIENT_ID: "console" },
    'CONSOLE_OIDC_CLIENT_ID needs AUTH_JWKS_URL, AUTH_ISSUER and AUTH_AUDIENCE, got "console"',
  ],
  [
    { ...tokens, CONSOLE_OIDC_CLIENT_ID: "console" },
    'AUTH_ISSUER needs an https or http URL, because CONSOLE_OIDC_CLIENT_ID is set, got "i"',
  ],
  [
    { CONSOLE: "true", GATEWAY_SECRET: "s3cret" },
    "CONSOLE_GRAPHQL_URL needs the gateway's URL, because CONSOLE and GATEWAY_SECRET are set: the console has no secret",
  ],
  ...["graphql", "//gateway.example/graphql", "/graphql?a=b", "javascript:alert(1)"].map((url): [Settings, string] => [
    { CONSOLE_GRAPHQL_URL: url },
    `CONSOLE_GRAPHQL_URL needs an https or http URL without credentials, query or fragment${url.includes("?") ? "" : `, got ${JSON.stringify(url)}`}`,
  ]),
];

/** The same in production, where loopback, simulators and open doors are none. */
const production: [settings: Settings, ...lines: string[]][] = [
  [
    { AUTH: "" },
    "AUTH_JWKS_URL or GATEWAY_SECRET needs to be set in production; AUTH=none runs it without authentication, on purpose",
  ],
  [{ SANDBOX: "true" }, 'SANDBOX needs to be false or unset in production, got "true"'],
  ...[...providerNames.map((name) => `${name}_BASE_URL`), "ACCESS_CHECK_URL"].map((name): [Settings, string] => [
    { [name]: "http://127.0.0.1:8080" },
    `${name} needs an https URL without credentials, query or fragment, got "http://127.0.0.1:8080"`,
  ]),
  [
    { AUTH_JWKS_URL: "http://issuer.example/jwks", AUTH_ISSUER: "i", AUTH_AUDIENCE: "a" },
    'AUTH_JWKS_URL needs an https URL without credentials, query or fragment, got "http://issuer.example/jwks"',
  ],
];

describe("a bad or half-given setting stops the start with one line", () => {
  it.each(mistakes)("%j", (settings, ...lines) => {
    expect(mistakesOf(settings)).toEqual(lines);
  });

  it.each(consoleMistakes)("of the console: %j", (settings, ...lines) => {
    expect(mistakesOf(settings)).toEqual(lines);
  });

  it.each(production)("in production: %j", (settings, ...lines) => {
    expect(mistakesOf({ NODE_ENV: "production", AUTH: "none", ...settings })).toEqual(lines);
  });

  it("an address that nobody can listen at is told by its settings", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as AddressInfo;
    const starting = startApp({ PORT: String(port), DATABASE_URL: ":memory:", LOG_LEVEL: "silent" });
    await expect(starting).rejects.toThrow(/^HOST, PORT: .*EADDRINUSE/);
    await new Promise((resolve) => taken.close(resolve));
  });

  it("all mistakes are told at once", () => {
    expect(mistakesOf({ PORT: "x", SANDBOX: "x", ONRAMP_API_KEY: "x", NODE_ENV: "production" })).toHaveLength(4);
  });
});

describe("settings that are accepted", () => {
  it("none at all: simulators, SQLite, nobody asked who they are", () => {
    expect(readConfig({})).toMatchObject({
      ...{ production: false, host: "127.0.0.1", port: 4001, simulated: true, logLevel: "info" },
      database: { kind: "sqlite", path: "./data/cancellations.db" },
      access: { tokens: null, gatewaySecret: null, checkUrl: null },
    });
  });

  it.each(["production", "development", "test", ""])("NODE_ENV=%s", (surroundings) => {
    const { production } = readConfig({ NODE_ENV: surroundings, AUTH: "none" });
    expect(production).toBe(surroundings === "production");
  });

  it("the shortest lease and the shortest waits", () => {
    const { leaseMs, policy } = readConfig({ PROVIDER_TIMEOUT_MS: "400", LEASE_MS: "10400", RETRY_DELAYS_MS: "10,10" });
    expect([leaseMs, policy.retryDelaysMs]).toEqual([10_400, [10, 10]]);
  });

  it.each([
    [":memory:", { kind: "sqlite", path: ":memory:" }],
    ["file:./x.db", { kind: "sqlite", path: "./x.db" }],
    ["file:///var/x.db", { kind: "sqlite", path: "/var/x.db" }],
    ["postgres://me:s3cret@host/x?ssl=true", { kind: "postgres", url: "postgres://me:s3cret@host/x?ssl=true" }],
    ["postgresql:///x", { kind: "postgres", url: "postgresql:///x" }],
  ])("DATABASE_URL=%s", (url, database) => {
    expect(readConfig({ DATABASE_URL: url }).database).toEqual(database);
  });

  it.each<[Settings, boolean]>([
    [{ AUTH: "none" }, false],
    [{ GATEWAY_SECRET: "s3cret" }, false],
    [{ AUTH_JWKS_URL: "https://issuer.example/jwks", AUTH_ISSUER: "i", AUTH_AUDIENCE: "a" }, false],
    [{ AUTH: "none", SANDBOX: "false" }, false],
  ])("production with %j, never on simulators", (settings, simulated) => {
    expect(readConfig({ NODE_ENV: "production", ...settings })).toMatchObject({ production: true, simulated });
  });

  it.each<[Settings, boolean]>([
    [{ SANDBOX: "false" }, false],
    [{ TRONSAVE_API_KEY: "k" }, false],
    [{ SMS4SATS_ENABLED: "true" }, false],
    [{ SMS4SATS_ENABLED: "false" }, true],
    [{ SANDBOX: "true", TRONSAVE_API_KEY: "k" }, true],
  ])("%j: simulators are %j", (settings, simulated) => {
    expect(readConfig(settings).simulated).toBe(simulated);
  });

  it.each<[Settings, unknown]>([
    [{}, { graphqlUrl: "/graphql", signIn: null }],
    [{ CONSOLE: "false" }, null],
    [{ NODE_ENV: "production", AUTH: "none" }, null],
    [
      { NODE_ENV: "production", AUTH: "none", CONSOLE: "true" },
      { graphqlUrl: "/graphql", signIn: null },
    ],
    [{ CONSOLE_GRAPHQL_URL: "/api/graphql" }, { graphqlUrl: "/api/graphql", signIn: null }],
    [{ CONSOLE_GRAPHQL_URL: "https://gateway.example" }, { graphqlUrl: "https://gateway.example/", signIn: null }],
    [
      { ...tokens, AUTH_ISSUER: "https://issuer.example", CONSOLE_OIDC_CLIENT_ID: "c" },
      { graphqlUrl: "/graphql", signIn: { clientId: "c", issuer: "https://issuer.example", audience: "a" } },
    ],
  ])("%j: the console is %j", (settings, served) => {
    expect(readConfig(settings).console).toEqual(served);
  });

  it("AUTH=none only waives the demand: what is set is asked for all the same", () => {
    const { access } = readConfig({ NODE_ENV: "production", AUTH: "none", GATEWAY_SECRET: "s3cret" });
    expect(access).toEqual({ tokens: null, gatewaySecret: "s3cret", checkUrl: null });
  });
});

function mistakesOf(settings: Settings): readonly string[] {
  try {
    readConfig(settings);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
  return [];
}
