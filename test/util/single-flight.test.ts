import { expect, it } from "vitest";
import { singleFlight } from "../../src/util/single-flight.ts";

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
