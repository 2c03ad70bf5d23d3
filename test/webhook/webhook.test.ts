import { afterEach, beforeEach, expect, it } from "vitest";
import { firstLook } from "../../src/simulators/simulators.ts";
import { type Receiver, startReceiver } from "../support/receiver.ts";
import { type Service, startService } from "../support/service.ts";

let receiver: Receiver;
const closing: (() => unknown)[] = [];
beforeEach(async () => {
  receiver = await startReceiver();
  closing.push(receiver.close);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const { cancellable, tooLate } = firstLook.TRONSAVE;

it("each settled cancellation is announced, once and signed, in the format of Standard Webhooks", async () => {
  const service = await start();
  await service.cancel("TRONSAVE", [cancellable, tooLate]);
  await expect.poll(() => receiver.received.length).toBe(2);
  const { data } = await service.ask(
    `query ($id: ID!) { cancellation(provider: TRONSAVE, orderId: $id) { settledAt } }`,
    { id: cancellable },
  );
  const [{ headers, message } = never()] = receiver.received.filter(
    (each) => each.message.data.orderId === cancellable,
  );
  const { settledAt } = data.cancellation;
  expect(message).toEqual({
    type: "order.cancellation.settled",
    timestamp: settledAt,
    data: { provider: "TRONSAVE", orderId: cancellable, status: "CANCELLED", settledAt },
  });
  expect(headers["content-type"]).toBe("application/json");
  expect(headers["user-agent"]).toMatch(/^order-cancellation-subgraph\/\d/);
  expect(headers["webhook-id"]).toMatch(/^msg_[\w-]+$/);
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(2);
  expect(statuses()).toEqual(["CANCELLED", "REJECTED"]);
  await expect.poll(() => metric(service, 'webhooks_total{result="delivered"}')).toBe(2);
  await expect.poll(() => metric(service, 'webhooks_undelivered{state="waiting"}')).toBe(0);
});

it("an announcement that is not answered with 2xx is tried again, with the same id and body", async () => {
  const answers = [500, 302, 404, 204];
  receiver.answerWith((response) => {
    response.writeHead(answers.shift() ?? 204, { location: "http://127.0.0.1:1/" }).end();
  });
  const service = await start({ WEBHOOK_DELAYS_MS: "10,10,10,10" });
  await service.cancel("TRONSAVE", [cancellable]);
  await expect.poll(() => metric(service, 'webhooks_total{result="delivered"}')).toBe(1);
  expect(new Set(receiver.received.map(({ id, message }) => JSON.stringify([id, message]))).size).toBe(1);
  expect(receiver.received).toHaveLength(4);
  expect(await metric(service, 'webhooks_total{result="failed"}')).toBe(3);
});

it("after the last delay it is given up, which the metrics and the log show", async () => {
  receiver.answerWith((response) => void response.writeHead(500).end());
  const service = await start({ WEBHOOK_DELAYS_MS: "10,10" });
  await service.cancel("TRONSAVE", [cancellable]);
  await expect.poll(() => metric(service, 'webhooks_total{result="abandoned"}')).toBe(1);
  await expect.poll(() => metric(service, 'webhooks_undelivered{state="abandoned"}')).toBe(1);
  expect(receiver.received).toHaveLength(3);
  const lines = service.lines.map((line) => JSON.parse(line)).filter(({ event }) => event === "webhook-abandoned");
  expect(lines).toMatchObject([{ level: 50, provider: "TRONSAVE", status: 500 }]);
});

it("410 ends the tries at once", async () => {
  receiver.answerWith((response) => void response.writeHead(410).end());
  const service = await start({ WEBHOOK_DELAYS_MS: "10,10" });
  await service.cancel("TRONSAVE", [cancellable]);
  await expect.poll(() => metric(service, 'webhooks_total{result="abandoned"}')).toBe(1);
  expect(receiver.received).toHaveLength(1);
});

it("a receiver that names a longer wait is asked no sooner", async () => {
  receiver.answerWith((response) => void response.writeHead(503, { "retry-after": "3600" }).end());
  const service = await start({ WEBHOOK_DELAYS_MS: "10" });
  await service.cancel("TRONSAVE", [cancellable]);
  await expect.poll(() => metric(service, 'webhooks_total{result="failed"}')).toBe(1);
  // What settles later is looked for again, and this one is not due.
  receiver.answerWith((response) => void response.writeHead(204).end());
  await service.cancel("TRONSAVE", [tooLate]);
  await expect.poll(() => metric(service, 'webhooks_total{result="delivered"}')).toBe(1);
  expect(receiver.received).toHaveLength(2);
  expect(await metric(service, 'webhooks_undelivered{state="waiting"}')).toBe(1);
});

it("a cancellation that is asked for again and settles anew is announced anew, one at a time", async () => {
  const held: (() => void)[] = [];
  receiver.answerWith((response) => void held.push(() => response.writeHead(204).end()));
  const service = await start();
  await service.cancel("TRONSAVE", [tooLate]);
  await expect.poll(() => held.length).toBe(1);
  await service.cancel("TRONSAVE", [tooLate]);
  await expect.poll(() => metric(service, 'webhooks_undelivered{state="waiting"}')).toBe(2);
  // Others are announced meanwhile.
  await service.cancel("TRONSAVE", [cancellable]);
  await expect.poll(() => held.length).toBe(2);
  for (const answer of held.splice(0)) answer();
  await expect.poll(() => held.length).toBe(1);
  held[0]?.();
  await expect.poll(() => metric(service, 'webhooks_undelivered{state="waiting"}')).toBe(0);
  expect(statuses()).toEqual(["CANCELLED", "REJECTED", "REJECTED"]);
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(3);
});

it("a receiver that never answers delays neither a cancel nor a stop", async () => {
  receiver.answerWith(() => {});
  const service = await start();
  const ids = Array.from({ length: 30 }, (_, index) => `5a4db0c50000000000000${100 + index}`);
  await service.cancel("TRONSAVE", ids);
  await service.cancel("TRONSAVE", [cancellable]);
  await expect.poll(() => receiver.received.length).toBe(10);
  expect(await metric(service, 'webhooks_undelivered{state="waiting"}')).toBe(31);
  await service.stop();
});

it("without a webhook nothing is kept for one", async () => {
  const service = await startService();
  closing.push(service.stop);
  await service.cancel("TRONSAVE", [cancellable]);
  expect(await metric(service, 'webhooks_undelivered{state="waiting"}')).toBe(0);
  expect(await metric(service, 'webhooks_total{result="delivered"}')).toBe(0);
});

it.each([
  [{ WEBHOOK_URL: "http://127.0.0.1:1/" }, "WEBHOOK_SECRET is missing: it goes together with WEBHOOK_URL"],
  [{ WEBHOOK_SECRET: "whsec_AAAA" }, "WEBHOOK_URL is missing"],
  [{ WEBHOOK_URL: "nowhere", WEBHOOK_SECRET: "whsec_AAAA" }, "WEBHOOK_URL needs"],
  [
    { WEBHOOK_URL: "http://127.0.0.1:1/", WEBHOOK_SECRET: "whsec_AAAA" },
    "WEBHOOK_SECRET needs whsec_ and the base64 form of 24 to 64 random bytes",
  ],
  [
    { WEBHOOK_URL: "http://127.0.0.1:1/", WEBHOOK_SECRET: "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=" },
    "WEBHOOK_SECRET needs whsec_",
  ],
])("%o stops the start", async (settings, mistake) => {
  const error = await startService(settings as Record<string, string>).catch(({ message }) => message);
  expect(error).toContain(mistake);
  expect(error).not.toContain("AAAA");
});

async function start(settings: Record<string, string> = {}): Promise<Service> {
  const service = await startService({ ...receiver.settings, ...settings });
  closing.push(service.stop);
  return service;
}

function statuses(): (string | undefined)[] {
  return receiver.received.map(({ message }) => message.data.status).toSorted();
}

async function metric({ url }: Service, name: string): Promise<number> {
  const text = await (await fetch(new URL("/metrics", url))).text();
  const line = text.split("\n").find((each) => each.startsWith(`order_cancellation_${name} `));
  return Number(line?.split(" ").at(-1));
}

function never(): never {
  throw new Error("nothing was received");
}
