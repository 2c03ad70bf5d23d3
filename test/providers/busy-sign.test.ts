import { expect, it } from "vitest";
import type { Exchange } from "../../src/domain/provider.ts";
import type { Answer } from "../../src/providers/answers/answer.ts";
import { classifyCancel, classifyCancels, classifyLookup } from "../../src/providers/answers/classify.ts";

const saysBusy = ({ status, text }: Answer) => status === 503 && text === "BUSY";
const readAsCancelled = () => ({ kind: "cancelled" as const });

it("a client reads plain text", () => {
  const read = ({ text, json }: Answer) => (json === undefined && text === "CANCELLED" ? readAsCancelled() : undefined);
  expect(classifyCancel(answered(200, "CANCELLED"), read)).toEqual({ kind: "cancelled", httpStatus: 200 });
  expect(classifyCancel(answered(200, "OPEN"), read)).toEqual({ kind: "unknown", httpStatus: 200 });
});

it("after a provider's own busy sign a cancel is not processed, and a look-up is unanswered", () => {
  const exchange = answered(503, "BUSY", 3000);
  expect(classifyCancel(exchange, readAsCancelled, saysBusy)).toEqual({
    kind: "notProcessed",
    code: "PROVIDER_BUSY",
    retryAfterMs: 3000,
    httpStatus: 503,
  });
  expect(classifyLookup(exchange, readAsCancelled, saysBusy)).toEqual({
    kind: "unanswered",
    busy: true,
    retryAfterMs: 3000,
    httpStatus: 503,
  });
});

it("a busy sign concerns every order of the request", () => {
  const outcomes = classifyCancels(answered(503, "BUSY"), ["1", "2"], () => readAsCancelled, saysBusy);
  expect(outcomes).toMatchObject([{ kind: "notProcessed" }, { kind: "notProcessed" }]);
});

it("a 503 is no busy sign if the client does not declare it", () => {
  expect(classifyCancel(answered(503, "BUSY"), readAsCancelled)).toEqual({ kind: "unknown", httpStatus: 503 });
  expect(classifyLookup(answered(503, "BUSY"), readAsCancelled)).toEqual({ kind: "unanswered", httpStatus: 503 });
});

it.each([408, 502, 503, 504])("a %s is not read, whatever the client would understand", (status) => {
  expect(classifyCancel(answered(status, "{}"), readAsCancelled)).toEqual({ kind: "unknown", httpStatus: status });
  expect(classifyLookup(answered(status, "{}"), readAsCancelled)).toEqual({ kind: "unanswered", httpStatus: status });
});

it("a look-up that the client reads as busy waits for as long as the provider asks", () => {
  const read = () => ({ kind: "unanswered" as const, busy: true as const });
  expect(classifyLookup(answered(400, "{}", 2000), read)).toMatchObject({ busy: true, retryAfterMs: 2000 });
});

function answered(status: number, text: string, retryAfterMs?: number): Exchange {
  return { kind: "answered", status, answeredAt: 0, retryAfterMs, text, redact: (words) => words };
}
