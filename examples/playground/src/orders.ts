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

/** Whether a click may help: not while it is on its way, nor when it is done or too late. */
export function isOpen({ cancellation }: Order): boolean {
  switch (cancellation?.status) {
    case "PENDING":
    case "CANCELLED":
      return false;
    case "REJECTED":
      return cancellation.problem?.code !== "TOO_LATE";
    default:
      return true;
  }
}
