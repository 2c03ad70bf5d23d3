import { expect, it } from "vitest";
import { createLane } from "../../src/cancellability/lane.ts";
import type { Permit } from "../../src/cancellation/sending/limiter.ts";
import type { LookupResult } from "../../src/domain/outcome.ts";
import type { HttpClient } from "../../src/domain/provider.ts";
import { createTestClock } from "../support/clock.ts";

const open: LookupResult = { kind: "open" };
const refusedAlone: LookupResult = { kind: "unanswered", httpStatus: 400 };

it("orders that are asked for while a batch waits for its permit leave with it", async () => {
  const { lane, admit, requests } = start({ maxBatchSize: 100 });
  const asked = ["1", "2", "3"].map((id) => lane.ask(id));
  await admit(1);
  expect((await Promise.all(asked)).map((said) => "result" in said && said.result)).toEqual([open, open, open]);
  expect(requests).toEqual([["1", "2", "3"]]);
});

it("an id that the provider refuses with everything it is sent with is left out for ten minutes", async () => {
  const { lane, admit, requests, clock } = start({
    maxBatchSize: 100,
    answer: (ids) => {
      if (!ids.includes("bad")) return ids.map(() => open);
      return ids.map(() => (ids.length > 1 ? { kind: "batchRefused", orders: ids.length } : refusedAlone));
    },
  });
  const asked = ["1", "bad", "2"].map((id) => lane.ask(id));
  await admit(5);
  const said = (await Promise.all(asked)).map((each) => ("result" in each ? each.result.kind : each.notAsked));
  expect(said).toEqual(["open", "unanswered", "open"]);
  expect(requests).toEqual([["1", "bad", "2"], ["1", "bad"], ["1"], ["bad"], ["2"]]);
  expect(await lane.ask("bad")).toEqual({ notAsked: "OUTCOME_UNKNOWN" });
  clock.pass(600_000);
  const again = lane.ask("bad");
  await admit(1);
  await again;
  expect(requests).toHaveLength(6);
});

it("an order that has waited for more than ten seconds is not asked for any more", async () => {
  const { lane, admit, requests, clock } = start();
  const asked = lane.ask("1");
  clock.pass(10_001);
  await admit(1);
  expect(await asked).toEqual({ notAsked: "NOT_CHECKED" });
  expect(requests).toEqual([]);
});

it("nothing is asked of a provider that is paused, also if that happens while it waits", async () => {
  const world = { paused: false };
  const { lane, admit, requests } = start({ world });
  const asked = lane.ask("1");
  world.paused = true;
  expect(await lane.ask("2")).toEqual({ notAsked: "PROVIDER_PAUSED" });
  await admit(1);
  expect(await asked).toEqual({ notAsked: "PROVIDER_PAUSED" });
  expect(requests).toEqual([]);
});

it("after a 429 the lane rests for as long as it says, or for five seconds, and gives its permit back without a pause", async () => {
  const answers: LookupResult[] = [
    { kind: "unanswered", busy: true, retryAfterMs: 60_000 },
    { kind: "unanswered", busy: true },
  ];
  const { lane, admit, clock, releases } = start({ answer: () => [answers.shift() ?? open] });
  for (const restMs of [60_000, 5000]) {
    const asked = lane.ask("1");
    await admit(1);
    await asked;
    clock.pass(restMs - 1);
    expect(await lane.ask("1")).toEqual({ notAsked: "PROVIDER_BUSY" });
    clock.pass(1);
  }
  expect(releases).toEqual([0, 0]);
});

it("ten failures of different orders open the circuit of this lane, and a recall is none", async () => {
  const { lane, admit } = start({ answer: () => [{ kind: "unanswered", failure: "TIMEOUT" }] });
  for (let index = 0; index < 20; index += 1) {
    const asked = lane.ask(`${index}`);
    await admit(1, true);
    expect(await asked).toEqual({ notAsked: "NOT_CHECKED" });
  }
  for (let index = 0; index < 10; index += 1) {
    const asked = lane.ask(`${index}`);
    await admit(1);
    await asked;
  }
  expect(await lane.ask("1")).toEqual({ notAsked: "PROVIDER_UNAVAILABLE" });
});

it("a limiter that gives no permit, because the ledger fails or work has ended, leaves its orders unchecked", async () => {
  const { lane, refuse } = start();
  const asked = lane.ask("1");
  await refuse();
  expect(await asked).toEqual({ notAsked: "NOT_CHECKED" });
});

interface World {
  maxBatchSize?: number;
  answer?(ids: readonly string[]): LookupResult[];
  world?: { paused: boolean };
}

function start({ maxBatchSize = 1, answer = (ids) => ids.map(() => open), world = { paused: false } }: World = {}) {
  const clock = createTestClock();
  const requests: string[][] = [];
  const releases: number[] = [];
  const waiting: PromiseWithResolvers<Permit>[] = [];
  const ids: string[] = [];
  let batch: Promise<LookupResult[]> | undefined;
  const lookup = async (id: string): Promise<LookupResult> => {
    const place = ids.push(id) - 1;
    batch ??= Promise.resolve().then(() => {
      requests.push(ids.splice(0));
      batch = undefined;
      return answer(requests.at(-1) ?? []);
    });
    return (await batch)[place] as LookupResult;
  };
  const lane = createLane({
    provider: "P",
    setup: { maxBatchSize, connect: () => ({ cancel: async () => ({ kind: "unknown" }), lookup }) },
    http: {} as HttpClient,
    limiter: {
      acquire: () => {
        const permit = Promise.withResolvers<Permit>();
        waiting.push(permit);
        return permit.promise;
      },
      acquireFree: () => [],
    },
    paused: () => world.paused,
    elapsed: clock.elapsed,
    emit: () => {},
  });
  const next = async () => {
    await expect.poll(() => waiting.length, { interval: 1, timeout: 10_000 }).toBeGreaterThan(0);
    return waiting.shift() as PromiseWithResolvers<Permit>;
  };
  return {
    lane,
    clock,
    requests,
    releases,
    /** Gives so many permits, each as soon as it is asked for. */
    admit: async (permits: number, recalled = false) => {
      for (let given = 0; given < permits; given += 1) {
        const permit = await next();
        permit.resolve({
          waitMs: 0,
          maySend: () => true,
          release: async (pauseMs) => void releases.push(pauseMs),
          releaseUnused: async () => {},
          ...(recalled ? { recalled: AbortSignal.abort() } : {}),
        });
      }
    },
    refuse: async () => (await next()).reject(new Error("away")),
  };
}
