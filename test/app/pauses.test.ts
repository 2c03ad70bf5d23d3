import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CancellationProvidersDocument } from "../../schema/generated/graphql.ts";
import { firstLook } from "../../src/simulators/simulators.ts";
import { type Issuer, startIssuer } from "../support/issuer.ts";
import type { Databases } from "../support/postgres.ts";
import { type Service, startService } from "../support/service.ts";
import { sharedPostgres } from "../support/shared-postgres.ts";

const provider = "ONRAMP";
const orderId = firstLook.ONRAMP.cancellable;
const setPaused = `mutation($paused: Boolean!, $reason: String, $provider: OrderProvider! = ONRAMP) {
  setProviderPaused(provider: $provider, paused: $paused, reason: $reason) {
    provider { provider paused pausedAt pausedReason }
  }
}`;

const services: Service[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
});

async function start(settings: Record<string, string> = {}): Promise<Service> {
  const service = await startService(settings);
  services.push(service);
  return service;
}

describe("a provider that is paused over GraphQL", () => {
  it("gets nothing, and says why; started again, it gets what waited", async () => {
    const service = await start({ GIVE_UP_AFTER_MS: "0" });
    const { data } = await service.ask(setPaused, { paused: true, reason: "a new key" });
    const paused = { provider, paused: true, pausedAt: expect.any(String), pausedReason: "a new key" };
    expect(data.setProviderPaused.provider).toEqual(paused);

    const [order] = await service.cancel(provider, [orderId]);
    expect(order?.cancellation).toMatchObject({ status: "PENDING", nextAttemptAt: null, attempts: 0 });
    expect(order?.cancellation?.problem).toMatchObject(whilePaused);
    expect((await service.read(provider, orderId))?.problem).toMatchObject(whilePaused);
    expect(service.sent()).toBe(0);
    expect(await scrape(service)).toContain(`order_cancellation_paused{provider="${provider}"} 1\n`);
    const { data: list } = await service.ask(CancellationProvidersDocument);
    expect(list?.cancellationProviders.filter((each) => each.paused)).toMatchObject([paused]);

    await service.ask(setPaused, { paused: false });
    await expect.poll(async () => (await service.read(provider, orderId))?.status).toBe("CANCELLED");
    expect(await scrape(service)).toContain(`order_cancellation_paused{provider="${provider}"} 0\n`);
    expect(eventsOf(service).filter((event) => /^provider-/.test(event))).toEqual([
      "provider-paused",
      "provider-started",
    ]);
  });

  it("lets an exchange under way end normally, and others are not touched", async () => {
    const service = await start();
    const answer = Promise.withResolvers<void>();
    service.simulator(provider).faults(() => ({ kind: "held", until: answer.promise }));
    const cancelling = service.cancel(provider, [orderId]);
    await expect.poll(() => service.simulator(provider).received.length).toBe(1);
    await service.ask(setPaused, { paused: true });
    answer.resolve();
    expect((await cancelling)[0]?.cancellation?.status).toBe("CANCELLED");
    const [other] = await service.cancel("KWIKPAISA", [firstLook.KWIKPAISA.cancellable]);
    expect(other?.cancellation?.status).toBe("CANCELLED");
  });

  it("what was found out before the pause stays visible", async () => {
    const service = await start({ RETRY_DELAYS_MS: "600000", CANCEL_WAIT_MS: "0" });
    service.simulator(provider).faults(() => ({ kind: "status", status: 429, effect: false }));
    await service.cancel(provider, [orderId]);
    await expect.poll(async () => (await service.read(provider, orderId))?.problem?.code).toBe("PROVIDER_BUSY");
    const { data } = await service.ask(setPaused, { paused: true });
    expect(data.setProviderPaused.provider).toMatchObject({ paused: true, pausedReason: null });
    expect(await service.read(provider, orderId)).toMatchObject({
      problem: {
        code: "PROVIDER_BUSY",
        message: expect.stringMatching(/^The provider is taking .+ paused at the moment/),
      },
      nextAttemptAt: null,
    });
  });

  it("stays paused if a setting says so", async () => {
    const service = await start({ ONRAMP_PAUSED: "true" });
    const { data } = await service.ask(setPaused, { paused: false });
    expect(data.setProviderPaused.provider).toEqual({
      ...{ provider, paused: true, pausedAt: null, pausedReason: "The setting ONRAMP_PAUSED is true." },
    });
  });

  it.each([
    [" ", "reason is empty. Nothing was changed."],
    ["x".repeat(501), "reason has 501 characters, at most 500 are allowed. Nothing was changed."],
    ["a\u0007b", "reason holds control characters. Nothing was changed."],
  ])("needs a reason that can be shown: %j", async (reason, message) => {
    const service = await start();
    const { codes, messages } = await service.ask(setPaused, { paused: true, reason });
    expect([codes, messages]).toEqual([["BAD_USER_INPUT"], [message]]);
  });
});

