import { expect, it } from "vitest";
import { createTurns } from "../../../src/http/subscriptions/turns.ts";

it.each([
  ["together no heavier than the most: in one turn", [4, 6], [[4, 6]]],
  ["together heavier than the most: in as many turns as are needed, in order", [4, 6, 1, 9, 1], [[4, 6], [1, 9], [1]]],
  ["heavier than the most by itself: alone in a turn", [1, 100, 100, 1], [[1], [100], [100], [1]]],
])("work that is %s", async (_, weights, expected) => {
  const takeTurn = createTurns(10);
  const turns: number[][] = [];
  let current: number[] = [];
  const all = Promise.all(weights.map((weight) => takeTurn(weight).then(() => current.push(weight))));
  let done = false;
  void all.then(() => (done = true));
  while (!done) {
    await new Promise(setImmediate);
    if (current.length > 0) turns.push(current);
    current = [];
  }
  expect(turns).toEqual(expected);
});

it("between two turns, other requests have theirs", async () => {
  const takeTurn = createTurns(1);
  const happened: string[] = [];
  const first = takeTurn(1).then(() => {
    happened.push("first");
    setImmediate(() => happened.push("another request"));
  });
  const second = takeTurn(1).then(() => happened.push("second"));
  await Promise.all([first, second]);
  await takeTurn(1).then(() => happened.push("third"));
  expect(happened.indexOf("another request")).toBeLessThan(happened.indexOf("third"));
});
