import { type Agent, Client, EnvHttpProxyAgent } from "undici";
import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "../../src/config/config.ts";
import { readSettings } from "../../src/config/settings.ts";
import { type Proxies, proxyFor, readProxies, secretsOf } from "../../src/egress/proxies.ts";

type Environment = Record<string, string>;

const proxy = "http://proxy.example:3128";

function read(environment: Environment): Proxies {
  const settings = readSettings(environment);
  const proxies = readProxies(settings);
  expect(settings.mistakes).toEqual([]);
  return proxies;
}

function proxyOf(environment: Environment, target: string): string | undefined {
  return proxyFor(read(environment), new URL(target))?.url.origin;
}

describe("the proxy that stands before a target", () => {
  const other = "http://other.example:8080";

  it.each<[environment: Environment, forHttp: string | undefined, forHttps: string | undefined]>([
    [{}, undefined, undefined],
    [{ HTTPS_PROXY: proxy }, undefined, proxy],
    [{ https_proxy: proxy }, undefined, proxy],
    [{ HTTP_PROXY: proxy }, proxy, proxy],
    [{ http_proxy: proxy, HTTPS_PROXY: other }, proxy, other],
    [{ HTTPS_PROXY: proxy, https_proxy: other }, undefined, other],
    [{ HTTP_PROXY: proxy, http_proxy: other }, other, other],
    [{ HTTPS_PROXY: "https://proxy.example" }, undefined, "https://proxy.example"],
    [{ HTTPS_PROXY: proxy, NO_PROXY: "*" }, undefined, undefined],
    [{ HTTPS_PROXY: proxy, NO_PROXY: "*", no_proxy: "a.example" }, undefined, proxy],
  ])("%j: http by %s, https by %s", (environment, forHttp, forHttps) => {
    expect(proxyOf(environment, "http://api.example")).toBe(forHttp);
    expect(proxyOf(environment, "https://api.example")).toBe(forHttps);
  });

  it.each([
    ...["http://localhost:4000", "http://127.0.0.1:4000", "http://127.9.9.9", "http://[::1]:4000"],
    ...["https://api.localhost", "https://LOCALHOST"],
  ])("no proxy stands before %s, which is this machine", (target) => {
    expect(proxyOf({ HTTP_PROXY: proxy, HTTPS_PROXY: proxy }, target)).toBeUndefined();
  });

  it.each(["http://localhost.example", "https://128.0.0.1", "https://notlocalhost", "http://127.0.0.1.example"])(
    "is there for %s, which only looks like this machine",
    (target) => {
      expect(proxyOf({ HTTP_PROXY: proxy }, target)).toBe(proxy);
    },
  );
});

describe("NO_PROXY", () => {
  const targets = [
    ...["https://example.com", "https://api.example.com", "https://a.b.example.com", "https://badexample.com"],
    ...["http://example.com", "https://example.com:8443", "http://example.com:443", "https://EXAMPLE.com."],
    ...["https://192.0.2.1", "https://192.0.2.1:8443", "https://[2001:db8::1]", "https://[2001:db8::1]:8443"],
    ...["https://api.internal.svc", "http://gateway"],
  ];

  it.each([
    ...["example.com", ".example.com", "*.example.com", "*example.com", "EXAMPLE.COM", "example.com.", ".example.com."],
    ...["example.com:443", ".example.com:8443", "*.example.com:443", "*:443", "*", "none.test,*", "com", ".com"],
    ...["a.test,example.com", "a.test example.com", " a.test , example.com ", ",,", "https://example.com", "example"],
    ...["192.0.2.1", "192.0.2.1:443", "192.0.2.0/24", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:443"],
    ...["[2001:db8::1]:8443", ".svc", "gateway", "gateway:80", "gateway:x", "api.*", "*.svc,*.com:8443"],
  ])("%j means the same as to undici's EnvHttpProxyAgent", async (noProxy) => {
    const proxies = read({ HTTP_PROXY: proxy, NO_PROXY: noProxy });
    const ours = targets.filter((target) => proxyFor(proxies, new URL(target)) === null);
    const theirs = [];
    for (const target of targets) if (await isDirect(noProxy, target)) theirs.push(target);
    expect(ours).toEqual(theirs);
  });
});

/** Whether EnvHttpProxyAgent would connect to the target itself. Nothing is sent to anybody. */
async function isDirect(noProxy: string, target: string): Promise<boolean> {
  const origins: string[] = [];
  const factory: Agent.Options["factory"] = (origin) => {
    origins.push(String(origin));
    return new Client(origin, { connect: (_, callback) => callback(new Error("not here"), null) });
  };
  const agent = new EnvHttpProxyAgent({ httpProxy: proxy, noProxy, factory, proxyTunnel: false });
  // For http targets, the way through a proxy shows as a client of the proxy.
  const { hostname, port, protocol } = new URL(target);
  const origin = `http://${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
  await agent.request({ origin, path: "/", method: "GET" }).catch(() => {});
  await agent.destroy();
  return !origins.some((each) => each.startsWith(proxy));
}

describe("a proxy's URL", () => {
  const of = (url: string) => read({ HTTPS_PROXY: url }).https;

  it.each([
    ["without credentials", proxy, null],
    ["with credentials", "http://me:s3cret@proxy.example:3128", "me:s3cret"],
    ["with encoded credentials", "http://me%40corp:s%3Acr%2Fet@proxy.example:3128/", "me@corp:s:cr/et"],
    ["with a name only", "http://me@proxy.example:3128", "me:"],
  ])("%s is read", (_, url, credentials) => {
    const server = of(url);
    expect(server?.url.href).toBe(`${proxy}/`);
    const basic = credentials === null ? null : `Basic ${Buffer.from(credentials).toString("base64")}`;
    expect(server?.authorization).toBe(basic);
  });

  it("a proxy's credentials are secrets, as set and as sent", () => {
    const proxies = read({ HTTPS_PROXY: "http://me:s%3Acr%2Fet@proxy.example" });
    expect(secretsOf(proxies).toSorted()).toEqual(["bWU6czpjci9ldA==", "s:cr/et"]);
    expect(secretsOf(read({ HTTPS_PROXY: proxy }))).toEqual([]);
  });

  it.each([
    ...[
      "proxy.example:3128",
      "proxy.example",
      "3128",
      "socks5://me:s3cret@proxy.example:1080",
      "http://",
      "http://me:s3cret@",
    ],
    ...[
      "http://me:s3#cret@proxy.example:3128",
      "http://me:s3/cret@proxy.example:3128",
      "http://me:12/s3cret@proxy.example",
    ],
    ...["http://me:s3cret%@proxy.example:3128", "http://proxy.example:3128/s3cret", "http://proxy.example?s3cret"],
    ...["http://proxy.example#s3cret", "http://me:s3cret@proxy.example:port", "me:s3cret@proxy.example:3128"],
  ])("such as %j stops the start with one line, which names the setting and quotes nothing", (url) => {
    for (const name of ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"]) {
      expect(mistakesOf({ [name]: url })).toEqual([
        `${name} needs the URL of a proxy, such as http://proxy.example:3128`,
      ]);
    }
  });
});

function mistakesOf(environment: Environment): readonly string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
}
