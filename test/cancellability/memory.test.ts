import { expect, it } from "vitest";
import { createMemory } from "../../src/cancellability/memory.ts";
import type { Word } from "../../src/cancellability/standing.ts";
import type { LookupResult } from "../../src/domain/outcome.ts";
import { createTestClock } from "../support/clock.ts";

const [seconds, hour] = [1000, 60 * 60_000];
const open: LookupResult = { kind: "open" };
const paid: LookupResult = { kind: "closed", code: "TOO_LATE" };

it.each<[string, LookupResult, number]>([
  ["that is open", open, 15 * seconds],
  ["that nobody knows", { kind: "closed", code: "ORDER_NOT_FOUND" }, 15 * seconds],
  ["that is unclear", { kind: "unclear" }, 15 * seconds],
  ["that is paid", paid, hour],
  ["that is cancelled", { kind: "cancelled" }, hour],
  ["that opens soon", { kind: "unclear", opensInMs: 4 * seconds }, 4 * seconds],
  ["that opens late", { kind: "unclear", opensInMs: 100 * seconds }, 15 * seconds],
])("an order %s is believed to be so for a time, and forgotten then", (_name, result, forMs) => {
  const { clock, memory, say } = start();
  say("1", result);
  clock.pass(forMs - 1);
  expect(memory.find("1", hour)?.result).toEqual(result);
  clock.pass(1);
  expect(memory.find("1", hour)).toBeUndefined();
  expect(memory.size).toBe(0);
});

it("a younger word can be asked for, unless it never changes any more", () => {
  const { clock, memory, say } = start();
  say("open", open);
  say("paid", paid);
  clock.pass(5000);
  expect(memory.find("open", 5000)).toBeDefined();
  expect(memory.find("open", 4999)).toBeUndefined();
  expect(memory.find("open", 5000)).toBeDefined();
  expect(memory.find("paid", 0)).toBeDefined();
});

it("a clock that is set back or forward changes nothing", () => {
  const { clock, memory, say } = start();
  say("1", open);
  clock.step(-24 * hour);
  clock.pass(15 * seconds - 1);
  clock.step(48 * hour);
  expect(memory.find("1", hour)).toBeDefined();
  clock.pass(1);
  expect(memory.find("1", hour)).toBeUndefined();
});

it("the words of the provider are not kept", () => {
  const { memory, say } = start();
  say("1", { kind: "open", closesInMs: 9, providerCode: "0", providerMessage: "x".repeat(300), httpStatus: 200 });
  expect(memory.find("1", hour)?.result).toEqual({ kind: "open", closesInMs: 9 });
});

it("no answer is no word", () => {
  const { memory, say } = start();
  say("1", { kind: "unanswered" });
  say("2", { kind: "batchRefused", orders: 2 });
  expect(memory.size).toBe(0);
});

it("beyond its bound the oldest are forgotten", () => {
  const { memory, say } = start(3);
  for (const order of ["1", "2", "3", "1", "4"]) say(order, paid);
  expect(["1", "2", "3", "4"].map((order) => memory.find(order, hour) !== undefined)).toEqual([
    true,
    false,
    true,
    true,
  ]);
  expect(memory.size).toBe(3);
});

function start(most?: number) {
  const clock = createTestClock();
  const memory = createMemory(clock.elapsed, most);
  const say = (order: string, result: LookupResult) => {
    const word: Word = { result, askedAt: clock.elapsed(), answeredAt: clock.elapsed() };
    memory.keep(order, word);
  };
  return { clock, memory, say };
}
