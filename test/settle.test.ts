import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keepBackLookup, type Policy, type Standpoint, settle, settleStanding } from "../src/cancellation/settle.ts";
import type { Outcome, Standing } from "../src/domain/outcome.ts";

const now = 1_800_000_000_000;
const policy: Policy = { retryDelaysMs: [1000, 4000], giveUpAfterMs: 60_000, lookupDelaysMs: [2000, 10_000] };
const world = { now, random: 1, canLookUp: true };
const fresh: Standpoint = {
  provider: "FINPAY",
  requestedAt: now - 5000,
  step: "cancel",
  problem: null,
  doubtful: false,
  retries: 0,
  lookups: 0,
};
const doubtful = { ...fresh, doubtful: true };
const old = { requestedAt: now - 60_000, retries: 2 };
const refusedBefore = {
  ...doubtful,
  problem: { code: "TOO_LATE" as const, providerCode: null, providerMessage: "paid" },
};

const refused: Outcome = { kind: "refused", code: "REFUSED" };
const tooEarly: Outcome = { kind: "refused", code: "TOO_EARLY", opensAt: now + 90_000 };
const away: Outcome = { kind: "notSent", code: "PROVIDER_UNAVAILABLE" };

describe("settle", () => {
  it.each<[string, Standpoint, Outcome, object]>([
    ["cancelled", fresh, { kind: "cancelled" }, { status: "CANCELLED", problem: null, dueAt: null }],
    ["cancelled in doubt", doubtful, { kind: "cancelled" }, { status: "CANCELLED", problem: null, dueAt: null }],
    ["refused", fresh, refused, { status: "REJECTED", problem: { code: "REFUSED" } }],
    ["refused in doubt", doubtful, refused, { status: "PENDING", step: "lookup", dueAt: now, doubtful: true }],
    ["an impossible id in doubt", doubtful, { kind: "refused", code: "INVALID_ORDER_ID" }, { status: "REJECTED" }],
    ["too early", fresh, tooEarly, { status: "PENDING", step: "cancel", dueAt: now + 90_000, doubtful: false }],
    ["too early in doubt", doubtful, tooEarly, { status: "PENDING", step: "cancel", dueAt: now + 90_000 }],
    ["too early for ever", { ...fresh, ...old }, tooEarly, { status: "REJECTED", problem: { code: "TOO_EARLY" } }],
    ["not sent", fresh, away, { status: "PENDING", step: "cancel", dueAt: now + 1000, retries: 1, doubtful: false }],
    ["not sent again", { ...fresh, retries: 7 }, away, { status: "PENDING", dueAt: now + 4000, retries: 8 }],
    ["not sent, asked to wait", fresh, { ...away, retryAfterMs: 9000 }, { status: "PENDING", dueAt: now + 9000 }],
    [
      "not sent for too long",
      { ...fresh, ...old },
      away,
      { status: "REJECTED", problem: { code: "PROVIDER_UNAVAILABLE" } },
    ],
    [
      "not sent, old, but hardly tried: as after a pause",
      { ...fresh, ...old, retries: 0 },
      away,
      { status: "PENDING", dueAt: now + 1000, retries: 1 },
    ],
    [
      "not sent for too long in doubt",
      { ...doubtful, ...old },
      away,
      { status: "UNCONFIRMED", problem: { code: "OUTCOME_UNKNOWN" } },
    ],
    [
      "unknown",
      fresh,
      { kind: "unknown" },
      { status: "PENDING", step: "lookup", dueAt: now + 2000, doubtful: true, lookups: 1 },
    ],
    [
      "unknown once more",
      { ...doubtful, lookups: 1 },
      { kind: "unknown" },
      { status: "PENDING", dueAt: now + 10_000, lookups: 2 },
    ],
    [
      "unknown with no look-ups left",
      { ...doubtful, lookups: 2 },
      { kind: "unknown" },
      { status: "UNCONFIRMED", problem: { code: "OUTCOME_UNKNOWN" }, dueAt: null },
    ],
  ])("%s", (_name, record, outcome, expected) => {
    expect(settle(record, outcome, policy, world)).toMatchObject(expected);
  });

  it("keeps the provider's words", () => {
    const outcome: Outcome = { ...refused, providerCode: "E7", providerMessage: "no", httpStatus: 409 };
    expect(settle(fresh, outcome, policy, world).problem).toEqual({
      code: "REFUSED",
      providerCode: "E7",
      providerMessage: "no",
    });
  });

  it("without look-ups leaves doubt UNCONFIRMED", () => {
    expect(settle(fresh, { kind: "unknown" }, policy, { ...world, canLookUp: false }).status).toBe("UNCONFIRMED");
    expect(settle(doubtful, refused, policy, { ...world, canLookUp: false }).status).toBe("UNCONFIRMED");
  });

  it("spreads retries over the last quarter of each delay", () => {
    expect(settle(fresh, away, policy, { ...world, random: 0 }).dueAt).toBe(now + 750);
  });
});

