import { ApolloClient, HttpLink, InMemoryCache, type TypePolicies } from "@apollo/client";
import { type Subscription, takeWhile } from "rxjs";
import { type OrderProvider, PollCancellationDocument } from "../../schema/generated/graphql.ts";

/** The README's recipe for frontends; rxjs comes with Apollo Client. */
export const typePolicies: TypePolicies = {
  // Two providers may use the same id: only both together name an order.
  Order: { keyFields: ["provider", "id"] },
  // A cancellation has no id of its own; answers about the same order add to each other.
  Cancellation: { merge: true },
};

export function createClient(uri: string): ApolloClient {
  return new ApolloClient({ link: new HttpLink({ uri }), cache: new InMemoryCache({ typePolicies }) });
}

/** Asks again until the cancellation is settled or you unsubscribe. Whatever shows the order changes with it. */
export function pollWhilePending(
  client: ApolloClient,
  order: { provider: OrderProvider; id: string },
  everyMs = 2000,
): Subscription {
  const variables = { provider: order.provider, orderId: order.id };
  return client
    .watchQuery({ query: PollCancellationDocument, variables, pollInterval: everyMs })
    .pipe(
      takeWhile(
        ({ dataState, data }) =>
          dataState !== "complete" || data.cancellation?.order.cancellation?.status === "PENDING",
      ),
    )
    .subscribe();
}
