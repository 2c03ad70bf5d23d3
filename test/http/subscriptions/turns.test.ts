import { expect, it } from "vitest";
import { createTurns } from "../../../src/http/subscriptions/turns.ts";

it("work is begun in order, while what is under way weighs no more than the most", async () => {
  const { begun, work, end } = start(10);
  for (const [name, weight] of [
    ["a", 4],
    ["b", 6],
    ["c", 1],
  ] as const)
    work(name, weight);
  await turn();
  expect(begun).toEqual(["a", "b"]);
  end("a");
  await turn();
  expect(begun).toEqual(["a", "b", "c"]);
});

it("work that is heavier than the most is under way alone", async () => {
  const { begun, work, end } = start(10);
  for (const [name, weight] of [
    ["light", 1],
    ["heavy", 100],
    ["heavy too", 100],
  ] as const)
    work(name, weight);
  await turn();
  expect(begun).toEqual(["light"]);
  end("light");
  await turn();
  expect(begun).toEqual(["light", "heavy"]);
  end("heavy");
  await turn();
  expect(begun).toEqual(["light", "heavy", "heavy too"]);
});

it("between the end of a work and the begin of the next, the event loop turns", async () => {
  const inTurn = createTurns(1);
  const happened: string[] = [];
  const first = inTurn(1, async () => void setImmediate(() => happened.push("another request")));
  await Promise.all([first, inTurn(1, async () => void happened.push("second"))]);
  expect(happened).toEqual(["another request", "second"]);
});

it("work that fails leaves its turn to the next", async () => {
  const inTurn = createTurns(1);
  await expect(inTurn(1, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await inTurn(1, async () => "next")).toBe("next");
});

function start(most: number) {
  const inTurn = createTurns(most);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string, weight: number) => {
    const under = Promise.withResolvers<void>();
    ends.set(name, under.resolve);
    void inTurn(weight, () => {
      begun.push(name);
      return under.promise;
    });
  };
  return { begun, work, end: (name: string) => ends.get(name)?.() };
}

async function turn(): Promise<void> {
  for (let count = 0; count < 3; count += 1) await new Promise(setImmediate);
}
