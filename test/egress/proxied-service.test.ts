import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { CancellationHistoryDocument } from "../../schema/generated/graphql.ts";
import { firstLook } from "../../src/simulators/simulators.ts";
import { startIssuer } from "../support/issuer.ts";
import { named, type OnConnect, startProxy, type TestProxy, tunnel } from "../support/proxy.ts";
import { cancelOrders, type Service, type ServiceOptions, startService } from "../support/service.ts";

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

const { cancellable } = firstLook.KWIKPAISA;
const password = "s3cret-of-the-proxy";

it("simulators and other services on this machine are never reached through a proxy", async () => {
  const proxy = await openProxy();
  const service = await open({ SANDBOX: "true", ...settingsOf(proxy) });
  expect(await statusOf(service)).toBe("CANCELLED");
  expect(lines(service, "starting")).toMatchObject([{ proxied: [] }]);
  expect(proxy.connects).toEqual([]);
});

it("a provider is reached through the proxy, whose credentials nobody sees", async () => {
  const wanted = `Basic ${Buffer.from(`me:${password}`).toString("base64")}`;
  const proxy = await openProxy((socket, request, head) => {
    if (request.headers["proxy-authorization"] === wanted) tunnel(socket, request, head);
    else socket.end("HTTP/1.1 407 No\r\n\r\n");
  });
  const service = await behind(proxy);
  expect(await statusOf(service)).toBe("CANCELLED");
  expect(lines(service, "starting")).toMatchObject([{ proxied: ["KWIKPAISA"] }]);
  expect(proxy.connects).toHaveLength(service.simulator("KWIKPAISA").received.length);
  expect([...lines(service, "connection-failed"), ...lines(service, "proxy-failed")]).toEqual([]);
  for (const { headers } of service.simulator("KWIKPAISA").received) {
    expect(headers).not.toHaveProperty("proxy-authorization");
  }
  expect(service.lines.join()).not.toMatch(new RegExp(`${password}|${wanted.slice(6)}`));
});

it("a proxy can be set by a file", async () => {
  const proxy = await openProxy();
  const path = join(mkdtempSync(join(tmpdir(), "proxy-")), "url");
  writeFileSync(path, `${withCredentials(proxy)}\n`);
  const service = await behind(proxy, { HTTP_PROXY: "", HTTP_PROXY_FILE: path });
  expect(await statusOf(service)).toBe("CANCELLED");
  expect(proxy.connects).not.toEqual([]);
});

it("NO_PROXY names providers that are reached directly", async () => {
  const proxy = await openProxy();
  const service = await behind(proxy, { NO_PROXY: "provider.test", CANCEL_WAIT_MS: "100", RETRY_DELAYS_MS: "60000" });
  // No name server knows this name, and the proxy is not asked.
  expect(await statusOf(service)).toBe("PENDING");
  expect(lines(service, "starting")).toMatchObject([{ proxied: [] }]);
  expect(proxy.connects).toEqual([]);
});

describe.each<[problem: string, onConnect: OnConnect, told: object]>([
  ["CREDENTIALS", (socket) => void socket.end("HTTP/1.1 407 No\r\n\r\n"), { status: 407 }],
  ["REFUSED", (socket) => void socket.end("HTTP/1.1 502 No\r\n\r\n{}"), { status: 502 }],
  ["UNREACHABLE", (socket) => void socket.resetAndDestroy(), { error: { code: "PROXY_UNREACHABLE" } }],
  ["SILENT", () => {}, {}],
])("a proxy's problem: %s", (problem, onConnect, told) => {
  it("a proxy's problem is in the history, the log and the metrics, and the order is sent when the proxy is well again", async () => {
    let sick = true;
    const proxy = await openProxy((...connect) => (sick ? onConnect : tunnel)(...connect));
    const service = await behind(proxy, { CANCEL_WAIT_MS: "0", PROVIDER_TIMEOUT_MS: "2000", LEASE_MS: "12000" });
    expect(await statusOf(service)).toBe("PENDING");
    await expect.poll(() => lines(service, "proxy-failed").length).toBeGreaterThan(1);
    expect(service.simulator("KWIKPAISA").received).toEqual([]);
    sick = false;
    await expect.poll(() => service.read("KWIKPAISA", cancellable)).toMatchObject({ status: "CANCELLED" });

    expect(lines(service, "proxy-failed")[0]).toMatchObject({
      ...{ level: 40, problem, host: expect.stringMatching(/^provider.test:\d+$/), ...told },
    });
    const { data } = await service.ask(CancellationHistoryDocument, { provider: "KWIKPAISA", orderId: cancellable });
    const ended = data?.cancellation?.history.filter(({ kind }) => kind === "ATTEMPT_ENDED") ?? [];
    expect(ended[0]).toMatchObject({ failure: "PROXY", problemCode: "PROVIDER_UNAVAILABLE", httpStatus: null });
    expect(ended.at(-1)).toMatchObject({ failure: null, httpStatus: 200 });
    const metrics = await (await fetch(service.url.replace("/graphql", "/metrics"))).text();
    expect(metrics).toMatch(new RegExp(`order_cancellation_proxy_failures_total\\{problem="${problem}"\\} [1-9]`));
  });
});

