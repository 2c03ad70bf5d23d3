import { afterEach, describe, expect, it } from "vitest";
import {
  CancellationHistoryDocument,
  CancellationListDocument,
  CancellationProvidersDocument,
  CancelOrdersDocument,
} from "../../schema/generated/graphql.ts";
import type { Fault } from "../../src/simulators/kit/simulator.ts";
import { firstLook } from "../../src/simulators/simulators.ts";
import { type ProviderName, type Service, startService } from "../support/service.ts";

let subgraph: Service;
afterEach(() => subgraph.stop());

const providers = Object.keys(firstLook) as ProviderName[];

describe("each provider", () => {
  it.each(providers)("%s: cancels, refuses and says why, in the order asked", async (provider) => {
    subgraph = await startService();
    const { cancellable, tooLate, unknown } = firstLook[provider];

    const orders = await subgraph.cancel(provider, [unknown, cancellable, tooLate, cancellable]);

    expect(orders.map(({ id }) => id)).toEqual([unknown, cancellable, tooLate, cancellable]);
    expect(orders.map(({ cancellation }) => cancellation?.status)).toEqual([
      "REJECTED",
      "CANCELLED",
      "REJECTED",
      "CANCELLED",
    ]);
    expect(orders[0]?.cancellation?.problem?.code).toBe("ORDER_NOT_FOUND");
    expect(orders[1]?.cancellation).toMatchObject({ problem: null, attempts: 1, nextAttemptAt: null });
    expect(orders[2]?.cancellation?.problem?.message).toMatch(/^[A-Z].*\.$/);
    expect(subgraph.simulator(provider).orders.get(cancellable)).toMatchObject({
      state: "cancelled",
      cancelRequests: 1,
    });
  });
});

describe("batching", () => {
  it("200 concurrent mutations for Tronsave reach it in at most 3 requests, never two within the interval", async () => {
    const minIntervalMs = 1000;
    // The first answer is held for as long as all the others need.
    const patient = { PROVIDER_TIMEOUT_MS: "60000", LEASE_MS: "90000" };
    subgraph = await startService(patient, { minIntervalMs });
    const tronsave = subgraph.simulator("TRONSAVE");
    const ids = Array.from({ length: 200 }, (_, index) => index.toString(16).padStart(24, "0"));
    for (const id of ids) tronsave.add(id);
    const allRecorded = Promise.withResolvers<void>();
    tronsave.faults(() => (tronsave.received.length === 1 ? { kind: "held", until: allRecorded.promise } : undefined));

    const answering = Promise.all(ids.map((id) => subgraph.cancel("TRONSAVE", [id])));
    await expect.poll(() => recorded(200)).toBe(ids.length);
    allRecorded.resolve();
    const answers = await answering;

    expect(answers.flat().map(({ id, cancellation }) => `${id} ${cancellation?.status}`)).toEqual(
      ids.map((id) => `${id} CANCELLED`),
    );
    expect(tronsave.received.length).toBeLessThanOrEqual(3);
    expect(tronsave.received.flatMap(({ orderIds }) => orderIds).toSorted()).toEqual(ids);
    for (const [index, { at }] of tronsave.received.entries()) {
      const before = tronsave.received[index - 1];
      if (before) expect(at - (before.answeredAt ?? 0)).toBeGreaterThanOrEqual(minIntervalMs - 1);
    }
    expect(tronsave.limitViolations).toBe(0);
  });

  it("one bad id does not spoil the batch it came in", async () => {
    subgraph = await startService({}, { minIntervalMs: 5 });
    const { cancellable, tooLate } = firstLook.TRONSAVE;
    const orders = await subgraph.cancel("TRONSAVE", [cancellable, "not an id", tooLate, "a/b"]);
    expect(orders.map(({ cancellation }) => cancellation?.problem?.code ?? cancellation?.status)).toEqual([
      ...["CANCELLED", "REFUSED", "TOO_LATE", "INVALID_ORDER_ID"],
    ]);
    expect(orders[3]?.cancellation?.attempts).toBe(0);
  });

  it("providers without a batch form are asked side by side, but never more than allowed at once", async () => {
    subgraph = await startService({ KWIKPAISA_CONCURRENCY: "3" });
    const kwikpaisa = subgraph.simulator("KWIKPAISA");
    kwikpaisa.faults(() => ({ kind: "delay", ms: 30 }));
    const ids = Array.from({ length: 12 }, (_, index) => String(70_000 + index));
    for (const id of ids) kwikpaisa.add(id);
    await subgraph.cancel("KWIKPAISA", ids);
    const inFlight = kwikpaisa.received.map(
      ({ at }) => kwikpaisa.received.filter((each) => each.at <= at && (each.answeredAt ?? 0) > at).length,
    );
    expect(Math.max(...inFlight)).toBe(3);
  });
});

