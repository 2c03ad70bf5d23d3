import { beforeEach, describe, expect, it } from "vitest";
import {
  breakerPauseMs,
  type CircuitBreaker,
  createBreaker,
  type ProviderHealth,
} from "../../src/cancellation/sending/breaker.ts";
import { createTestClock, type TestClock } from "../support/clock.ts";

const failuresToOpen = 10;
const down: ProviderHealth = { kind: "down" };
const works: ProviderHealth = { kind: "works" };

describe("a circuit breaker", () => {
  let clock: TestClock;
  let breaker: CircuitBreaker;
  let seen: (string | undefined)[];

  beforeEach(() => {
    clock = createTestClock();
    seen = [];
    breaker = createBreaker("P", clock.elapsed, (event) => {
      if (event.event === "circuit") seen.push(event.circuit);
    });
  });

  it("opens after ten failures in a row, and not before", () => {
    exchange(down, failuresToOpen - 1);
    exchange(works);
    exchange(down, failuresToOpen - 1);
    expect(breaker.state).toBe("CLOSED");
    exchange(down);
    expect(breaker.state).toBe("OPEN");
    expect(breaker.enter()).toBeUndefined();
  });

  it("lets one request try after its pause, and closes when that is answered", () => {
    exchange(down, failuresToOpen);
    clock.pass(breakerPauseMs - 1);
    expect(breaker.enter()).toBeUndefined();
    clock.pass(1);
    const probe = breaker.enter();
    expect(breaker.state).toBe("HALF_OPEN");
    expect(breaker.enter()).toBeUndefined();
    probe?.leave(works);
    expect(breaker.state).toBe("CLOSED");
    expect(breaker.enter()).toBeDefined();
    expect(seen).toEqual(["OPEN", "HALF_OPEN", "CLOSED"]);
  });

  it("opens for another pause when the one that tries fails", () => {
    exchange(down, failuresToOpen);
    clock.pass(breakerPauseMs);
    breaker.enter()?.leave(down);
    expect(breaker.state).toBe("OPEN");
    clock.pass(breakerPauseMs - 1);
    expect(breaker.enter()).toBeUndefined();
    clock.pass(1);
    expect(breaker.enter()).toBeDefined();
  });

  it("stays open when the one that may try sends nothing, and lets the next one try at once", () => {
    exchange(down, failuresToOpen);
    clock.pass(breakerPauseMs);
    breaker.enter()?.leave(undefined);
    expect(breaker.state).toBe("OPEN");
    breaker.enter()?.leave(works);
    expect(breaker.state).toBe("CLOSED");
  });

  it("opens when the answers about ten different orders cannot be read, and not because of one order", () => {
    exchange({ kind: "unreadable", orderIds: ["bad"] }, 5 * failuresToOpen);
    expect(breaker.state).toBe("CLOSED");
    for (let order = 1; order < failuresToOpen; order += 1) exchange({ kind: "unreadable", orderIds: [`${order}`] });
    expect(breaker.state).toBe("OPEN");
  });

  it("forgets which answers could not be read when one can be", () => {
    for (let order = 1; order < failuresToOpen; order += 1) exchange({ kind: "unreadable", orderIds: [`${order}`] });
    exchange(works);
    for (let order = 1; order < failuresToOpen; order += 1) exchange({ kind: "unreadable", orderIds: [`${order}`] });
    expect(breaker.state).toBe("CLOSED");
  });

  it("tells whether requests may pass, only one, or none", () => {
    expect(breaker.admits).toBe("all");
    exchange(down, failuresToOpen);
    expect(breaker.admits).toBe("none");
    clock.pass(breakerPauseMs);
    expect(breaker.admits).toBe("probe");
    const probe = breaker.enter();
    expect(breaker.admits).toBe("none");
    probe?.leave(works);
    expect(breaker.admits).toBe("all");
  });

  it("counts nothing if nothing was sent", () => {
    exchange(down, failuresToOpen - 1);
    exchange(undefined, 5);
    exchange(down);
    expect(breaker.state).toBe("OPEN");
  });

  it("is closed by the answer to a request that left before it opened", () => {
    const early = breaker.enter();
    exchange(down, failuresToOpen);
    early?.leave(works);
    expect(breaker.state).toBe("CLOSED");
  });

  it("tells that it is closed although the one that tried sent nothing after it was closed by another's answer", () => {
    const early = breaker.enter();
    exchange(down, failuresToOpen);
    clock.pass(breakerPauseMs);
    const probe = breaker.enter();
    early?.leave(works);
    probe?.leave(undefined);
    expect(breaker.state).toBe("CLOSED");
    expect(breaker.enter()).toBeDefined();
  });

  it("tells how long nothing passes, in whole ms", () => {
    expect(breaker.restMs()).toBe(0);
    exchange(down, failuresToOpen);
    clock.pass(0.25);
    expect(breaker.restMs()).toBe(breakerPauseMs);
    clock.pass(breakerPauseMs);
    expect(breaker.restMs()).toBe(0);
  });

  it("does not last longer because more requests, which left before it opened, fail", () => {
    const early = breaker.enter();
    exchange(down, failuresToOpen);
    clock.pass(breakerPauseMs - 1);
    early?.leave(down);
    clock.pass(1);
    expect(breaker.enter()).toBeDefined();
  });

  it("lasts as long as it should when the clock is set back by an hour", () => {
    exchange(down, failuresToOpen);
    clock.step(-3_600_000);
    clock.pass(breakerPauseMs);
    expect(breaker.enter()).toBeDefined();
  });

  function exchange(health: ProviderHealth | undefined, times = 1): void {
    for (let time = 0; time < times; time += 1) breaker.enter()?.leave(health);
  }
});
