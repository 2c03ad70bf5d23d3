import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";
import { afterEach, expect, it } from "vitest";
import { CancellationHistoryDocument } from "../../schema/generated/graphql.ts";
import { providerNames } from "../../src/providers/registry.ts";
import { firstLook } from "../../src/simulators/simulators.ts";
import { openLine } from "../support/line.ts";
import { freePort } from "../support/ports.ts";
import { type Service, startService } from "../support/service.ts";
import { sharedPostgres } from "../support/shared-postgres.ts";

/** For each cause: what the history says, one log line, and the metric that tells it from the others. */
let service: Service;
let release = async () => {};
afterEach(async () => {
  await service.stop();
  await release();
  release = async () => {};
});

const orderId = firstLook.ONRAMP.cancellable;

/** Gives up at once, so that one attempt is all there is. */
const once = { GIVE_UP_AFTER_MS: "0", RETRY_DELAYS_MS: "10", LOOKUP_DELAYS_MS: "10" };

it.each<[string, () => Promise<string>]>([
  ["DNS", async () => "http://nowhere.invalid"],
  ["REFUSED", async () => `http://127.0.0.1:${await freePort()}`],
  ["TLS", expiredServer],
])("if an exchange fails with %s, the history, the log and a metric say so", async (failure, start) => {
  service = await startService({ ...once, ONRAMP_BASE_URL: await start() });
  await service.cancel("ONRAMP", [orderId]);
  expect(await historyOf("ONRAMP", orderId)).toContainEqual(
    expect.objectContaining({ kind: "ATTEMPT_ENDED", failure, problemCode: "PROVIDER_UNAVAILABLE", httpStatus: null }),
  );
  expect(linesOf("cancel")[0]).toMatchObject({
    failure,
    problems: { PROVIDER_UNAVAILABLE: 1 },
    outcomes: { notSent: 1 },
  });
  const text = await scrape();
  expect(text).toMatch(
    new RegExp(`_exchange_failures_total{provider="ONRAMP",operation="cancel",failure="${failure}"} [1-9]`),
  );
  expect(text.match(/_exchange_failures_total\{.*\} [1-9]/g)).toHaveLength(1);
});

/** sms4sats needs no key. */
const withKeys = providerNames.filter((name) => name !== "SMS4SATS");

it.each(withKeys)("if %s refuses our key, a warning and a metric say so, and no order is in doubt", async (name) => {
  service = await startService();
  const keys = Object.keys(service.simulator(name).settings).filter((key) => /KEY$|SECRET$/.test(key));
  await service.stop();
  service = await startService(Object.fromEntries(keys.map((key) => [key, "wrong-key-wrong-key"])));
  const id = firstLook[name].cancellable;
  const [order] = await service.cancel(name, [id]);
  expect(order?.cancellation).toMatchObject({
    status: "REJECTED",
    problem: { code: "PROVIDER_REJECTED_CREDENTIALS" },
  });
  expect(service.sent()).toBe(1);
  expect(linesOf("key-refused")).toEqual([
    expect.objectContaining({ level: 40, provider: name, operation: "cancel", httpStatus: expect.any(Number) }),
  ]);
  expect(await scrape()).toContain(
    `order_cancellation_problems_total{provider="${name}",code="PROVIDER_REJECTED_CREDENTIALS"} 1\n`,
  );
});

it("if a provider refuses our time, a warning says by how much it differs, the order is cancelled, and no key is blamed", async () => {
  service = await startService();
  let refused = false;
  service.simulator("ONRAMP").faults(() => {
    if (refused) return undefined;
    refused = true;
    const date = new Date(Date.now() - 60_000).toUTCString();
    const body = JSON.stringify({ status: 0, code: 401, error: "Ahead of Time" });
    return { kind: "status", status: 401, headers: { date }, body, effect: false };
  });
  const [order] = await service.cancel("ONRAMP", [orderId]);
  expect(order?.cancellation?.status).toBe("CANCELLED");
  const warnings = linesOf("clock-refused");
  expect(warnings).toEqual([
    expect.objectContaining({ level: 40, provider: "ONRAMP", operation: "cancel", offMs: expect.any(Number) }),
  ]);
  expect(warnings[0]?.offMs).toBeGreaterThan(50_000);
  expect(linesOf("key-refused")).toEqual([]);
  expect(await scrape()).not.toMatch(/_problems_total\{provider="ONRAMP",code="PROVIDER_REJECTED_CREDENTIALS"\} [1-9]/);
});

