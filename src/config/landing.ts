import type { Config } from "./config.ts";

/** What the landing page shows; null in production, which has none. The mutation names the simulators' own orders. */
export async function readLanding({ production, simulated, console }: Config) {
  if (production) return null;
  const { firstExample } = await import("../simulators/seeds.ts");
  return { document: firstDocument, variables: firstExample, simulated, hasConsole: console !== null };
}

const firstDocument = `mutation CancelOrders($provider: OrderProvider!, $ids: [ID!]!) {
  cancelOrders(provider: $provider, ids: $ids) {
    orders {
      provider
      id
      cancellation {
        status
        problem { code message }
        attempts
      }
    }
  }
}`;
