import { describe, expect, it } from "vitest";
import { createFairShare, spacingMs } from "../../src/cancellation/fair-share.ts";
import { createTestClock } from "../support/clock.ts";

describe("the fairShare of callers", () => {
  it("the orders of a caller stand behind those that the same caller asked for before", () => {
    const fairShare = createFairShare(createTestClock().elapsed);
    expect(fairShare.take("a", 500)).toBe(0);
    expect(fairShare.take("a", 1)).toBe(500 * spacingMs);
    expect(fairShare.take("a", 1)).toBe(501 * spacingMs);
    expect(fairShare.take("b", 1)).toBe(0);
  });

  it("a caller's orders come to the front again as time passes", () => {
    const clock = createTestClock();
    const fairShare = createFairShare(clock.elapsed);
    fairShare.take("a", 3);
    clock.pass(2 * spacingMs);
    expect(fairShare.take("a", 1)).toBe(spacingMs);
    clock.pass(5 * spacingMs);
    expect(fairShare.take("a", 1)).toBe(0);
  });

  it("without a caller, each request begins at the front", () => {
    const fairShare = createFairShare(createTestClock().elapsed);
    expect([fairShare.take(null, 500), fairShare.take(null, 500)]).toEqual([0, 0]);
  });

  it("a caller who asks all day is put back by a day at the most", () => {
    const fairShare = createFairShare(createTestClock().elapsed);
    for (let request = 0; request < 100; request += 1) fairShare.take("a", 500);
    expect(fairShare.take("a", 1)).toBe(86_400_000);
  });
});
