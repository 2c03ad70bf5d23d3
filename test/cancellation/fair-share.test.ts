import { describe, expect, it } from "vitest";
import { createTurns, turnMs } from "../../src/cancellation/sending/fair-share.ts";
import { createTestClock } from "../support/clock.ts";

describe("the turns of callers", () => {
  it("the orders of a caller stand behind those that the same caller asked for before", () => {
    const turns = createTurns(createTestClock().elapsed);
    expect(turns.take("a", 500)).toBe(0);
    expect(turns.take("a", 1)).toBe(500 * turnMs);
    expect(turns.take("a", 1)).toBe(501 * turnMs);
    expect(turns.take("b", 1)).toBe(0);
  });

  it("a caller's orders come to the front again as time passes", () => {
    const clock = createTestClock();
    const turns = createTurns(clock.elapsed);
    turns.take("a", 3);
    clock.pass(2 * turnMs);
    expect(turns.take("a", 1)).toBe(turnMs);
    clock.pass(5 * turnMs);
    expect(turns.take("a", 1)).toBe(0);
  });

  it("without a caller, each request begins at the front", () => {
    const turns = createTurns(createTestClock().elapsed);
    expect([turns.take(null, 500), turns.take(null, 500)]).toEqual([0, 0]);
  });

  it("a caller who asks all day is put back by a day at the most", () => {
    const turns = createTurns(createTestClock().elapsed);
    for (let request = 0; request < 100; request += 1) turns.take("a", 500);
    expect(turns.take("a", 1)).toBe(86_400_000);
  });
});