describe("asking again", () => {
  it("CANCELLED is answered from the record, REJECTED is tried anew", async () => {
    subgraph = await startService();
    const finpay = subgraph.simulator("FINPAY");
    const { cancellable, unknown } = firstLook.FINPAY;
    await subgraph.cancel("FINPAY", [cancellable, unknown]);
    finpay.forget();
    finpay.add(unknown);

    const orders = await subgraph.cancel("FINPAY", [cancellable, unknown]);

    expect(orders.map(({ cancellation }) => cancellation?.status)).toEqual(["CANCELLED", "CANCELLED"]);
    expect(finpay.received.flatMap(({ orderIds }) => orderIds)).not.toContain(cancellable);
  });

  it("PENDING joins the work under way: one request upstream, one word for all who asked", async () => {
    subgraph = await startService();
    const onramp = subgraph.simulator("ONRAMP");
    onramp.faults(() => ({ kind: "delay", ms: 100 }));
    const { cancellable } = firstLook.ONRAMP;
    const answers = await Promise.all([1, 2, 3].map(() => subgraph.cancel("ONRAMP", [cancellable])));
    expect(answers.flat().map(({ cancellation }) => cancellation?.status)).toEqual([
      "CANCELLED",
      "CANCELLED",
      "CANCELLED",
    ]);
    expect(onramp.orders.get(cancellable)?.cancelRequests).toBe(1);
  });
});

