import { expect, it, vi } from "vitest";
import { backoff } from "../../src/util/backoff.ts";

const pause = vi.hoisted(() =>
  vi.fn(async (_ms: number, _value: undefined, { signal }: { signal: AbortSignal }) => signal.throwIfAborted()),
);
vi.mock("node:timers/promises", () => ({ setTimeout: pause }));

it("the waits are the delays in their order, the last one repeats, and a reset starts over", async () => {
  const retries = backoff([1, 5, 9], new AbortController().signal);
  for (let times = 0; times < 4; times += 1) await retries.wait();
  retries.reset();
  await retries.wait();
  expect(pause.mock.calls.map(([ms]) => ms)).toEqual([1, 5, 9, 9, 1]);
});

it("the end of a wait by the signal is no failure", async () => {
  await expect(backoff([1], AbortSignal.abort()).wait()).resolves.toBeUndefined();
});
