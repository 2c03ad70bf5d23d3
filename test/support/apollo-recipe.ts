import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, type TypePolicies } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import type { Client as WebSocketClient } from "graphql-ws";
import { catchError, concatWith, defer, EMPTY, type Subscription, takeWhile } from "rxjs";
import {
  OrderCancellationsDocument,
  type OrderProvider,
  PollCancellationDocument,
} from "../../schema/generated/graphql.ts";

export const typePolicies: TypePolicies = {
  // Two providers may use the same id: only both together name an order.
  Order: { keyFields: ["provider", "id"] },
  // A cancellation has no id of its own; answers about the same order add to each other.
  Cancellation: { merge: true },
};

/** `webSocket` is `createClient({ url })` of graphql-ws; leave it out if your gateway has no subscriptions. */
export function createClient(uri: string, webSocket?: WebSocketClient): ApolloClient {
  const http = new HttpLink({ uri });
  const link = webSocket
    ? ApolloLink.split(({ operationType }) => operationType === "subscription", new GraphQLWsLink(webSocket), http)
    : http;
  return new ApolloClient({ link, cache: new InMemoryCache({ typePolicies }) });
}

export interface OrderKey {
  provider: OrderProvider;
  id: string;
}

/** Follows the cancellation until it is settled or you unsubscribe. All parts of the screen that show the order change with it. */
export function followCancellation(client: ApolloClient, order: OrderKey, pollEveryMs = 2000): Subscription {
  const variables = { provider: order.provider, ids: [order.id] };
  return client
    .subscribe({ query: OrderCancellationsDocument, variables })
    .pipe(
      // There are no subscriptions, or the connection is lost. A subscription also ends when it is old: polling goes on from there.
      catchError(() => EMPTY),
      concatWith(defer(() => pollWhilePending(client, order, pollEveryMs))),
    )
    .subscribe();
}

function pollWhilePending(client: ApolloClient, order: OrderKey, everyMs: number) {
  const variables = { provider: order.provider, orderId: order.id };
  return client
    .watchQuery({ query: PollCancellationDocument, variables, pollInterval: everyMs, fetchPolicy: "network-only" })
    .pipe(
      takeWhile(
        ({ dataState, data }) =>
          dataState !== "complete" || data.cancellation?.order.cancellation?.status === "PENDING",
      ),
    );
}

/** `Order.provider` is a String, because other subgraphs may know more providers than this graph can cancel at. */
export function canCancel<Order extends { provider: string }>(
  order: Order,
): order is Order & { provider: OrderProvider } {
  return Object.hasOwn(cancellable, order.provider);
}

/** Does not compile when a provider is missing or gone. */
const cancellable: Record<OrderProvider, true> = {
  FINPAY: true,
  KWIKPAISA: true,
  ONRAMP: true,
  SMS4SATS: true,
  TRONSAVE: true,
};
