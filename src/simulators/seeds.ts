import { type ProviderName, rulesOf, simulatedProviders } from "./registry.ts";

/** What each simulator knows from the start. */
export const seeds = perProvider((name) => rulesOf[name].samples);

/** For each provider one id of each kind to try by hand. */
export const firstLook = perProvider((name) => seeds[name].firstLook);

/** The provider and the orders that people are shown first: it takes many orders in one request. */
export const firstExample: { provider: ProviderName; ids: readonly string[] } = {
  provider: "TRONSAVE",
  ids: Object.values(firstLook.TRONSAVE),
};

function perProvider<Value>(read: (name: ProviderName) => Value): Readonly<Record<ProviderName, Value>> {
  return Object.fromEntries(simulatedProviders.map((name) => [name, read(name)])) as Record<ProviderName, Value>;
}
