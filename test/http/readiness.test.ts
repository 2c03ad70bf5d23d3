import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ServiceEvent } from "../../src/domain/events.ts";
import { watchReadiness } from "../../src/http/readiness.ts";

const lines: ServiceEvent[] = [];
const add = (line: ServiceEvent) => void lines.push(line);

beforeEach(() => {
  lines.length = 0;
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

it("a change of readiness is logged once, with the error, however many probes see it", async () => {
  const full = Object.assign(new Error("full"), { errcode: 13 });
  let fault: Error | undefined;
  const isReady = watchReadiness(async () => {
    if (fault) throw fault;
  }, add);
  const probe = async (times: number) => {
    const answers: boolean[] = [];
    for (let count = 0; count < times; count += 1) answers.push(await isReady());
    return answers;
  };

  expect(await probe(2)).toEqual([true, true]);
  fault = full;
  expect(await probe(3)).toEqual([false, false, false]);
  fault = undefined;
  expect(await probe(2)).toEqual([true, true]);
  expect(lines).toEqual([{ event: "not-ready", error: full }, { event: "ready" }]);
});

it("a database that never answers is not ready after 2 s, and is asked once for probes at the same time", async () => {
  const ping = vi.fn(() => new Promise<void>(() => {}));
  const isReady = watchReadiness(ping, add);
  const answers = Promise.all([isReady(), isReady(), isReady()]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(await answers).toEqual([false, false, false]);
  expect(ping).toHaveBeenCalledOnce();
  expect(lines).toMatchObject([{ event: "not-ready", error: { code: "ETIMEDOUT" } }]);
  ping.mockResolvedValue();
  expect(await isReady()).toBe(true);
});
