import type { Config } from "./config.ts";

/** A document for the landing page. Its variables name the simulators' own orders. */
export async function readFirstLook({ production }: Pick<Config, "production">) {
  if (production) return undefined;
  const { firstExample } = await import("../simulators/seeds.ts");
  return { document: firstDocument, variables: firstExample };
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
