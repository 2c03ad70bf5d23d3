import { describe, expect, it } from "vitest";
import { createWriter, type Writer } from "../../src/cancellation/sending/writer.ts";
import type { Claim } from "../../src/domain/cancellation.ts";
import type { ServiceEvent } from "../../src/domain/events.ts";
import type { Transition } from "../../src/domain/ledger.ts";
import { claimOf } from "../support/claims.ts";

/** A ledger that is away until it is back, and that may have given some records to another instance. */
function start(options: { lost?: string[]; impossible?: string } = {}) {
  const ending = new AbortController();
  const lines: ServiceEvent[] = [];
  const written: string[] = [];
  const handedBack: string[][] = [];
  let away = false;
  let caughtUp = 0;
  let tries = 0;
  const attempt = () => {
    tries += 1;
    if (away) throw new Error("away");
  };
  const health = { writesWait: false };
  const alarms: number[] = [];
  const note = (line: ServiceEvent) => void lines.push(line);
  const writer: Writer = createWriter({
    ledger: {
      write: async (steps) => {
        attempt();
        if (steps.some((each) => each.claim.orderId === options.impossible)) throw new Error("impossible");
        const ours = steps.filter(({ claim }) => !options.lost?.includes(claim.orderId));
        written.push(...ours.map(({ claim }) => claim.orderId));
        return ours;
      },
      release: async (claims) => {
        attempt();
        handedBack.push(claims.map(({ orderId }) => orderId));
      },
    },
    health,
    alarm: {
      now: () => {
        caughtUp += 1;
      },
      in: (delayMs) => void alarms.push(delayMs),
    },
    signal: ending.signal,
    emit: note,
  });
  return {
    writer,
    health,
    alarms,
    lines,
    written,
    handedBack,
    ending,
    caughtUp: () => caughtUp,
    tries: () => tries,
    setAway: (now: boolean) => {
      away = now;
    },
  };
}

describe("what is told to the ledger", () => {
  it("steps are written again until the database is back, and until then the writer is behind", async () => {
    const { writer, health, written, setAway, caughtUp, tries } = start();
    setAway(true);
    const writing = Promise.all([writer.write("P", [transition("a")]), writer.release([claim("b")])]);
    await expect.poll(tries).toBeGreaterThan(3);
    expect(health.writesWait).toBe(true);
    expect(caughtUp()).toBe(0);
    setAway(false);
    await writing;
    expect(written).toEqual(["a"]);
    expect(health.writesWait).toBe(false);
    expect(caughtUp()).toBe(1);
  });

  it("the waits between the tries grow, to a second at the most", async () => {
    const { writer, setAway, tries, ending } = start();
    setAway(true);
    const startedAt = performance.now();
    const writing = writer.write("P", [transition("a")]);
    await expect.poll(tries).toBe(4);
    // 100, 500 and 1000 ms.
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1590);
    ending.abort();
    await expect(writing).rejects.toThrow();
  });

  it("one try is made at a time, however much waits: on SQLite each try holds up the process", async () => {
    const { writer, health, written, setAway, tries } = start();
    setAway(true);
    const first = writer.write("P", [transition("first")]);
    await expect.poll(() => health.writesWait).toBe(true);
    const before = tries();
    const others = Array.from({ length: 50 }, (_, index) => writer.write("P", [transition(`${index}`)]));
    expect(tries()).toBe(before);
    setAway(false);
    await Promise.all([first, ...others]);
    expect(written).toHaveLength(51);
  });

  it("a step that can never be written holds up nothing else", async () => {
    const { writer, health, written, ending } = start({ impossible: "poison" });
    const poison = writer.write("P", [transition("poison")]);
    await expect.poll(() => health.writesWait).toBe(true);
    await writer.write("P", [transition("a")]);
    expect(written).toEqual(["a"]);
    ending.abort();
    await expect(poison).rejects.toThrow("impossible");
  });

  it("at the end, a step gets one more try in the middle of its wait", async () => {
    const { writer, health, setAway, written, tries, ending } = start();
    setAway(true);
    const [writing, failing] = [writer.write("P", [transition("a")]), writer.release([claim("b")])];
    await expect.poll(tries).toBeGreaterThan(2);
    setAway(false);
    ending.abort();
    await Promise.all([writing, failing]);
    expect(written).toEqual(["a"]);
    expect(health.writesWait).toBe(false);
  });

  it("a step whose try at the end fails is given up", async () => {
    const { writer, health, setAway, tries, ending } = start();
    setAway(true);
    const writing = writer.write("P", [transition("a")]);
    await expect.poll(tries).toBeGreaterThan(0);
    ending.abort();
    await expect(writing).rejects.toThrow("away");
    await writer.idle();
    expect(health.writesWait).toBe(false);
  });

  it("an order is counted as settled if, and only if, its step was written", async () => {
    const { writer, lines } = start({ lost: ["b", "c"] });
    await writer.write("P", [transition("a"), transition("b"), transition("c"), transition("d", "PENDING")]);
    expect(lines).toEqual([
      { provider: "P", event: "settled", orders: 1, outcomes: { CANCELLED: 1 } },
      { provider: "P", event: "taken-over", orders: 2 },
    ]);
  });

  it("the alarm is set for each record that waits for its next step", async () => {
    const { writer, alarms } = start();
    await writer.write("P", [transition("a"), transition("b", "PENDING")]);
    expect(alarms).toEqual([5]);
  });

  it("no event comes if nothing is settled and nothing lost", async () => {
    const { writer, lines } = start();
    await writer.write("P", [transition("a", "PENDING")]);
    expect(lines).toEqual([]);
  });

  it("while steps cannot be written, those on call are told so, with how many wait", async () => {
    const { writer, lines, setAway } = start();
    setAway(true);
    const writing = [writer.write("P", [transition("a")]), writer.write("P", [transition("b")])];
    await expect.poll(() => lines).toContainEqual(expect.objectContaining({ event: "write-failed", waiting: 2 }));
    setAway(false);
    await Promise.all(writing);
  });

  it("idle waits until what is being written is written", async () => {
    const { writer, written, setAway, tries } = start();
    setAway(true);
    const writing = writer.write("P", [transition("a")]);
    await expect.poll(tries).toBeGreaterThan(0);
    setAway(false);
    await writer.idle();
    expect(written).toEqual(["a"]);
    await writing;
  });

  it("no steps: the ledger is not asked", async () => {
    const { writer, tries } = start();
    await writer.write("P", []);
    expect(tries()).toBe(0);
  });

  it("claims that are released at once are released together", async () => {
    const { writer, handedBack } = start();
    await Promise.all(["a", "b", "c"].map((orderId) => writer.release([claim(orderId)])));
    await writer.release([claim("d")]);
    expect(handedBack).toEqual([["a", "b", "c"], ["d"]]);
  });
});

function claim(orderId: string): Claim {
  return claimOf({ orderId });
}

function transition(orderId: string, status: "CANCELLED" | "PENDING" = "CANCELLED"): Transition {
  const delayMs = status === "PENDING" ? 5 : null;
  const { nextAction: next, inDoubt, retries, lookups, watchedMs, maxBatch } = claim(orderId);
  const progress = { status, problem: null, nextAction: next, delayMs, inDoubt, retries, lookups, watchedMs, maxBatch };
  return { claim: claim(orderId), progress, attempts: 1, event: null };
}
