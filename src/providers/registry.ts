import type { Provider, ProviderSetup } from "../domain/provider.ts";
import { isLoopback } from "../util/loopback.ts";
import { finpay } from "./finpay.ts";
import { kwikpaisa } from "./kwikpaisa.ts";
import { onramp } from "./onramp.ts";
import { sms4sats } from "./sms4sats.ts";
import { tronsave } from "./tronsave.ts";

/** Every provider there is, by its name in GraphQL, in settings and in the ledger. A new provider is one line here. */
export const providers = {
  FINPAY: finpay,
  KWIKPAISA: kwikpaisa,
  ONRAMP: onramp,
  SMS4SATS: sms4sats,
  TRONSAVE: tronsave,
} satisfies Record<string, Provider>;

export type ProviderName = keyof typeof providers;

export const providerNames = Object.keys(providers) as ProviderName[];

/** Whether the vendor calls this host a test environment, or the host is this machine, which is never a real provider. */
export function isTestAddress({ baseUrl, testHosts }: Pick<ProviderSetup, "baseUrl" | "testHosts">): boolean {
  return testHosts.includes(baseUrl.hostname) || isLoopback(baseUrl.hostname);
}
