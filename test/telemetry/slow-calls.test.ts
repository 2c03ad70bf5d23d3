import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ServiceEvent } from "../../src/domain/events.ts";
import { watchSlowCalls } from "../../src/telemetry/slow-calls.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start() {
  const events: ServiceEvent[] = [];
  const note = watchSlowCalls((event) => events.push(event));
  return { events, note };
}

it("a call of a second or more is told at once, and a shorter one is not", () => {
  const { events, note } = start();
  note("open", 999.9);
  note("markSent", 1000.4);
  expect(events).toEqual([{ event: "database-slow", operation: "markSent", durationMs: 1000, calls: 1 }]);
});

it("the slow calls of the next minute are told together, with the longest of them", () => {
  const { events, note } = start();
  note("open", 1500);
  note("read", 4000);
  vi.advanceTimersByTime(59_999);
  note("open", 2000);
  expect(events).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(events.slice(1)).toEqual([{ event: "database-slow", operation: "read", durationMs: 4000, calls: 2 }]);
});