describe("who may pause a provider", () => {
  let issuer: Issuer;
  beforeAll(async () => {
    issuer = await startIssuer();
  });
  afterAll(() => issuer.close());

  it("is who holds providers:manage, and nobody else", async () => {
    const service = await start(issuer.settings);
    const scope = "orders:cancel cancellations:read cancellations:resolve";
    const refused = await service.ask(setPaused, { paused: true }, await issuer.bearer({ scope }));
    expect(refused.codes).toEqual(["FORBIDDEN"]);
    expect((await service.ask(setPaused, { paused: true })).codes).toEqual(["UNAUTHENTICATED"]);
    const allowed = await service.ask(setPaused, { paused: true }, await issuer.bearer({ scope: "providers:manage" }));
    expect(allowed.data.setProviderPaused.provider.paused).toBe(true);
  });

  it("in production without tokens is nobody", async () => {
    const service = await start({ NODE_ENV: "production", AUTH: "none" });
    expect((await service.ask(setPaused, { paused: true })).codes).toEqual(["FORBIDDEN"]);
  });
});

describe("a pause in one of two instances", () => {
  let postgres: Databases;
  beforeAll(async () => {
    postgres = await sharedPostgres();
  });

  it("holds in the other, also for orders that wait, after a restart, and until one of them starts it", async () => {
    const url = await postgres.createDatabase("paused");
    const first = await start({ DATABASE_URL: url });
    // Both speak to the simulator of the first.
    const settings = { DATABASE_URL: url, ONRAMP_BASE_URL: first.simulator(provider).baseUrl, CANCEL_WAIT_MS: "0" };
    const second = await start(settings);
    await first.ask(setPaused, { paused: true, reason: "one for both" });
    await expect.poll(() => isPaused(second)).toBe(true);

    const ids = ["971", "972", "973"];
    for (const id of ids) first.simulator(provider).add(id);
    await second.cancel(provider, ids.slice(0, 2));
    await first.cancel(provider, ids.slice(2));
    const third = await start(settings);
    expect(await isPaused(third)).toBe(true);
    for (const service of [first, second, third]) {
      expect((await service.read(provider, "971"))?.problem).toMatchObject(whilePaused);
    }
    expect(first.simulator(provider).received).toEqual([]);

    await second.ask(setPaused, { paused: false });
    const statuses = () => Promise.all(ids.map(async (id) => (await first.read(provider, id))?.status));
    await expect.poll(statuses).toEqual(ids.map(() => "CANCELLED"));
    expect(first.simulator(provider).received.length).toBeGreaterThanOrEqual(ids.length);
  });
});

const whilePaused = {
  code: "PROVIDER_PAUSED",
  message: "Requests to this provider are paused at the moment; we will go on when they are started again.",
  providerCode: null,
  providerMessage: null,
};

async function isPaused(service: Service): Promise<boolean | undefined> {
  const { data } = await service.ask(CancellationProvidersDocument);
  return data?.cancellationProviders.find((each) => each.provider === provider)?.paused;
}

function eventsOf({ lines }: Service): string[] {
  return lines.map((line) => JSON.parse(line).event);
}

async function scrape({ url }: Service): Promise<string> {
  return (await fetch(url.replace("/graphql", "/metrics"))).text();
}
