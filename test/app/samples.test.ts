import { afterAll, beforeAll, expect, it } from "vitest";
import { simulatedProviders } from "../../src/simulators/registry.ts";
import { seeds } from "../../src/simulators/seeds.ts";
import { type Service, startService } from "../support/service.ts";

let service: Service;
beforeAll(async () => {
  service = await startService({ CANCEL_WAIT_MS: "0", PROVIDER_TIMEOUT_MS: "500" });
  for (const provider of simulatedProviders) await service.cancel(provider, Object.values(seeds[provider].troubled));
});
afterAll(() => service?.stop());

it.each(simulatedProviders)(
  "%s: troubled sample orders that are cancelled together end as docs/samples.md says",
  async (provider) => {
    const { hangs, busy, answerLost, unclear, tooEarly } = seeds[provider].troubled;
    const state = async (id: string) => {
      const cancellation = await service.read(provider, id);
      return [cancellation?.status, cancellation?.problem?.code].join(" ").trim();
    };
    for (const id of [hangs, busy, answerLost]) await expect.poll(() => state(id)).toBe("CANCELLED");
    await expect.poll(() => state(unclear)).toBe("UNCONFIRMED OUTCOME_UNKNOWN");
    await expect.poll(() => state(tooEarly)).toBe(provider === "SMS4SATS" ? "PENDING TOO_EARLY" : "CANCELLED");
  },
);