describe("trouble", () => {
  it.each(providers)("%s: an answer lost after the effect is looked up, not guessed", async (provider) => {
    subgraph = await startService();
    faultFirstCancel(provider, { kind: "reset", effect: true });
    const { cancellable } = firstLook[provider];

    const [order] = await subgraph.cancel(provider, [cancellable]);

    // The look-up of sms4sats may show nothing of it. The refusal of the second cancel says that the order is cancelled.
    const attempts = provider === "SMS4SATS" ? 2 : 1;
    expect(order?.cancellation).toMatchObject({ status: "CANCELLED", attempts });
  });

  it.each(providers)("%s: a request lost before any effect is sent again once a look-up shows it", async (provider) => {
    subgraph = await startService();
    faultFirstCancel(provider, { kind: "garbage", effect: false });
    const [order] = await subgraph.cancel(provider, [firstLook[provider].cancellable]);
    expect(order?.cancellation).toMatchObject({ status: "CANCELLED", attempts: 2 });
  });

  it("an order that is missing in a batch answer is unknown, and the others keep their outcomes", async () => {
    subgraph = await startService({ CANCEL_WAIT_MS: "5000", LOOKUP_DELAYS_MS: "60000" });
    const [one = "", two = ""] = [firstLook.TRONSAVE.cancellable, firstLook.TRONSAVE.tooLate];
    const body = JSON.stringify({ cancel_results: [{ order_id: one, is_success: true, fail_reason: null }] });
    subgraph.simulator("TRONSAVE").faults(() => ({ kind: "status", status: 200, body, effect: false }));
    const orders = await subgraph.cancel("TRONSAVE", [two, one]);
    expect(orders.map(({ cancellation }) => [cancellation?.status, cancellation?.problem?.code])).toEqual([
      ["PENDING", "OUTCOME_UNKNOWN"],
      ["CANCELLED", undefined],
    ]);
    expect(orders[0]?.cancellation?.nextAttemptAt).not.toBeNull();
  });

  it("a hanging provider holds up nobody else, and its mutation answers PENDING in time", async () => {
    subgraph = await startService({ CANCEL_WAIT_MS: "3000", PROVIDER_TIMEOUT_MS: "15000" });
    subgraph.simulator("FINPAY").faults(() => ({ kind: "hang", effect: false }));
    const hanging = subgraph.cancel("FINPAY", [firstLook.FINPAY.cancellable]);
    const [quick] = await subgraph.cancel("ONRAMP", [firstLook.ONRAMP.cancellable]);
    expect(quick?.cancellation?.status).toBe("CANCELLED");
    // Still under way: without the bound, the answer would tell of a look-up to come.
    expect((await hanging)[0]?.cancellation).toMatchObject({ status: "PENDING", nextAttemptAt: null });
  });

  it("what was not acted on is sent again; 429 and its Retry-After are obeyed", async () => {
    subgraph = await startService();
    const onramp = subgraph.simulator("ONRAMP");
    let refusals = 0;
    onramp.faults(() => {
      refusals += 1;
      return refusals > 1 ? undefined : { kind: "status", status: 429, headers: { "retry-after": "1" }, effect: false };
    });
    const [order] = await subgraph.cancel("ONRAMP", [firstLook.ONRAMP.cancellable]);
    expect(order?.cancellation).toMatchObject({ status: "CANCELLED", attempts: 2 });
    const [first, second] = onramp.received;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(999);
  });

  it("Tronsave's 429 shuts its slot for everybody, for as long as it asks", async () => {
    subgraph = await startService();
    const tronsave = subgraph.simulator("TRONSAVE");
    const [one, two] = ["a".repeat(24), "b".repeat(24)];
    for (const id of [one, two]) tronsave.add(id);
    let refusals = 0;
    tronsave.faults(() => {
      refusals += 1;
      return refusals > 1 ? undefined : { kind: "status", status: 429, headers: { "retry-after": "1" }, effect: false };
    });
    const first = subgraph.cancel("TRONSAVE", [one]);
    await expect.poll(() => tronsave.received.length).toBe(1);
    const orders = [...(await first), ...(await subgraph.cancel("TRONSAVE", [two]))];
    expect(orders.map(({ cancellation }) => cancellation?.status)).toEqual(["CANCELLED", "CANCELLED"]);
    const [refused, next] = tronsave.received;
    expect((next?.at ?? 0) - (refused?.answeredAt ?? 0)).toBeGreaterThanOrEqual(999);
  });

  it("a provider that cannot be reached for too long was never asked: REJECTED, no attempts", async () => {
    subgraph = await startService({ GIVE_UP_AFTER_MS: "200" });
    await subgraph.simulator("KWIKPAISA").close();
    const [order] = await subgraph.cancel("KWIKPAISA", [firstLook.KWIKPAISA.cancellable]);
    expect(order?.cancellation).toMatchObject({
      status: "REJECTED",
      attempts: 0,
      problem: { code: "PROVIDER_UNAVAILABLE" },
    });
  });

  it("sms4sats too early: PENDING until its two minutes are over, answered at once", async () => {
    subgraph = await startService();
    const sms4sats = subgraph.simulator("SMS4SATS");
    const id = "ab".repeat(32);
    const createdAt = Date.now() - 60_000;
    sms4sats.add(id, { createdAt });
    const [order] = await subgraph.cancel("SMS4SATS", [id]);
    expect(order?.cancellation).toMatchObject({ status: "PENDING", problem: { code: "TOO_EARLY" } });
    const nextAttemptAt = Date.parse(order?.cancellation?.nextAttemptAt ?? "");
    // Never before the two minutes and the margin; the provider's `Date` has whole seconds.
    expect(nextAttemptAt).toBeGreaterThanOrEqual(createdAt + 121_000);
    expect(nextAttemptAt).toBeLessThanOrEqual(Date.now() + 62_000);
  });

  it("a provider that keeps failing is left alone for a while, visibly", async () => {
    subgraph = await startService({ CANCEL_WAIT_MS: "2000", LOOKUP_DELAYS_MS: "60000" });
    const onramp = subgraph.simulator("ONRAMP");
    onramp.faults(() => ({ kind: "status", status: 500, effect: false }));
    const ids = Array.from({ length: 30 }, (_, index) => String(80_000 + index));
    await subgraph.cancel("ONRAMP", ids);
    const circuit = async () => {
      const { data } = await subgraph.ask(CancellationProvidersDocument, {});
      return data?.cancellationProviders.find(({ provider }) => provider === "ONRAMP")?.circuit;
    };
    await expect.poll(circuit).toBe("OPEN");
    expect(onramp.received.length).toBeLessThan(ids.length);
  });
});

