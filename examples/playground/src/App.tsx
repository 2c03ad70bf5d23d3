import { useApolloClient, useMutation, useQuery } from "@apollo/client/react";
import { useEffect, useMemo, useState } from "react";
import { CancelSelectedOrdersDocument } from "../../../schema/generated/graphql.ts";
import { canCancel, createFollower } from "../../apollo-client.ts";
import { isOpen, keyOf, nextCancellableAt, type Order, OrdersDocument } from "./orders.ts";
import { Row } from "./Row.tsx";

/** The customer's list of orders. */
export function App() {
  const client = useApolloClient();
  const { data, error, refetch } = useQuery(OrdersDocument);
  const [cancelSelected] = useMutation(CancelSelectedOrdersDocument);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [sending, setSending] = useState<ReadonlySet<string>>(new Set());
  const [failure, setFailure] = useState<string>();
  const orders = data?.orders ?? [];
  const providers = data?.cancellationProviders ?? [];

  const follower = useMemo(() => createFollower(client), [client]);
  useEffect(() => () => follower.stop(), [follower]);
  useEffect(() => {
    const changing = orders.filter((each) => sending.has(keyOf(each)) || each.cancellation?.status === "PENDING");
    follower.follow(changing.filter((order) => canCancel(order, providers)));
  });

  const nextAt = nextCancellableAt(orders);
  useEffect(() => {
    if (nextAt === undefined) return;
    const timer = setTimeout(() => refetch(), Math.max(1000, nextAt - Date.now() + 500));
    return () => clearTimeout(timer);
  }, [nextAt, refetch]);

  const offers = (order: Order) => isOpen(order) && canCancel(order, providers);
  const chosen = orders.filter((order) => selected.has(keyOf(order)) && offers(order));

  async function cancel(some: readonly Order[]) {
    const keys = some.map(keyOf);
    setFailure(undefined);
    setSending((before) => new Set([...before, ...keys]));
    setSelected((before) => new Set([...before].filter((key) => !keys.includes(key))));
    const named = some.filter((order) => canCancel(order, providers)).map(({ provider, id }) => ({ provider, id }));
    try {
      await cancelSelected({ variables: { orders: named } });
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    } finally {
      setSending((before) => new Set([...before].filter((key) => !keys.includes(key))));
    }
  }

  return (
    <main>
      <header>
        <h1>Your orders</h1>
        <button type="button" disabled={chosen.length === 0} onClick={() => cancel(chosen)}>
          {chosen.length === 0 ? "Cancel selected" : `Cancel ${chosen.length} selected`}
        </button>
      </header>
      {failure || error ? <p role="alert">{failure ?? error?.message}</p> : null}
      <table>
        <thead>
          <tr>
            <th aria-label="Selected" />
            <th>Order</th>
            <th>Provider</th>
            <th className="amount">Amount</th>
            <th>Cancellation</th>
            <th aria-label="Action" />
          </tr>
        </thead>
        <tbody>
          {orders.map((order) => (
            <Row
              key={keyOf(order)}
              order={order}
              offered={offers(order)}
              sending={sending.has(keyOf(order))}
              selected={selected.has(keyOf(order))}
              onSelect={(on) => setSelected((before) => withKey(before, keyOf(order), on))}
              onCancel={() => cancel([order])}
            />
          ))}
        </tbody>
      </table>
    </main>
  );
}

function withKey(keys: ReadonlySet<string>, key: string, on: boolean): ReadonlySet<string> {
  const next = new Set(keys);
  if (on) next.add(key);
  else next.delete(key);
  return next;
}
