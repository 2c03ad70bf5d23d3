import { expect, it } from "vitest";
import type { Exchange, HttpRequest, ProviderClient } from "../../src/domain/provider.ts";
import { maxAnswerBytes } from "../../src/providers/http/http-client.ts";
import { tronsaveClient } from "../../src/providers/tronsave.ts";

const ids = Array.from({ length: 1000 }, (_, index) => index.toString(16).padStart(24, "0"));

it("a thousand orders in an answer of nearly 1 MiB are parsed once, for a cancel and for a look-up", async () => {
  const padding = "x".repeat(800);
  const results = ids.map((order_id) => ({ order_id, is_success: true, fail_reason: null, padding }));
  const cancelled = answering(200, { cancel_results: results });
  expect(await cancelAll(cancelled.client, ids)).toEqual(ids.map(() => ({ kind: "cancelled", httpStatus: 200 })));
  expect(cancelled.counts).toEqual({ read: 1, cleaned: 0 });

  const pending = answering(200, { results: ids.map((order_id) => ({ order_id, status: "Pending", padding })) });
  expect(await lookUpAll(pending.client, ids)).toMatchObject(ids.map(() => ({ kind: "open" })));
  expect(pending.counts.read).toBe(1);
});

it("words about a thousand orders alike are read and cleaned once, at any length", async () => {
  const message = `TSAS:107 INVALID_API_KEY ${"x".repeat(900_000)}`;
  const { client, counts } = answering(401, { error: true, message });
  // What is too long to be read may say that the orders are cancelled: then no guard spoke.
  expect(await cancelAll(client, ids)).toMatchObject(ids.map(() => ({ kind: "unknown", providerCode: "TSAS:107" })));
  expect(await lookUpAll(client, ids)).toMatchObject(ids.map(() => ({ kind: "unanswered" })));
  // The code and the message, of two exchanges; of the look-up there is no code.
  expect(counts).toEqual({ read: 2, cleaned: 3 });
});

it.each([
  ["cancels", cancelAll],
  ["look-ups", lookUpAll],
])(
  "a hundred %s asked for in one turn of the event loop are one request, with their ids in order",
  async (_, askAll) => {
    const { client, requests } = recording();
    await askAll(client, ids.slice(0, 100));
    expect(requests).toEqual([ids.slice(0, 100)]);
  },
);

it("asks beyond the most orders of one request leave in a further one; nothing is cached, and a cancel is no look-up", async () => {
  const { client, requests } = recording();
  await Promise.all([cancelAll(client, ids.slice(0, 101)), lookUpAll(client, ids.slice(0, 2))]);
  await cancelAll(client, ids.slice(0, 2));
  expect(requests).toEqual([ids.slice(0, 100), ids.slice(100, 101), ids.slice(0, 2), ids.slice(0, 2)]);
});

/** A client whose every request gets this answer, and how often the answer was read and its words were cleaned. */
function answering(status: number, json: unknown) {
  const body = JSON.stringify(json);
  expect(body.length).toBeGreaterThan(0.8 * maxAnswerBytes);
  expect(body.length).toBeLessThan(maxAnswerBytes);
  const counts = { read: 0, cleaned: 0 };
  const exchange = async (_: HttpRequest): Promise<Exchange> => ({
    kind: "answered",
    status,
    answeredAt: 0,
    get text() {
      counts.read += 1;
      return body;
    },
    redact: (words) => {
      counts.cleaned += 1;
      return words;
    },
  });
  const options = { apiKey: "test-key", maxBatchSize: 1000 };
  return { client: tronsaveClient(options, { exchange, now: () => 0 }), counts };
}

/** A client that sends at most a hundred orders in a request, and the ids that each of its requests carried. */
function recording() {
  const requests: string[][] = [];
  const exchange = async ({ body }: HttpRequest): Promise<Exchange> => {
    requests.push(JSON.parse(body ?? "").order_ids);
    return { kind: "lost" };
  };
  return { client: tronsaveClient({ apiKey: "test-key", maxBatchSize: 100 }, { exchange, now: () => 0 }), requests };
}

function cancelAll(client: ProviderClient, orderIds: readonly string[]) {
  return Promise.all(orderIds.map((orderId) => client.cancel(orderId)));
}

function lookUpAll(client: ProviderClient, orderIds: readonly string[]) {
  return Promise.all(orderIds.map((orderId) => client.lookup?.(orderId)));
}
