import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CancellationHistoryDocument } from "../../schema/generated/graphql.ts";
import { firstLook } from "../../src/simulators/simulators.ts";
import { type Issuer, startIssuer } from "../support/issuer.ts";
import { cancelOrders, type Service, startService } from "../support/service.ts";

const provider = "ONRAMP";
const orderId = firstLook.ONRAMP.cancellable;
const resolution = {
  provider,
  orderId,
  status: "CANCELLED",
  note: "Onramp's support told me so.\nTicket 4711.",
} as const;

const resolveCancellation = `
  mutation Resolve($provider: OrderProvider!, $orderId: ID!, $status: CancellationResolution!, $note: String!) {
    resolveCancellation(provider: $provider, orderId: $orderId, status: $status, note: $note) {
      cancellation { order { id cancellation { status problem { code } settledAt } } }
    }
  }`;

let service: Service;
afterEach(() => service.stop());

describe("with tokens", () => {
  let issuer: Issuer;
  beforeAll(async () => {
    issuer = await startIssuer();
  });
  afterAll(() => issuer.close());

  it("who holds the scope closes an UNCONFIRMED order, and the history shows who and why", async () => {
    await startUnconfirmed(issuer.settings, await issuer.bearer({ sub: "customer" }));
    const bob = await issuer.bearer({ sub: "bob", scope: "cancellations:resolve" });
    const { data, codes } = await service.ask(resolveCancellation, resolution, {
      ...bob,
      "x-request-id": "bobs-request",
    });
    expect(codes).toEqual([]);
    expect(data.resolveCancellation.cancellation.order.cancellation).toMatchObject({
      ...{ status: "CANCELLED", problem: null, settledAt: expect.any(String) },
    });
    const auditor = await issuer.bearer({ sub: "carol", scope: "cancellations:read" });
    expect((await lastSteps(auditor)).map((event) => [event.kind, event.status, event.requestedBy])).toEqual([
      ["SETTLED", "UNCONFIRMED", null],
      ["RESOLVED", "CANCELLED", "bob"],
      ["SETTLED", "CANCELLED", null],
    ]);
    const told = { requestedBy: "bob", note: resolution.note, requestId: "bobs-request" };
    expect((await lastSteps(auditor))[1]).toMatchObject(told);
    expect((await lastSteps(bob))[1]).toMatchObject(told);
    // The customer sees that a person closed it, and neither who nor the note.
    const hidden = { kind: "RESOLVED", requestedBy: null, note: null };
    expect((await lastSteps(await issuer.bearer({ sub: "customer" })))[1]).toMatchObject(hidden);
    expect(await scrape()).toContain('settled_total{provider="ONRAMP",status="CANCELLED"} 1\n');
    expect(service.lines.join("")).not.toContain('bob"');
    expect(service.lines.map((line) => JSON.parse(line)).filter(({ event }) => event === "resolved")).toMatchObject([
      { provider, outcomes: { CANCELLED: 1 }, requestId: "bobs-request" },
    ]);
  });

  it.each([
    ["without the scope: FORBIDDEN", { scope: "orders:cancel cancellations:read providers:manage" }, "FORBIDDEN"],
    ["without a token: UNAUTHENTICATED", undefined, "UNAUTHENTICATED"],
  ])("%s, and nothing changes", async (_name, claims, code) => {
    await startUnconfirmed(issuer.settings, await issuer.bearer());
    const headers = claims ? await issuer.bearer(claims) : {};
    expect((await service.ask(resolveCancellation, resolution, headers)).codes).toEqual([code]);
    expect((await lastSteps(await issuer.bearer())).at(-1)).toMatchObject({ kind: "SETTLED", status: "UNCONFIRMED" });
  });
});

describe("without tokens", () => {
  it("in production nobody resolves: FORBIDDEN", async () => {
    service = await startService({ NODE_ENV: "production", AUTH: "none" });
    expect((await service.ask(resolveCancellation, resolution)).codes).toEqual(["FORBIDDEN"]);
  });

  it("an order that is not UNCONFIRMED is refused in a clear sentence", async () => {
    service = await startService();
    const none = await service.ask(resolveCancellation, resolution);
    expect([none.codes, none.messages]).toEqual([
      ["BAD_USER_INPUT"],
      [
        "orderId: no cancellation of this order was requested here; only UNCONFIRMED ones can be resolved. Nothing was changed.",
      ],
    ]);
    await service.cancel(provider, [orderId]);
    const cancelled = await service.ask(resolveCancellation, { ...resolution, status: "REJECTED" });
    expect(cancelled.messages).toEqual([
      "orderId: this cancellation is CANCELLED; only UNCONFIRMED ones can be resolved. Nothing was changed.",
    ]);
  });

  it.each([
    [{ note: " \n " }, "note is empty. Nothing was changed."],
    [{ note: "x".repeat(1001) }, "note has 1001 characters, at most 1000 are allowed. Nothing was changed."],
    [{ note: "a\u0000b" }, "note holds control characters. Nothing was changed."],
    [{ note: "a\u001b[2Jb" }, "note holds control characters. Nothing was changed."],
    [{ note: "\ud800" }, "note is not well-formed Unicode. Nothing was changed."],
    [{ orderId: "a\tb" }, "orderId holds control characters. Nothing was changed."],
  ])("%j is refused in a clear sentence", async (change, message) => {
    await startUnconfirmed();
    const { codes, messages } = await service.ask(resolveCancellation, { ...resolution, ...change });
    expect([codes, messages]).toEqual([["BAD_USER_INPUT"], [message]]);
    expect((await service.read(provider, orderId))?.status).toBe("UNCONFIRMED");
  });

  it("a note of 1000 characters with line breaks is kept as it is", async () => {
    await startUnconfirmed();
    const note = `${"x".repeat(499)}\n${"y".repeat(500)}`;
    await service.ask(resolveCancellation, { ...resolution, note: note.replace("\n", "\r\n") });
    expect((await lastSteps())[1]?.note).toBe(note);
  });

  it("what a person closed as CANCELLED is not sent again", async () => {
    await startUnconfirmed();
    await service.ask(resolveCancellation, resolution);
    const before = service.sent();
    expect((await service.cancel(provider, [orderId]))[0]?.cancellation?.status).toBe("CANCELLED");
    expect(service.sent()).toBe(before);
  });
});

/** The provider answers nothing that can be read, until the look-ups run out. */
async function startUnconfirmed(settings: Record<string, string> = {}, headers: Record<string, string> = {}) {
  service = await startService({ LOOKUP_DELAYS_MS: "10", ...settings });
  service.simulator(provider).faults(() => ({ kind: "status", status: 500, effect: false }));
  const { data } = await service.ask(cancelOrders, { provider, ids: [orderId] }, headers);
  expect(data.cancelOrders.orders[0].cancellation.status).toBe("UNCONFIRMED");
}

async function lastSteps(headers: Record<string, string> = {}) {
  const { data } = await service.ask(CancellationHistoryDocument, { provider, orderId }, headers);
  return data?.cancellation?.history.slice(-3) ?? [];
}

async function scrape(): Promise<string> {
  return (await fetch(service.url.replace("/graphql", "/metrics"))).text();
}
