import { finpay } from "./finpay.ts";
import type { Rules } from "./kit/rules.ts";
import { kwikpaisa } from "./kwikpaisa.ts";
import { onramp } from "./onramp.ts";
import { sms4sats } from "./sms4sats.ts";
import { tronsave } from "./tronsave.ts";

/** How each simulator behaves, by the name of the provider that it plays. A new simulator is one line here. */
export const rulesOf = {
  FINPAY: finpay,
  KWIKPAISA: kwikpaisa,
  ONRAMP: onramp,
  SMS4SATS: sms4sats,
  TRONSAVE: tronsave,
} satisfies Record<string, Rules>;

/** A provider that has a simulator. */
export type ProviderName = keyof typeof rulesOf;

export const simulatedProviders = Object.keys(rulesOf) as ProviderName[];
