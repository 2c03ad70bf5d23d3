import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstLook } from "../../src/simulators/simulators.ts";
import { type Issuer, startIssuer } from "../support/issuer.ts";
import { type Service, startService } from "../support/service.ts";

/** What the console may weigh, bytes: all of it, compressed. */
const mostBytes = 60_000;

const production = { NODE_ENV: "production", AUTH: "none" };
const browser = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

let service: Service;
beforeAll(async () => {
  service = await startService({ CONSOLE: "true" });
});
afterAll(() => service.stop());

describe.each(["/console", "/", "/graphql"])("the page %s", (path) => {
  it("holds no script and no style itself, so its policy allows none", async () => {
    const page = await open(path);
    expect(page.status).toBe(200);
    const html = await page.text();
    expect(html.match(/<style|style=|\son\w+=|javascript:/i)).toBeNull();
    expect(html.match(/<script[^>]*>(?!<\/script>)/)).toBeNull();
    const policy = policyOf(page);
    expect(policy["default-src"]).toBe("'none'");
    expect(JSON.stringify(policy)).not.toMatch(/unsafe|\*|data:|blob:/);
    expect([policy["base-uri"], policy["form-action"], policy["frame-ancestors"]]).toEqual([
      "'none'",
      "'none'",
      "'none'",
    ]);
    expect(Object.fromEntries(page.headers)).toMatchObject({
      ...{ "content-type": "text/html; charset=utf-8", "cache-control": "no-store", "x-frame-options": "DENY" },
      ...{ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" },
    });
  });

  it("loads files of this server only, which browsers keep, and which have another address if they change", async () => {
    const html = await (await open(path)).text();
    const addresses = [...html.matchAll(/(?:href|src)="([^"]+\.(?:m?js|css|svg))"/g)].map(
      ([, address = ""]) => address,
    );
    expect(addresses.length).toBeGreaterThan(3);
    for (const address of addresses) {
      expect(address).toMatch(/^(console|landing)\/[0-9a-f]{16}\//);
      const file = await open(`/${address}`);
      expect([address, file.status]).toEqual([address, 200]);
      expect(file.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect(file.headers.get("content-type")).toBe(types[address.split(".").at(-1) ?? ""]);
      expect((await open(`/${address.replace(/[0-9a-f]{16}/, "0123456789abcdef")}`)).status).toBe(404);
    }
  });
});

const types: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  mjs: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

describe("the console", () => {
  it(`weighs less than ${mostBytes} bytes in all`, async () => {
    const html = await (await open("/console")).text();
    const addresses = new Set(
      [...html.matchAll(/(?:href|src)="(console\/[^"]+)"/g)].map(([, address = ""]) => address),
    );
    let bytes = html.length;
    for (const address of addresses) bytes += (await sizeOf(address)).sent;
    expect(bytes).toBeLessThan(mostBytes);
  });

  it("names every file that it will load, so that none waits for another one", async () => {
    const html = await (await open("/console")).text();
    const preloaded = [...html.matchAll(/modulepreload" href="([^"]+)"/g)].map(([, address = ""]) => address);
    for (const address of preloaded) {
      const code = await (await open(`/${address}`)).text();
      const imported = [...code.matchAll(/\bfrom\s*"([^"]+)"/g)].map(([, path = ""]) => path);
      const resolved = imported.map((path) => new URL(path, `http://host/${address}`).pathname.slice(1));
      expect(preloaded).toEqual(expect.arrayContaining(resolved));
    }
  });

  it("is sent compressed only to clients that take that", async () => {
    const [, address = ""] = /src="([^"]+)"/.exec(await (await open("/console")).text()) ?? [];
    const { sent, plain } = await sizeOf(address);
    expect(sent).toBeLessThan(plain);
    const refused = await open(`/${address}`, { "accept-encoding": "gzip;q=0" });
    expect([refused.headers.get("content-encoding"), (await refused.text()).length]).toEqual([null, plain]);
    expect(refused.headers.get("vary")).toContain("accept-encoding");
  });

  it("may ask this server alone, and no text of its can become code", async () => {
    expect(policyOf(await open("/console"))).toEqual({
      "default-src": "'none'",
      "script-src": "'self'",
      "style-src": "'self'",
      "img-src": "'self'",
      "connect-src": "'self'",
      "base-uri": "'none'",
      "form-action": "'none'",
      "frame-ancestors": "'none'",
      "require-trusted-types-for": "'script'",
      "trusted-types": "'none'",
    });
  });

  it("is found with a slash at the end, too", async () => {
    const response = await fetch(new URL("/console/", service.url), { redirect: "manual" });
    expect([response.status, response.headers.get("location")]).toEqual([308, "../console"]);
  });

  it("with CONSOLE_GRAPHQL_URL may ask the gateway, too", async () => {
    const behind = await startService({ CONSOLE: "true", CONSOLE_GRAPHQL_URL: "https://gateway.example/graphql" });
    const page = await open("/console", {}, behind);
    expect(policyOf(page)["connect-src"]).toBe("'self' https://gateway.example");
    expect(await page.text()).toContain('data-graphql="https://gateway.example/graphql"');
    await behind.stop();
  });
});

describe("nothing of the console is served", () => {
  it.each<[string, Record<string, string>]>([
    ["with CONSOLE=false", { CONSOLE: "false" }],
    ["in production, unless it is set", production],
  ])("%s", async (_name, settings) => {
    const [, file = ""] = /src="([^"]+)"/.exec(await (await open("/console")).text()) ?? [];
    const without = await startService(settings);
    for (const path of ["/console", "/console/", `/${file}`]) expect((await open(path, {}, without)).status).toBe(404);
    expect(await (await open("/", {}, without)).text()).not.toContain("console");
    await without.stop();
  });

  it("but in production with CONSOLE=true it is", async () => {
    const asked = await startService({ ...production, CONSOLE: "true" });
    expect((await open("/console", {}, asked)).status).toBe(200);
    expect((await open("/", {}, asked)).status).toBe(404);
    await asked.stop();
  });
});

