import { createHmac } from "node:crypto";
import { request as startRequest } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import type { Simulator } from "../../src/simulators/kit/simulator.ts";
import { startOne, startSimulators } from "../../src/simulators/simulators.ts";

const MINUTE_MS = 60_000;
const JSON_HEADERS = { "content-type": "application/json", accept: "application/json" };

const running: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
});

describe("Finpay", () => {
  // The published example of FINPAY770:SoSecret123.
  const authorization = { authorization: "Basic RklOUEFZNzcwOlNvU2VjcmV0MTIz" };
  const path = "/pg/payment/card/cancel/FK002502070000196";
  const sampleBody = '{"order":{"id":"FK002502070000196","amount":"22000"}}';

  it("cancels by GET with the sample body, once", async () => {
    const finpay = await start(startOne("FINPAY"), "FK002502070000196");
    const first = await ask(finpay, "GET", path, { ...JSON_HEADERS, ...authorization }, sampleBody);
    expect(first.status).toBe(200);
    expect(first.json).toEqual({
      responseCode: "2000000",
      responseMessage: "Request has been processed successfully",
      processingTime: expect.any(Number),
      traceId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const second = await ask(finpay, "GET", path, { ...JSON_HEADERS, ...authorization }, sampleBody);
    expect(second).toMatchObject({
      status: 404,
      json: { responseCode: "4040100", responseMessage: "Invalid Transaction Status" },
    });
    expect(finpay.orders.get("FK002502070000196")).toMatchObject({ state: "cancelled", cancelRequests: 2 });
  });

  it("cancels by a bare GET, and refuses a wrong amount or an amount that is a number", async () => {
    const finpay = await start(startOne("FINPAY"), "FK002502070000196");
    for (const amount of ['"22001"', "22000"]) {
      const wrong = sampleBody.replace('"22000"', amount);
      const answer = await ask(finpay, "GET", path, { ...JSON_HEADERS, ...authorization }, wrong);
      expect(answer).toMatchObject({ status: 400, json: { responseCode: "4000001" } });
    }
    expect(await ask(finpay, "GET", path, authorization)).toMatchObject({ json: { responseCode: "2000000" } });
  });

  it("refuses a wrong key and an unknown order, each with its own code", async () => {
    const finpay = await start(startOne("FINPAY"));
    expect(await ask(finpay, "GET", path)).toMatchObject({ status: 401, json: { responseCode: "4010000" } });
    const unknown = await ask(finpay, "GET", path, authorization);
    expect(unknown).toMatchObject({ status: 404, json: { responseCode: "4040101" } });
  });

  it("shows amount and status in the check", async () => {
    const finpay = await start(startOne("FINPAY"));
    finpay.add("a b", { state: "completed", amount: "105" });
    const { json } = await ask(finpay, "GET", "/pg/payment/card/check/a%20b", authorization);
    expect(json).toMatchObject({
      data: { order: { id: "a b", amount: "105" }, result: { payment: { status: "PAID" } } },
    });
    expect(finpay.received[0]).toMatchObject({ operation: "lookup", orderIds: ["a b"], status: 200 });
  });
});

describe("KwikPaisa", () => {
  const path = "/api/v3/pg/order/cancel";
  const now = () => 1778659835_000;
  const published = {
    ...JSON_HEADERS,
    "x-api-key": "pk_test_sandbox",
    "x-timestamp": "1778659835",
    "x-signature": "cf2ed1370abb5dc053e97269cd51acfece7ceff9ecbd44a3e721e2ed04bb2456",
  };
  const signed = (body: string, timestamp: string) => ({
    ...published,
    "x-timestamp": timestamp,
    "x-signature": createHmac("sha256", "sk_test_secret").update(`${body}${timestamp}`).digest("hex"),
  });

  it("accepts the published signature and answers in the guide's shape; a second cancel is a 409", async () => {
    const kwikpaisa = await start(startOne("KWIKPAISA", { now }), "123456");
    const first = await ask(kwikpaisa, "POST", path, published, '{"order_id":"123456"}');
    expect(first.text).toBe(
      '{"code":"200","status":"success","message":"Order cancelled successfully.",' +
        '"return_data":{"order_id":123456,"order_status":"CANCELLED","cancelled_at":"13-05-2026 01:40 PM"}}',
    );
    const second = await ask(kwikpaisa, "POST", path, published, '{"order_id":"123456"}');
    expect(second).toMatchObject({ status: 409, text: '{"status":false,"code":409,"message":"Permission denied."}' });
    const status = await ask(
      kwikpaisa,
      "POST",
      "/api/v3/pg/order/status",
      signed('{"order_id":"123456"}', "1778659835"),
      '{"order_id":"123456"}',
    );
    expect(status.json).toMatchObject({ return_data: { order_id: 123456, order_status: "CANCELLED" } });
  });

  it("verifies the very bytes", async () => {
    const kwikpaisa = await start(startOne("KWIKPAISA", { now }), "123456");
    const answer = await ask(kwikpaisa, "POST", path, published, '{"order_id": "123456"}');
    expect(answer.text).toBe('{"status":false,"code":401,"message":"Invalid signature."}');
    expect(kwikpaisa.orders.get("123456")).toMatchObject({ state: "open", cancelRequests: 0 });
  });

  it.each([
    ["milliseconds", "1778659835000", 401],
    ["a clock 301 s behind", "1778659534", 401],
    ["a clock 300 s ahead", "1778660135", 200],
  ])("given %s answers by its tolerance", async (_, timestamp, status) => {
    const kwikpaisa = await start(startOne("KWIKPAISA", { now }), "7");
    const body = '{"order_id":"7"}';
    expect(await ask(kwikpaisa, "POST", path, signed(body, timestamp), body)).toMatchObject({ status });
  });

  it("does not know an order it was not given", async () => {
    const kwikpaisa = await start(startOne("KWIKPAISA", { now }));
    const answer = await ask(kwikpaisa, "POST", path, published, '{"order_id":"123456"}');
    expect(answer).toMatchObject({ status: 404, json: { status: false, code: 404 } });
  });
});

describe("Onramp", () => {
  const path = "/onramp-merchants/widget/cancelOrder";
  const now = () => 1692864725606;
  const published = {
    ...JSON_HEADERS,
    "x-onramp-apikey": "API_KEY",
    "x-onramp-payload": "eyJ0aW1lc3RhbXAiOjE2OTI4NjQ3MjU2MDYsImJvZHkiOnsib3JkZXJJZCI6IjE0NDMifX0=",
    "x-onramp-signature":
      "27b1e41784593c4f8622fcbd8a6049db23c690f5a53490ba138d961c1678229aaede9e633e29e9579fc2ab54a368eb34849b52e9e984a5b3ff9f5d5263dd2456",
  };
  const signed = (body: unknown, timestamp = now()) => {
    const payload = Buffer.from(JSON.stringify({ timestamp, body })).toString("base64");
    const signature = createHmac("sha512", "API_SECRET").update(payload).digest("hex");
    return { ...published, "x-onramp-payload": payload, "x-onramp-signature": signature };
  };

  it("accepts the published payload and signature, whatever the body's spacing", async () => {
    const onramp = await start(startOne("ONRAMP", { now }), "1443");
    const answer = await ask(onramp, "POST", path, published, '{ "orderId": "1443" }');
    expect(answer.text).toBe('{"status":1,"data":{"orderId":"1443","status":-3},"code":200}');
    const lookup = await ask(onramp, "POST", "/onramp-merchants/widget/getOrder", published, '{"orderId":"1443"}');
    expect(lookup.json).toMatchObject({ status: 1, code: 200, data: { orderId: 1443, status: -3 } });
  });

  it("refuses a timestamp in seconds, a body that was not signed and a wrong signature", async () => {
    const onramp = await start(startOne("ONRAMP", { now }), "1443");
    const body = { orderId: "1443" };
    const late = await ask(onramp, "POST", path, signed(body, 1692864725), JSON.stringify(body));
    expect(late).toMatchObject({ status: 401, json: { status: 0, code: 401, error: "Ahead of Time" } });
    expect(await ask(onramp, "POST", path, published, '{"orderId":"1444"}')).toMatchObject({ status: 401 });
    const forged = { ...published, "x-onramp-signature": "00" };
    expect(await ask(onramp, "POST", path, forged, JSON.stringify(body))).toMatchObject({ status: 401 });
    expect(onramp.orders.get("1443")).toMatchObject({ state: "open", cancelRequests: 0 });
  });

  it("takes exactly one of orderId and hash, each for its own kind", async () => {
    const onramp = await start(startOne("ONRAMP", { now }), "1443", "c0ffee");
    const cancel = (body: unknown) => ask(onramp, "POST", path, signed(body), JSON.stringify(body));
    expect(await cancel({ orderId: "1443", hash: "c0ffee" })).toMatchObject({ status: 400 });
    expect(await cancel({ hash: "1443" })).toMatchObject({ status: 417, json: { status: 0, code: 417 } });
    expect(await cancel({ orderId: "c0ffee" })).toMatchObject({ status: 417 });
    expect(await cancel({ hash: "c0ffee" })).toMatchObject({ status: 200, json: { data: { status: -3 } } });
    expect(await cancel({ hash: "c0ffee" })).toMatchObject({ status: 200, json: { status: 0, code: 417 } });
  });
});

describe("sms4sats", () => {
  const id = "ab".repeat(32);
  const now = () => 100 * MINUTE_MS;

  it("cancels without any key, once, and its look-up does not show it", async () => {
    const sms4sats = await start(startOne("SMS4SATS", { now }), id);
    expect((await ask(sms4sats, "GET", `/cancelorder?orderId=${id}`)).text).toBe('{"status":"OK"}');
    const second = await ask(sms4sats, "GET", `/cancelorder?orderId=${id}`);
    expect(second).toMatchObject({ status: 500, json: { status: "error", reason: expect.any(String) } });
    const { json } = await ask(sms4sats, "GET", `/orderstatus?orderId=${id}`);
    expect(json).toMatchObject({ status: "OK", paid: true, timestamp: 90 * MINUTE_MS });
    expect(json).not.toHaveProperty("code");
  });

  it.each([
    ["one millisecond too early", { createdAt: 98 * MINUTE_MS + 1 }, 500],
    ["two minutes old", { createdAt: 98 * MINUTE_MS }, 200],
    ["just under 21 minutes old", { createdAt: 79 * MINUTE_MS + 1 }, 200],
    ["cancelled by itself after 21 minutes", { createdAt: 79 * MINUTE_MS }, 500],
    ["whose code was delivered", { state: "completed" as const }, 500],
  ])("an order %s", async (_, order, status) => {
    const sms4sats = await start(startOne("SMS4SATS", { now }));
    sms4sats.add(id, order);
    expect(await ask(sms4sats, "GET", `/cancelorder?orderId=${id}`)).toMatchObject({ status });
  });
});

describe("Tronsave", () => {
  const key = { ...JSON_HEADERS, apikey: "tronsave-sandbox-key" };
  const path = "/v0/fast-charge-order-cancel";
  const orderIds = (...ids: unknown[]) => JSON.stringify({ order_ids: ids });

  it("answers every order of a batch by itself, and not in the order asked", async () => {
    const tronsave = await start(startOne("TRONSAVE"), "673c17a3129f1881382e98e3");
    tronsave.add("matched", { state: "completed" });
    const body = orderIds("673c17a3129f1881382e98e3", "matched", "nobody", "matched");
    const answer = await ask(tronsave, "POST", path, key, body);
    expect(answer.text).toBe(
      '{"cancel_results":[' +
        '{"order_id":"nobody","is_success":false,"fail_reason":"Order not found"},' +
        '{"order_id":"matched","is_success":false,"fail_reason":"Order has been matched"},' +
        '{"order_id":"673c17a3129f1881382e98e3","is_success":true,"fail_reason":null}]}',
    );
    expect(tronsave.orders.get("matched")).toMatchObject({ state: "completed", cancelRequests: 1 });
  });

  it("refuses a missing and a wrong key in the documented words", async () => {
    const tronsave = await start(startOne("TRONSAVE", { minIntervalMs: 0 }));
    const missing = await ask(tronsave, "POST", path, JSON_HEADERS, orderIds("a"));
    expect(missing).toMatchObject({ status: 401, text: '{"error":true,"message":"TSAS:106 API_KEY_REQUIRED"}' });
    const wrong = await ask(tronsave, "POST", path, { ...key, apikey: "x" }, orderIds("a"));
    expect(wrong).toMatchObject({ status: 401, text: '{"error":true,"message":"TSAS:107 INVALID_API_KEY"}' });
  });

  it("refuses the whole batch for one bad id", async () => {
    const tronsave = await start(startOne("TRONSAVE", { minIntervalMs: 0 }), "good");
    const missing = await ask(tronsave, "POST", path, key, "{}");
    expect(missing).toMatchObject({
      status: 400,
      json: { code: "FST_ERR_VALIDATION", message: "body must have required property 'order_ids'" },
    });
    for (const body of [orderIds(), orderIds(1), orderIds("good", "no good")]) {
      const answer = await ask(tronsave, "POST", path, key, body);
      expect(answer).toMatchObject({ status: 400, json: { code: "FST_ERR_VALIDATION", error: "Bad Request" } });
    }
    expect(tronsave.orders.get("good")).toMatchObject({ state: "open", cancelRequests: 1 });
  });

  it("admits one request in two seconds to each endpoint, counted between arrivals", async () => {
    let time = 1_000_000;
    const tronsave = await start(startOne("TRONSAVE", { now: () => time }), "one");
    for (const endpoint of [path, "/v0/fast-charge-order-tracking"]) {
      expect(await ask(tronsave, "POST", endpoint, key, orderIds("one"))).toMatchObject({ status: 200 });
      expect(await ask(tronsave, "POST", endpoint, key, orderIds("one"))).toMatchObject({ status: 429 });
    }
    time += 2000;
    expect(await ask(tronsave, "POST", path, key, orderIds("one"))).toMatchObject({ status: 200 });
  });

  it("with a joint limit: admits one request in two seconds over cancel and tracking", async () => {
    let time = 1_000_000;
    const tronsave = await start(startOne("TRONSAVE", { now: () => time, jointLimit: true }), "one", "two");
    const track = () => ask(tronsave, "POST", "/v0/fast-charge-order-tracking", key, orderIds("one", "two", "nobody"));
    expect(await ask(tronsave, "POST", path, key, orderIds("one"))).toMatchObject({ status: 200 });
    time += 1990;
    expect(await track()).toMatchObject({ status: 429, text: '{"error":true,"message":"Rate limit reached"}' });
    expect(tronsave.limitViolations).toBe(1);
    time += 5;
    expect((await track()).text).toBe(
      '{"results":[{"order_id":"two","status":"Pending"},{"order_id":"one","status":"Cancelled"}]}',
    );
    time += 1000;
    expect(await ask(tronsave, "POST", path, key, orderIds("two"))).toMatchObject({ status: 429 });
    expect(tronsave.limitViolations).toBe(2);
    expect(tronsave.orders.get("two")).toMatchObject({ state: "open", cancelRequests: 0 });
  });

  it("knows no other route", async () => {
    const tronsave = await start(startOne("TRONSAVE"));
    expect(await ask(tronsave, "GET", path, key)).toMatchObject({
      status: 404,
      json: { message: `Route GET:${path} not found`, error: "Not Found", statusCode: 404 },
    });
  });
});

describe("faults", () => {
  const path = "/cancelorder?orderId=one";

  it.each([true, false])("a reset hides from the client whether it had effect (%s)", async (effect) => {
    const sms4sats = await start(startOne("SMS4SATS"), "one");
    sms4sats.faults(() => ({ kind: "reset", effect }));
    await expect(ask(sms4sats, "GET", path)).rejects.toMatchObject({ code: "ECONNRESET" });
    const [request] = sms4sats.received;
    expect(request).toMatchObject({ operation: "cancel", orderIds: ["one"], fault: { kind: "reset", effect } });
    expect(request).not.toHaveProperty("status");
    expect(sms4sats.orders.get("one")).toMatchObject({
      state: effect ? "cancelled" : "open",
      cancelRequests: effect ? 1 : 0,
    });
  });

  it.each(["reset", "hang"] as const)("a %s can take effect late: meanwhile cancels are refused", async (kind) => {
    const sms4sats = await start(startOne("SMS4SATS"), "one");
    const lookup = () => ask(sms4sats, "GET", "/orderstatus?orderId=one");
    sms4sats.faults(() => ({ kind, effect: true, effectAfterMs: 600_000 }));
    const lost = ask(sms4sats, "GET", path).catch(() => undefined);
    await expect.poll(() => sms4sats.received.length).toBe(1);

    sms4sats.faults(undefined);
    expect(await ask(sms4sats, "GET", path)).toMatchObject({ status: 500, json: { status: "error" } });
    expect((await lookup()).json).not.toHaveProperty("code");
    expect(sms4sats.orders.get("one")?.state).toBe("open");
    await sms4sats.close();
    await lost;
  });

  it("a late effect takes place although nobody waits for it", async () => {
    const sms4sats = await start(startOne("SMS4SATS"), "one");
    sms4sats.faults(() => ({ kind: "reset", effect: true, effectAfterMs: 10 }));
    await expect(ask(sms4sats, "GET", path)).rejects.toMatchObject({ code: "ECONNRESET" });
    await expect.poll(() => sms4sats.orders.get("one")?.state).toBe("cancelled");
  });

  it("can be an answer of any status, garbage, a delay; and then they are over", async () => {
    const sms4sats = await start(startOne("SMS4SATS"), "one");
    sms4sats.faults(() => ({ kind: "status", status: 429, headers: { "retry-after": "3" }, effect: false }));
    expect(await ask(sms4sats, "GET", path)).toMatchObject({ status: 429, headers: { "retry-after": "3" } });
    sms4sats.faults(() => ({ kind: "garbage", effect: false }));
    expect(await ask(sms4sats, "GET", path)).toMatchObject({ status: 200, json: undefined });
    sms4sats.faults(({ operation }) => (operation === "lookup" ? { kind: "delay", ms: 1 } : undefined));
    expect(await ask(sms4sats, "GET", "/orderstatus?orderId=one")).toMatchObject({ status: 200 });
    expect(await ask(sms4sats, "GET", path)).toMatchObject({ status: 200, json: { status: "OK" } });
    expect(sms4sats.received.map(({ status }) => status)).toEqual([429, 200, 200, 200]);
    sms4sats.forget();
    expect(sms4sats.received).toEqual([]);
  });

  it("hang until the simulator closes", async () => {
    const sms4sats = await start(startOne("SMS4SATS"), "one");
    sms4sats.faults(() => {
      setImmediate(() => sms4sats.close());
      return { kind: "hang", effect: true };
    });
    await expect(ask(sms4sats, "GET", path)).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(sms4sats.orders.get("one")?.state).toBe("cancelled");
  });
});

describe("the server", () => {
  it("refuses a body larger than any provider's request", async () => {
    const tronsave = await start(startOne("TRONSAVE"));
    const answer = await ask(tronsave, "POST", "/v0/fast-charge-order-cancel", {}, "x".repeat(1024 * 1024 + 1));
    expect(answer.status).toBe(413);
  });

  it("remembers the latest requests only", async () => {
    const sms4sats = await start(startOne("SMS4SATS", { remember: 2 }));
    for (const id of ["a", "b", "c"]) await ask(sms4sats, "GET", `/orderstatus?orderId=${id}`);
    expect(sms4sats.received.map(({ orderIds }) => orderIds)).toEqual([["b"], ["c"]]);
  });
});

describe("the simulators", () => {
  it("starts one for each provider, with what a first look needs", async () => {
    let time = 1778659835_000;
    const simulators = await startSimulators({ now: () => time, minIntervalMs: 10 });
    running.push(simulators);
    expect(simulators.settings).toMatchObject({ TRONSAVE_MIN_INTERVAL_MS: "10", SMS4SATS_ENABLED: "true" });
    for (const { provider, orders, settings, baseUrl } of simulators.simulators) {
      const { cancellable, tooLate, unknown } = simulators.firstLook[provider];
      expect(orders.get(cancellable)?.state).toBe("open");
      expect(orders.get(tooLate)?.state).toBe("completed");
      expect(orders.has(unknown)).toBe(false);
      expect([...orders.values()].filter(({ state }) => state === "open").length).toBeGreaterThanOrEqual(5);
      expect(settings[`${provider}_BASE_URL`]).toBe(baseUrl);
    }
    time += 1440 * MINUTE_MS;
    const sms4sats = simulators.simulators.find(({ provider }) => provider === "SMS4SATS") as Simulator;
    const cancel = `/cancelorder?orderId=${simulators.firstLook.SMS4SATS.cancellable}`;
    expect(await ask(sms4sats, "GET", cancel)).toMatchObject({ status: 200 });
  });
});

async function start(starting: Promise<Simulator>, ...ids: string[]): Promise<Simulator> {
  const simulator = await starting;
  running.push(simulator);
  for (const id of ids) simulator.add(id);
  return simulator;
}

interface Asked {
  status: number | undefined;
  headers: Record<string, unknown>;
  text: string;
  /** Undefined when the text is not JSON. */
  json: unknown;
}

/** By hand over node:http: fetch cannot send Finpay's GET with a body. */
function ask(
  { baseUrl }: Simulator,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = "",
): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const length = body === "" ? {} : { "content-length": Buffer.byteLength(body) };
    const request = startRequest(baseUrl + path, { method, headers: { ...headers, ...length }, agent: false });
    request.on("error", reject);
    request.on("response", async (response) => {
      const text = (await response.toArray()).join("");
      resolve({ status: response.statusCode, headers: response.headers, text, json: parsed(text) });
    });
    request.end(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