it("the key set and the access check are reached through the proxy, too", async () => {
  const issuer = await startIssuer();
  const checker = createServer((_, response) => {
    // Each question comes over a way of its own.
    response.setHeader("connection", "close").end(JSON.stringify({ allowed: [cancellable] }));
  });
  await new Promise<void>((resolve) => checker.listen(0, "127.0.0.1", resolve));
  opened.push(issuer.close, () => new Promise((resolve) => checker.close(resolve)));
  const jwksUrl = named(new URL(issuer.settings.AUTH_JWKS_URL ?? "")).href;
  const checkUrl = `http://checker.test:${(checker.address() as AddressInfo).port}`;
  const settings = { ...issuer.settings, AUTH_JWKS_URL: jwksUrl, ACCESS_CHECK_URL: checkUrl };
  let sick = false;
  const proxy = await openProxy((socket, request, head) => {
    if (sick) socket.end("HTTP/1.1 407 No\r\n\r\n");
    else tunnel(socket, request, head);
  });
  const service = await open({ ...settings, ...settingsOf(proxy) });
  const ask = async () =>
    service.ask(cancelOrders, { provider: "KWIKPAISA", ids: [cancellable] }, await issuer.bearer());

  expect((await ask()).data.cancelOrders.orders[0].cancellation.status).toBe("CANCELLED");
  const asked = () => proxy.connects.map(({ url }: IncomingMessage) => url?.split(":")[0]);
  expect(new Set(asked())).toEqual(new Set(["provider.test", "checker.test"]));

  sick = true;
  expect((await ask()).codes).toEqual(["FORBIDDEN"]);
  expect(lines(service, "access-check-unanswered")).toMatchObject([
    { error: { type: "ProxyError", code: "PROXY_CREDENTIALS" } },
  ]);
});

it("the webhook is reached through the proxy, too", async () => {
  const receiver = createServer((request, response) => void request.resume().on("end", () => response.end()));
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  opened.push(() => new Promise((resolve) => receiver.close(resolve)));
  const host = `receiver.test:${(receiver.address() as AddressInfo).port}`;
  const proxy = await openProxy();
  const secret = `whsec_${Buffer.from("a secret of the receiver's own").toString("base64")}`;
  const service = await open({ ...settingsOf(proxy), WEBHOOK_URL: `http://${host}/settled`, WEBHOOK_SECRET: secret });
  await service.cancel("KWIKPAISA", [cancellable]);
  await expect.poll(() => lines(service, "webhook-delivered")).toHaveLength(1);
  expect(proxy.connects.map(({ url }) => url)).toEqual([host]);
});

async function openProxy(onConnect?: OnConnect): Promise<TestProxy> {
  const proxy = await startProxy(onConnect ? { onConnect } : {});
  opened.push(proxy.close);
  return proxy;
}

async function open(settings: Record<string, string>, options?: ServiceOptions): Promise<Service> {
  const service = await startService(settings, options);
  opened.push(service.stop);
  return service;
}

/** A service whose KwikPaisa has a name that only the proxy knows. */
async function behind(proxy: TestProxy, settings: Record<string, string> = {}): Promise<Service> {
  const adapt = async ({ KWIKPAISA_BASE_URL = "" }) => ({
    KWIKPAISA_BASE_URL: named(new URL(KWIKPAISA_BASE_URL)).href,
  });
  return open({ ...settingsOf(proxy), ...settings }, { adapt });
}

function settingsOf(proxy: TestProxy): Record<string, string> {
  return { HTTP_PROXY: withCredentials(proxy), HTTPS_PROXY: withCredentials(proxy) };
}

function withCredentials({ url }: TestProxy): string {
  const full = new URL(url);
  full.username = "me";
  full.password = password;
  return full.href;
}

async function statusOf(service: Service): Promise<string | undefined> {
  const [order] = await service.cancel("KWIKPAISA", [cancellable]);
  return order?.cancellation?.status;
}

function lines(service: Service, event: string): Record<string, unknown>[] {
  return service.lines.map((line) => JSON.parse(line)).filter((line) => line.event === event);
}