it("if a look-up is refused because of our key, the history, a warning and a metric say so", async () => {
  service = await startService({ LOOKUP_DELAYS_MS: "10" });
  const refusal = JSON.stringify({ status: 0, code: 401, error: "Invalid key" });
  service
    .simulator("ONRAMP")
    .faults(({ operation }) =>
      operation === "cancel"
        ? { kind: "status", status: 500, effect: true }
        : { kind: "status", status: 401, body: refusal, effect: false },
    );
  const [order] = await service.cancel("ONRAMP", [orderId]);
  expect(order?.cancellation?.status).toBe("UNCONFIRMED");
  expect(await historyOf("ONRAMP", orderId)).toContainEqual(
    expect.objectContaining({ kind: "LOOKED_UP", httpStatus: 401, problemCode: "PROVIDER_REJECTED_CREDENTIALS" }),
  );
  expect(linesOf("key-refused")).toEqual([expect.objectContaining({ operation: "lookup", httpStatus: 401 })]);
});

it("if Tronsave limits our rate, 429 and PROVIDER_BUSY say so", async () => {
  service = await startService();
  let limited = false;
  service.simulator("TRONSAVE").faults(() => {
    if (limited) return undefined;
    limited = true;
    return { kind: "status", status: 429, body: '{"RATE_LIMIT":"Rate limit reached."}', effect: false };
  });
  const id = firstLook.TRONSAVE.cancellable;
  await service.cancel("TRONSAVE", [id]);
  expect(await historyOf("TRONSAVE", id)).toContainEqual(
    expect.objectContaining({ kind: "ATTEMPT_ENDED", httpStatus: 429, problemCode: "PROVIDER_BUSY" }),
  );
  expect(linesOf("cancel")[0]).toMatchObject({
    outcomes: { notProcessed: 1 },
    problems: { PROVIDER_BUSY: 1 },
    httpStatus: 429,
    failure: null,
  });
  expect(await scrape()).toContain('order_cancellation_problems_total{provider="TRONSAVE",code="PROVIDER_BUSY"} 1\n');
});

it("if the database is slow, a warning and a metric say so", async () => {
  const postgres = await sharedPostgres();
  const line = await openLine(postgres.url());
  release = line.close;
  service = await startService({ DATABASE_URL: line.url });
  line.hold();
  const heldAt = performance.now();
  const cancelling = service.cancel("ONRAMP", [orderId]);
  await expect.poll(() => performance.now() - heldAt).toBeGreaterThan(1100);
  line.restore();
  expect((await cancelling)[0]?.cancellation?.status).toBe("CANCELLED");
  expect(linesOf("database-slow")).toEqual([
    expect.objectContaining({ level: 40, operation: expect.any(String), durationMs: expect.any(Number), calls: 1 }),
  ]);
  const text = await scrape();
  const slower = ["open", "markSent"].map(
    (operation) => countOf(text, operation, "+Inf") - countOf(text, operation, "1"),
  );
  expect(Math.max(...slower)).toBeGreaterThanOrEqual(1);
});

it("an id that cannot be the provider's is counted although nothing is sent", async () => {
  service = await startService();
  await service.cancel("TRONSAVE", ["a/b"]);
  expect(await scrape()).toContain(
    'order_cancellation_problems_total{provider="TRONSAVE",code="INVALID_ORDER_ID"} 1\n',
  );
});

async function historyOf(provider: "ONRAMP" | "TRONSAVE", id: string) {
  const { data } = await service.ask(CancellationHistoryDocument, { provider, orderId: id });
  return data?.cancellation?.history;
}

function linesOf(event: string): Record<string, unknown>[] {
  return service.lines.map((line) => JSON.parse(line)).filter((line) => line.event === event);
}

/** How many calls took at most so many seconds. */
function countOf(text: string, operation: string, seconds: string): number {
  const bucket = `order_cancellation_database_duration_seconds_bucket{le="${seconds}",operation="${operation}"} `;
  return Number(text.split(bucket)[1]?.split("\n")[0]);
}

async function scrape(): Promise<string> {
  return (await fetch(service.url.replace("/graphql", "/metrics"))).text();
}

/** Its certificate ended in 2020. */
async function expiredServer(): Promise<string> {
  const made = await generate([{ name: "commonName", value: "127.0.0.1" }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date("2019-01-01"),
    notAfterDate: new Date("2020-01-01"),
  });
  const server = createServer({ key: made.private, cert: made.cert });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  release = async () => void server.close();
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
