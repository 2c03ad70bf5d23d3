import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, Observable, type TypePolicies } from "@apollo/client";
import { print } from "graphql";
import type { Client as EventsClient } from "graphql-sse";
import { catchError, concatWith, defer, EMPTY, type Subscription, takeWhile } from "rxjs";
import {
  type CancellationProvidersQuery,
  FollowSelectedOrdersDocument,
  type OrderKeyInput,
  type OrderProvider,
  SelectedOrdersDocument,
} from "../schema/generated/graphql.ts";

export const typePolicies: TypePolicies = {
  // Two providers may use the same id: only both together name an order.
  Order: { keyFields: ["provider", "id"] },
  // A cancellation has no id of its own; answers about the same order add to each other.
  Cancellation: { merge: true },
};

/** `stream` carries subscriptions: a GraphQLWsLink or a ServerSentEventsLink. Without it no subscription leaves the browser. */
export function createClient(uri: string, stream: ApolloLink = noStream): ApolloClient {
  const isSubscription = ({ operationType }: ApolloLink.Operation) => operationType === "subscription";
  const link = ApolloLink.split(isSubscription, stream, new HttpLink({ uri }));
  return new ApolloClient({ link, cache: new InMemoryCache({ typePolicies }) });
}

const noStream = new ApolloLink(
  () => new Observable((observer) => observer.error(new Error("There is no link for subscriptions."))),
);

/** Server-sent events in the distinct connections mode of graphql-sse: one HTTP request for each subscription. */
export class ServerSentEventsLink extends ApolloLink {
  readonly #client: EventsClient;

  constructor(client: EventsClient) {
    super();
    this.#client = client;
  }

  override request({ query, variables }: ApolloLink.Operation): Observable<ApolloLink.Result> {
    return new Observable((observer) =>
      this.#client.subscribe(
        { query: print(query), variables },
        {
          next: (result) => observer.next(result as ApolloLink.Result),
          error: (error) => observer.error(error),
          complete: () => observer.complete(),
        },
      ),
    );
  }
}

/** Follows the PENDING orders of one screen, with one stream or one poll for all of them. */
export function createFollower(client: ApolloClient, pollEveryMs = 2000) {
  let followed = new Set<string>();
  let following: Subscription | undefined;
  return {
    /** Call it after each change of the screen. It begins anew only if an order is PENDING that it does not follow yet. */
    follow(pending: readonly OrderKeyInput[]): void {
      const keys = pending.map(({ provider, id }) => `${provider} ${id}`);
      if (following?.closed === false && keys.every((key) => followed.has(key))) return;
      following?.unsubscribe();
      followed = new Set(keys);
      if (pending.length > 0) following = followCancellations(client, pending, pollEveryMs);
    },
    stop: () => following?.unsubscribe(),
  };
}

/** Follows these orders until all are settled or you unsubscribe. All parts of the screen that show one change with it. */
export function followCancellations(
  client: ApolloClient,
  orders: readonly OrderKeyInput[],
  pollEveryMs = 2000,
): Subscription {
  const variables = { orders: orders.map(({ provider, id }) => ({ provider, id })) };
  return client
    .subscribe({ query: FollowSelectedOrdersDocument, variables })
    .pipe(
      // There are no subscriptions, or the connection is lost. A subscription also ends when it is old: polling goes on from there.
      catchError(() => EMPTY),
      concatWith(defer(() => pollWhilePending(client, variables, pollEveryMs))),
    )
    .subscribe();
}

function pollWhilePending(client: ApolloClient, variables: { orders: OrderKeyInput[] }, pollInterval: number) {
  return client
    .watchQuery({ query: SelectedOrdersDocument, variables, pollInterval, fetchPolicy: "network-only" })
    .pipe(
      takeWhile(
        ({ dataState, data }) =>
          dataState !== "complete" ||
          data.selectedOrders.some(({ cancellation }) => cancellation?.status === "PENDING"),
      ),
    );
}

type Provider = CancellationProvidersQuery["cancellationProviders"][number];

/**
 * True if this graph can send a cancel for the order now. `providers` is what CancellationProviders answered. It narrows
 * `provider`, which is a String, because other subgraphs may know more providers than this graph can cancel at.
 */
export function canCancel<Order extends { provider: string }>(
  order: Order,
  providers: readonly Pick<Provider, "provider" | "configured" | "paused">[],
): order is Order & { provider: OrderProvider } {
  return providers.some(({ provider, configured, paused }) => provider === order.provider && configured && !paused);
}
