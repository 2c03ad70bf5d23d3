import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../src/domain/clock.ts";
import type { ServiceEvent } from "../../src/domain/events.ts";
import { openLedger } from "../../src/ledger/open.ts";
import { databaseCalls, timeCalls } from "../../src/ledger/timed-ledger.ts";

it("a timed ledger is the ledger: only its calls are replaced, and each call is reported with its duration", async () => {
  const ledger = await openLedger({ kind: "sqlite", path: ":memory:" }, systemClock, { leaseMs: 5000 });
  const emit = vi.fn();
  const times = [100, 107];
  const timed = timeCalls(ledger, emit, () => times.shift() ?? 0);
  const replaced: readonly string[] = databaseCalls;
  expect(Object.keys(timed)).toEqual(Object.keys(ledger));
  for (const [name, member] of Object.entries(ledger)) {
    if (replaced.includes(name)) expect(member, name).toBeTypeOf("function");
    else expect(timed, name).toHaveProperty(name, member);
  }
  expect(timed.readAgainMs()).toBe(Number.POSITIVE_INFINITY);
  expect(await timed.read([{ provider: "P", orderId: "1" }])).toEqual([undefined]);
  expect(emit.mock.calls).toEqual([[{ event: "database-call", operation: "read", durationMs: 7 }]]);
  await timed.close();
});

describe("slow calls", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("a call of a second or more: reported at once; a shorter one is not", async () => {
    const { reports, call } = await start();
    await call("check", 999.9);
    await call("backlog", 1000.4);
    expect(reports).toEqual([{ event: "database-slow", operation: "backlog", durationMs: 1000, calls: 1 }]);
  });

  it("the slow calls of the next minute: reported together, with the longest of them", async () => {
    const { reports, call } = await start();
    await call("check", 1500);
    await call("backlog", 4000);
    vi.advanceTimersByTime(59_999);
    await call("check", 2000);
    expect(reports).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(reports.slice(1)).toEqual([{ event: "database-slow", operation: "backlog", durationMs: 4000, calls: 2 }]);
  });

  async function start() {
    const reports: ServiceEvent[] = [];
    let now = 0;
    let tookMs = 0;
    const read = async () => {
      now += tookMs;
    };
    const ledger = { check: read, backlog: read } as never;
    const timed = timeCalls(
      ledger,
      (event) => event.event === "database-slow" && reports.push(event),
      () => now,
    );
    const call = (name: "check" | "backlog", ms: number) => {
      tookMs = ms;
      return timed[name]();
    };
    return { reports, call };
  }
});
