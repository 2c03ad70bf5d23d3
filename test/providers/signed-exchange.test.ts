import { afterEach, describe, expect, it } from "vitest";
import { readSettings } from "../../src/config/settings.ts";
import type { Exchange } from "../../src/domain/provider.ts";
import { isTimeRefused } from "../../src/providers/answers/signed-exchange.ts";
import { openHttpClient } from "../../src/providers/http/http-client.ts";
import { providers } from "../../src/providers/registry.ts";
import { type Simulator, startSimulator } from "../../src/simulators/kit/simulator.ts";
import { rulesOf } from "../../src/simulators/registry.ts";

const minute = 60_000;
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

describe.each(["KWIKPAISA", "ONRAMP"] as const)("%s, which checks the time of a signature,", (name) => {
  it.each([15 * minute, -15 * minute, 20 * 60 * minute])(
    "if our clock is %s ms ahead, is asked again by its own clock",
    async (offMs) => {
      const { simulator, client } = await open(name, offMs);
      simulator.add("1443");
      const [open1, cancelled] = [await client.lookup?.("1443"), await client.cancel("1443")];
      expect(open1).toMatchObject({ kind: "open", httpStatus: 200 });
      expect(cancelled).toMatchObject({ kind: "cancelled", httpStatus: 200 });
      // `Date` has whole seconds, and a slow machine takes its time to answer.
      for (const answer of [open1, cancelled]) {
        expect(Math.abs((answer?.clockOffMs ?? 0) - offMs)).toBeLessThan(minute);
      }
      expect(simulator.received.map(({ status }) => status)).toEqual([401, 200, 401, 200]);
    },
  );

  it("if our clock is right, is asked once", async () => {
    const { simulator, client } = await open(name, 0);
    simulator.add("1443");
    expect(await client.cancel("1443")).not.toHaveProperty("clockOffMs");
    expect(simulator.received).toHaveLength(1);
  });

  it("if it refuses its own time, too, has not acted, and says nothing of our key", async () => {
    const { simulator, client } = await open(name, 0, { timestampToleranceMs: -1 });
    simulator.add("1443");
    const told = { providerMessage: expect.stringMatching(/time/i), httpStatus: 401, clockOffMs: expect.any(Number) };
    expect(await client.cancel("1443")).toMatchObject({ kind: "notProcessed", code: "PROVIDER_UNAVAILABLE", ...told });
    const result = await client.lookup?.("1443");
    expect(result).toMatchObject({ kind: "unanswered", ...told });
    expect(result).not.toHaveProperty("keyRefused");
    expect(simulator.received).toHaveLength(4);
  });

  it("if the second answer is lost, leaves the cancel in doubt", async () => {
    const { simulator, client } = await open(name, 15 * minute);
    simulator.add("1443");
    let requests = 0;
    simulator.faults(() => {
      requests += 1;
      return requests === 2 ? { kind: "reset", effect: true } : undefined;
    });
    expect(await client.cancel("1443")).toMatchObject({ kind: "unknown", failure: "RESET" });
  });
});

it.each([
  ["Ahead of Time", true],
  ["Request timestamp expired.", true],
  ["Invalid X-TIMESTAMP header", true],
  ["timestamp_expired", true],
  ["The time stamp is too old", true],
  ["The signature has expired", true],
  ["Clock skew too great", true],
  ["Invalid signature.", false],
  ["API key expired", false],
  ["Your key has expired", false],
  ["Unauthorized", false],
])("a 401 that says %j speaks of the time: %s", (message, isOfTime) => {
  expect(isTimeRefused(answered(401, { status: false, code: 401, message }))).toBe(isOfTime);
  expect(isTimeRefused(answered(401, { status: 0, error: message }))).toBe(isOfTime);
  expect(isTimeRefused(answered(200, { status: false, code: 401, message }))).toBe(isOfTime);
  expect(isTimeRefused(answered(200, { status: false, code: 400, message: `401 ${message}` }))).toBe(false);
});

it("no answer, or an unreadable one, does not speak of the time", () => {
  expect(isTimeRefused({ kind: "lost" })).toBe(false);
  expect(isTimeRefused(answered(401, undefined))).toBe(false);
});

/** A simulator with the true time, and a client whose clock is ahead of it. */
async function open(name: "KWIKPAISA" | "ONRAMP", offMs: number, options: { timestampToleranceMs?: number } = {}) {
  const simulator: Simulator = await startSimulator(name, rulesOf[name], options);
  closing.push(simulator.close);
  const setup = providers[name].configure(readSettings(simulator.settings));
  const http = openHttpClient({
    baseUrl: new URL(simulator.baseUrl),
    connections: 1,
    timeoutMs: 20_000,
    secrets: setup.secrets,
    now: () => Date.now() + offMs,
  });
  closing.push(http.close);
  const client = setup.connect?.(http);
  if (!client) throw new Error(`${name} is not set up by its simulator's settings`);
  return { simulator, client };
}

function answered(status: number, json: unknown): Exchange {
  const text = json === undefined ? "<html>Timestamp</html>" : JSON.stringify(json);
  return { kind: "answered", status, answeredAt: 0, text, redact: (words) => words };
}
