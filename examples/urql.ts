import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import type { Client as WebSocketClient } from "graphql-ws";

/** `webSocket` is `createClient({ url })` of graphql-ws. */
export function createUrqlClient(url: string, webSocket: WebSocketClient): Client {
  const keys = {
    Order: ({ provider, id }: { provider?: unknown; id?: unknown }) => `${provider}:${id}`,
    Cancellability: () => null,
    Cancellation: () => null,
    CancellationProblem: () => null,
  };
  const subscriptions = subscriptionExchange({
    forwardSubscription: ({ query = "", variables = {} }) => ({
      subscribe: (sink) => ({
        unsubscribe: webSocket.subscribe(
          { query, variables },
          { ...sink, next: (result) => sink.next(result as Parameters<typeof sink.next>[0]) },
        ),
      }),
    }),
  });
  // By POST: a GET without a header of its own is refused, because any web page can send one.
  return new Client({
    url,
    preferGetMethod: false,
    exchanges: [cacheExchange({ keys }), fetchExchange, subscriptions],
  });
}
