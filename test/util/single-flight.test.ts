import { expect, it } from "vitest";
import { rerun, singleFlight } from "../../src/util/single-flight.ts";

it("calls that come while the work is under way share its result; the next call does it anew", async () => {
  let runs = 0;
  const ask = singleFlight(async () => {
    runs += 1;
    return runs;
  });
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
  expect(await ask()).toBe(2);
});

it("after a failure, which all its callers get, the next call does the work anew", async () => {
  let fails = true;
  const ask = singleFlight(async () => {
    if (fails) throw new Error("away");
    return "there";
  });
  expect((await Promise.allSettled([ask(), ask()])).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  fails = false;
  expect(await ask()).toBe("there");
});

it("work that is asked for while it runs is done once more, however often it was asked for, and never twice at once", async () => {
  const gates: PromiseWithResolvers<void>[] = [];
  const work = rerun(() => {
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    return gate.promise;
  });
  expect(work.running).toBe(false);
  for (let times = 0; times < 3; times += 1) work.run();
  expect([gates.length, work.running]).toEqual([1, true]);
  gates[0]?.resolve();
  await expect.poll(() => gates.length).toBe(2);
  gates[1]?.resolve();
  await work.idle();
  expect([gates.length, work.running]).toEqual([2, false]);
});

it("when it is idle, asking starts it again", async () => {
  let runs = 0;
  const work = rerun(async () => {
    runs += 1;
  });
  work.run();
  await work.idle();
  work.run();
  await work.idle();
  expect(runs).toBe(2);
});