describe("the request as a whole", () => {
  it.each([
    ["empty", [""], "ids[0] is empty"],
    ["too long", ["ok", "x".repeat(201)], "ids[1] has 201 characters"],
    ["control characters", ["ok", "a\u0000b", "c\n"], "ids[1] holds control characters; ids[2]"],
    ["too many", Array.from({ length: 501 }, (_, index) => `${index}`), "at most 500"],
  ])("%s ids: BAD_USER_INPUT that names the positions, nothing sent or recorded", async (_name, ids, message) => {
    subgraph = await startService();
    const { data, codes, messages } = await subgraph.ask(CancelOrdersDocument, { provider: "TRONSAVE", ids });
    expect(data ?? null).toBeNull();
    expect(codes).toEqual(["BAD_USER_INPUT"]);
    expect(messages[0]).toContain(message);
    expect(subgraph.simulator("TRONSAVE").received).toEqual([]);
    expect(await subgraph.read("TRONSAVE", "ok")).toBeUndefined();
  });

  it("no ids: no orders are answered, and nothing is sent", async () => {
    subgraph = await startService();
    expect(await subgraph.cancel("TRONSAVE", [])).toEqual([]);
  });

  it("a provider that is not set up is an error of the request", async () => {
    subgraph = await startService({ TRONSAVE_API_KEY: "" });
    const { codes } = await subgraph.ask(CancelOrdersDocument, { provider: "TRONSAVE", ids: ["1"] });
    expect(codes).toEqual(["PROVIDER_NOT_CONFIGURED"]);
  });

  it("a paused provider: recorded, PENDING, nothing sent", async () => {
    subgraph = await startService({ FINPAY_PAUSED: "true" });
    const [order] = await subgraph.cancel("FINPAY", [firstLook.FINPAY.cancellable]);
    expect(order?.cancellation).toMatchObject({ status: "PENDING", attempts: 0 });
    expect(subgraph.simulator("FINPAY").received).toEqual([]);
  });

  it("the audit trail tells each step", async () => {
    subgraph = await startService();
    const orderId = firstLook.KWIKPAISA.cancellable;
    await subgraph.cancel("KWIKPAISA", [orderId]);
    const { data } = await subgraph.ask(CancellationHistoryDocument, { provider: "KWIKPAISA", orderId });
    expect(data?.cancellation?.history).toMatchObject([
      { kind: "REQUESTED", attempt: 0, requestedBy: null },
      { kind: "SENT", attempt: 1 },
      { kind: "ATTEMPT_ENDED", attempt: 1, httpStatus: 200, problemCode: null, durationMs: expect.any(Number) },
      { kind: "SETTLED", status: "CANCELLED" },
    ]);
  });
});

/** How many cancellations there are, up to `first`. */
async function recorded(first: number): Promise<number | undefined> {
  const { data } = await subgraph.ask(CancellationListDocument, { first });
  return data?.cancellations.edges.length;
}

/** Whatever is asked besides, and every later cancel, goes well. */
function faultFirstCancel(provider: ProviderName, fault: Fault): void {
  let happened = false;
  subgraph.simulator(provider).faults(({ operation }) => {
    if (operation !== "cancel" || happened) return undefined;
    happened = true;
    return fault;
  });
}
