import { Environment, type FetchFunction, Network, RecordSource, Store, type SubscribeFunction } from "relay-runtime";

/** Relay takes `id` for the key of everything. Without getDataID it shows one provider's order in place of another's. */
export function createEnvironment(fetchFunction: FetchFunction, subscribeFunction: SubscribeFunction): Environment {
  return new Environment({
    network: Network.create(fetchFunction, subscribeFunction),
    store: new Store(new RecordSource()),
    getDataID: (value, typename) => (typename === "Order" ? `Order:${value.provider}:${value.id}` : value.id),
  });
}
