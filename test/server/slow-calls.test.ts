import { expect, it } from "vitest";
import type { ServiceEvent } from "../../src/domain/events.ts";
import { watchSlowCalls } from "../../src/server/slow-calls.ts";

function start() {
  const events: ServiceEvent[] = [];
  let nowMs = 0;
  const note = watchSlowCalls(
    () => nowMs,
    (event) => events.push(event),
  );
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { events, note, pass };
}

it("a call of a second or more is told at once, and a shorter one is not", () => {
  const { events, note } = start();
  note("open", 999.9);
  note("markSent", 1000.4);
  expect(events).toEqual([{ event: "database-slow", operation: "markSent", durationMs: 1000, calls: 1 }]);
});

it("the slow calls of the next minute are told together, with the longest of them", () => {
  const { events, note, pass } = start();
  note("open", 1500);
  note("read", 4000);
  pass(59_999);
  note("open", 2000);
  expect(events).toHaveLength(1);
  pass(1);
  note("open", 1200);
  expect(events.slice(1)).toEqual([{ event: "database-slow", operation: "read", durationMs: 4000, calls: 3 }]);
});
