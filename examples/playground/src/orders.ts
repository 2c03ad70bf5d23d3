import { gql, type TypedDocumentNode } from "@apollo/client";
import { print } from "graphql";
import {
  type CancellationProvidersQuery,
  type OrderCancellationFragment,
  OrderCancellationFragmentDoc,
} from "../../../schema/generated/graphql.ts";

/** An order of the list: fields of the company's own orders subgraph, and the cancellation. */
export interface Order extends OrderCancellationFragment {
  description: string | null;
  amount: string | null;
  currency: string | null;
  /** Null for an order of a provider that is not served here. */
  cancellability: {
    state: "CANCELLABLE" | "NOT_YET" | "NOT_CANCELLABLE" | "UNKNOWN";
    message: string | null;
    cancellableFrom: string | null;
  } | null;
}

type Providers = Pick<
  CancellationProvidersQuery["cancellationProviders"][number],
  "provider" | "configured" | "paused"
>[];

/** The list that the screen shows, with our fragment in a query of the application's own. */
export const OrdersDocument: TypedDocumentNode<{ orders: Order[]; cancellationProviders: Providers }> = gql`
  query Orders {
    orders(first: 100) {
      description
      amount
      currency
      cancellability {
        state
        message
        cancellableFrom
      }
      ...OrderCancellation
    }
    cancellationProviders {
      provider
      configured
      paused
    }
  }
  ${print(OrderCancellationFragmentDoc)}
`;

export const keyOf = ({ provider, id }: Pick<Order, "provider" | "id">): string => `${provider} ${id}`;

/** Whether a click may help. In doubt it may: the button is hidden only on NOT_CANCELLABLE and NOT_YET. */
export function isOpen({ cancellability, cancellation }: Order): boolean {
  const status = cancellation?.status;
  if (status === "PENDING" || status === "CANCELLED") return false;
  return cancellability?.state !== "NOT_CANCELLABLE" && cancellability?.state !== "NOT_YET";
}

/** When the next order of the list that cannot be cancelled yet can be, epoch ms. */
export function nextCancellableAt(orders: readonly Order[]): number | undefined {
  const waiting = orders.flatMap(({ cancellability }) =>
    cancellability?.state === "NOT_YET" && cancellability.cancellableFrom
      ? [Date.parse(cancellability.cancellableFrom)]
      : [],
  );
  return waiting.length > 0 ? Math.min(...waiting) : undefined;
}
