import type { CancellationStatus, OrderProvider } from "../generated/graphql.ts";

export interface ActionableOrder {
  provider: OrderProvider;
  id: string;
  status: CancellationStatus;
}

/** At most so many ids are listed. */
const mostListed = 10;

export function OrderNames({ orders }: { orders: readonly ActionableOrder[] }) {
  const more = orders.length - mostListed;
  return (
    <ul class="names">
      {orders.slice(0, mostListed).map(({ provider, id }) => (
        <li key={`${provider}/${id}`}>
          {provider} <code>{id}</code>
        </li>
      ))}
      {more > 0 && <li>and {more} more</li>}
    </ul>
  );
}