describe("signing in at the issuer", () => {
  let issuer: Issuer;
  beforeAll(async () => {
    issuer = await startIssuer();
  });
  afterAll(() => issuer.close());

  const settings = () => ({
    ...issuer.settings,
    AUTH_ISSUER: issuer.url,
    CONSOLE: "true",
    CONSOLE_OIDC_CLIENT_ID: "console",
  });

  it("the page knows the issuer's endpoints, and may ask for tokens there", async () => {
    const signing = await startService(settings());
    const page = await open("/console", {}, signing);
    expect(policyOf(page)["connect-src"]).toBe(`'self' ${new URL(issuer.url).origin}`);
    const html = await page.text();
    expect(html).toContain('data-client="console"');
    expect(html).toContain(`data-authorization="${issuer.url}authorize"`);
    expect(html).toContain(`data-token="${issuer.url}token"`);
    await signing.stop();
  });

  it("if the issuer gives no usable answer, the page is there without them, and the log says so", async () => {
    const signing = await startService(settings());
    issuer.discover({ issuer: "https://other.example/" });
    const page = await open("/console", {}, signing);
    expect([page.status, policyOf(page)["connect-src"]]).toEqual([200, "'self'"]);
    expect(await page.text()).toContain('data-authorization=""');
    expect(signing.lines.join("")).toContain('"event":"sign-in-undiscovered"');
    await signing.stop();
  });
});

describe("the landing page", () => {
  it.each(["/", "/graphql"])("at %s has our mutation, with ids that work, and leads to the console", async (path) => {
    const html = await (await open(path)).text();
    expect(html).toContain("mutation CancelOrders");
    expect(html).toContain(firstLook.TRONSAVE.cancellable);
    expect(html).toContain('href="console"');
  });

  it("is not in the way of a program, nor of a request with a query", async () => {
    const ask = (path: string, accept: string) => open(path, { accept, "apollo-require-preflight": "1" });
    expect((await ask("/graphql", "application/json")).headers.get("content-type")).toContain("json");
    expect(await (await ask("/graphql?query={__typename}", "text/html,application/json")).json()).toEqual({
      data: { __typename: "Query" },
    });
  });
});

function open(path: string, headers: Record<string, string> = {}, from = service): Promise<Response> {
  return fetch(new URL(path, from.url), { headers: { ...browser, "accept-encoding": "identity", ...headers } });
}

function policyOf({ headers }: Response): Record<string, string> {
  const policy = headers.get("content-security-policy")?.split("; ") ?? [];
  return Object.fromEntries(policy.map((each) => [each.split(" ")[0], each.split(" ").slice(1).join(" ")]));
}

/** `fetch` decodes what it gets: the length as it was sent stands in a header. */
async function sizeOf(address: string): Promise<{ sent: number; plain: number }> {
  const response = await open(`/${address}`, { "accept-encoding": "gzip" });
  expect(response.headers.get("content-encoding")).toBe("gzip");
  return { sent: Number(response.headers.get("content-length")), plain: (await response.bytes()).length };
}
