import { Arg, Authorized, Ctx, ID, Resolver, Root, Subscription } from "type-graphql";
import type { OrderStates } from "../cancellation/order-states.ts";
import type { ProviderName } from "../providers/registry.ts";
import { checkPermissions } from "./authorization.ts";
import type { RequestContext } from "./context.ts";
import { OrderProvider } from "./enums.ts";
import { checkOrderIds } from "./order-ids.ts";
import { Order, toCancellation } from "./types.ts";

@Resolver()
export class SubscriptionResolver {
  @Authorized()
  @Subscription(() => Order, {
    description:
      "The state of each of these orders now, then after each change, until all of them are settled. A change may be left out if a newer one follows at once. After a while the stream ends in any case: subscribe again.",
    subscribe: ({ args, context }) => subscribeToOrders(args, context),
  })
  orderCancellations(
    @Root() { key, record }: OrderStateRoot,
    @Ctx() { backOffice }: RequestContext,
    @Arg("provider", () => OrderProvider, { description: "Where the orders were placed." }) _provider: ProviderName,
    @Arg("ids", () => [ID], { description: "The provider's ids of the orders." }) _ids: string[],
  ): Order {
    const known = record ? toCancellation(record, backOffice) : null;
    return { provider: key.provider, id: key.orderId, known };
  }
}

type OrderStateRoot = Awaited<ReturnType<OrderStates["next"]>>["value"] & object;

/** The other checks of `cancellation` and `cancelOrders`. Nothing is read before them. */
async function subscribeToOrders(
  { provider, ids }: { provider: ProviderName; ids: string[] },
  context: RequestContext,
): Promise<OrderStates> {
  checkOrderIds(ids, context.maxIdsPerRequest);
  await checkPermissions(context, provider, ids);
  return context.orderWatch.watch([...new Set(ids)].map((orderId) => ({ provider, orderId })));
}
