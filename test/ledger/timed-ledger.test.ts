import { expect, it, vi } from "vitest";
import { systemClock } from "../../src/domain/clock.ts";
import { openLedger } from "../../src/ledger/open.ts";
import { databaseCalls, timeCalls } from "../../src/ledger/timed-ledger.ts";

it("a timed ledger is the ledger: only its calls are replaced, and each call is told with its duration", async () => {
  const ledger = await openLedger({ kind: "sqlite", path: ":memory:" }, systemClock, { leaseMs: 5000 });
  const observe = vi.fn();
  const times = [100, 107];
  const timed = timeCalls(ledger, observe, () => times.shift() ?? 0);
  const replaced: readonly string[] = databaseCalls;
  expect(Object.keys(timed)).toEqual(Object.keys(ledger));
  for (const [name, member] of Object.entries(ledger)) {
    if (replaced.includes(name)) expect(member, name).toBeTypeOf("function");
    else expect(timed, name).toHaveProperty(name, member);
  }
  expect(timed.readAgainMs()).toBe(Number.POSITIVE_INFINITY);
  expect(await timed.read([{ provider: "P", orderId: "1" }])).toEqual([undefined]);
  expect(observe.mock.calls).toEqual([["read", 7]]);
  await timed.close();
});