describe("settleStanding", () => {
  it.each<[string, Standpoint, Standing, object]>([
    ["cancelled", doubtful, { kind: "cancelled" }, { status: "CANCELLED", problem: null }],
    ["closed", doubtful, { kind: "closed", code: "TOO_LATE" }, { status: "REJECTED", problem: { code: "TOO_LATE" } }],
    ["open", doubtful, { kind: "open" }, { status: "PENDING", step: "cancel", dueAt: now }],
    [
      "open after a refusal",
      refusedBefore,
      { kind: "open" },
      { status: "PENDING", step: "lookup", dueAt: now + 2000, problem: { code: "TOO_LATE" } },
    ],
    [
      "open after a refusal to the end",
      { ...refusedBefore, lookups: 2 },
      { kind: "open" },
      { status: "REJECTED", problem: { code: "TOO_LATE" } },
    ],
    ["unclear", doubtful, { kind: "unclear" }, { status: "PENDING", step: "cancel", dueAt: now }],
    [
      "unclear after a refusal",
      refusedBefore,
      { kind: "unclear" },
      { status: "UNCONFIRMED", problem: { code: "OUTCOME_UNKNOWN", providerMessage: "paid" } },
    ],
    [
      "unanswered",
      doubtful,
      { kind: "unanswered" },
      { status: "PENDING", step: "lookup", dueAt: now + 2000, lookups: 1 },
    ],
    ["unanswered to the end", { ...doubtful, lookups: 2 }, { kind: "unanswered" }, { status: "UNCONFIRMED" }],
  ])("%s", (_name, record, standing, expected) => {
    expect(settleStanding(record, standing, policy, world)).toMatchObject(expected);
  });
});

describe("keepBackLookup", () => {
  it("spends no look-up, and does not go on for ever", () => {
    const record = { ...doubtful, lookups: 1 };
    expect(keepBackLookup(record, policy, world, 5000)).toMatchObject({
      status: "PENDING",
      dueAt: now + 5000,
      lookups: 1,
    });
    const ancient = { ...record, requestedAt: now - 3_600_000 };
    expect(keepBackLookup(ancient, policy, world, 5000)).toMatchObject({ status: "PENDING", lookups: 2 });
    const last = { ...ancient, lookups: 2 };
    expect(keepBackLookup(last, policy, world, 5000)).toMatchObject({ status: "UNCONFIRMED" });
  });
});

describe("whatever a provider answers", () => {
  const outcomes = fc.oneof(
    fc.constant<Outcome>({ kind: "cancelled" }),
    fc.constantFrom<Outcome>(refused, tooEarly, { kind: "refused", code: "ORDER_NOT_FOUND" }),
    fc.constantFrom<Outcome>(away, { kind: "notSent", code: "PROVIDER_BUSY", retryAfterMs: 5000 }),
    fc.constant<Outcome>({ kind: "unknown" }),
  );
  const standings = fc.constantFrom<Standing>(
    { kind: "cancelled" },
    { kind: "open" },
    { kind: "closed", code: "TOO_LATE" },
    { kind: "unclear" },
    { kind: "unanswered" },
  );
  const steps = fc.infiniteStream(
    fc.record({ outcome: outcomes, standing: standings, random: fc.double({ min: 0, max: 0.999, noNaN: true }) }),
  );

  it("a cancellation ends, and only the provider's word makes it CANCELLED or REJECTED", () => {
    fc.assert(
      fc.property(steps, fc.boolean(), (answers, canLookUp) => {
        let record: Standpoint = { ...fresh, requestedAt: now };
        let clock = now;
        let mayHaveHadEffect = false;
        let count = 0;
        for (const { outcome, standing, random } of answers) {
          expect(count++).toBeLessThan(100);
          const looking = record.step === "lookup";
          const progress = looking
            ? settleStanding(record, standing, policy, { now: clock, random, canLookUp })
            : settle(record, outcome, policy, { now: clock, random, canLookUp });
          const said = looking ? standing : outcome;
          if (progress.status === "CANCELLED") expect(said.kind).toBe("cancelled");
          if (progress.status === "REJECTED" && mayHaveHadEffect) {
            expect(looking).toBe(true);
            expect(["closed", "open"]).toContain(said.kind);
          }
          if (progress.status !== "PENDING") return;
          expect(progress.dueAt).toBeGreaterThanOrEqual(clock);
          mayHaveHadEffect ||= said.kind === "unknown";
          expect(progress.doubtful).toBe(mayHaveHadEffect);
          clock = progress.dueAt ?? clock;
          record = { ...record, ...progress };
        }
      }),
    );
  });
});
