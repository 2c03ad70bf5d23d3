import { expect, it } from "vitest";
import type { Exchange, HttpRequest } from "../../src/domain/provider.ts";
import { maxAnswerBytes } from "../../src/providers/http/http-client.ts";
import { tronsaveClient } from "../../src/providers/tronsave.ts";

const ids = Array.from({ length: 1000 }, (_, index) => index.toString(16).padStart(24, "0"));

it("a thousand orders in an answer of nearly 1 MiB are parsed once, for a cancel and for a look-up", async () => {
  const padding = "x".repeat(800);
  const results = ids.map((order_id) => ({ order_id, is_success: true, fail_reason: null, padding }));
  const cancelled = answering(200, { cancel_results: results });
  expect(await cancelled.client.cancel(ids)).toEqual(ids.map(() => ({ kind: "cancelled", httpStatus: 200 })));
  expect(cancelled.counts).toEqual({ read: 1, cleaned: 0 });

  const pending = answering(200, { results: ids.map((order_id) => ({ order_id, status: "Pending", padding })) });
  expect(await pending.client.lookup?.(ids)).toMatchObject(ids.map(() => ({ kind: "open" })));
  expect(pending.counts.read).toBe(1);
});

it("what concerns a thousand orders alike is read and cleaned once, however long its words are", async () => {
  const message = `TSAS:107 INVALID_API_KEY ${"x".repeat(900_000)}`;
  const { client, counts } = answering(401, { error: true, message });
  expect(await client.cancel(ids)).toMatchObject(ids.map(() => ({ code: "PROVIDER_REJECTED_CREDENTIALS" })));
  expect(await client.lookup?.(ids)).toMatchObject(ids.map(() => ({ kind: "unanswered" })));
  // The code and the message, of two exchanges; of the look-up there is no code.
  expect(counts).toEqual({ read: 2, cleaned: 3 });
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
  return { client: tronsaveClient({ apiKey: "test-key" }, { exchange, now: () => 0 }), counts };
}
