import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { atMostEvery } from "../../src/util/at-most-every.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("the first call is reported at once, those of the time after it together at its end, and a quiet time ends it", () => {
  const report = vi.fn();
  const note = atMostEvery(1000, report);
  note();
  expect(report).toHaveBeenCalledTimes(1);
  note();
  note();
  vi.advanceTimersByTime(999);
  expect(report).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1);
  expect(report).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(60_000);
  expect([report.mock.calls.length, vi.getTimerCount()]).toEqual([2, 0]);
  note();
  expect(report).toHaveBeenCalledTimes(3);
});
