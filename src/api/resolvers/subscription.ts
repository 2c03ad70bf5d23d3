import { Arg, Authorized, Ctx, ID, Resolver, Root, Subscription } from "type-graphql";
import type { OrderStates } from "../../cancellation/order-states.ts";
import { orderKeyText } from "../../domain/cancellation.ts";
import type { ProviderName } from "../../providers/registry.ts";
import { checkPermissions } from "../authorization.ts";
import type { RequestContext } from "../context.ts";
import { OrderProvider } from "../enums.ts";
import { checkOrderIds, type NamedOrder, namedByIds, namedByKeys } from "../order-ids.ts";
import { Order, OrderKeyInput, toCancellation } from "../types.ts";

const description =
  "The state of each of these orders now, then after each change, until all of them are settled. A change may be left out if a newer one follows at once. After a while the stream ends in any case: subscribe again.";

@Resolver()
export class SubscriptionResolver {
  @Authorized()
  @Subscription(() => Order, {
    description,
    subscribe: ({ args, context }) => follow(namedByIds(args as never), context),
  })
  orderCancellations(
    @Root() state: OrderStateRoot,
    @Ctx() context: RequestContext,
    @Arg("provider", () => OrderProvider, { description: "Where the orders were placed." }) _provider: ProviderName,
    @Arg("ids", () => [ID], { description: "The provider's ids of the orders." }) _ids: string[],
  ): Order {
    return toOrder(state, context);
  }

  @Authorized()
  @Subscription(() => Order, {
    description: `As orderCancellations, for orders of several providers in one stream. ${description}`,
    subscribe: ({ args, context }) => follow(namedByKeys(args as never), context),
  })
  selectedOrders(
    @Root() state: OrderStateRoot,
    @Ctx() context: RequestContext,
    @Arg("orders", () => [OrderKeyInput], { description: "The orders." }) _orders: OrderKeyInput[],
  ): Order {
    return toOrder(state, context);
  }
}

type OrderStateRoot = Awaited<ReturnType<OrderStates["next"]>>["value"] & object;

/** The checks of `cancellation` and `cancelOrders`. Nothing is read before them. */
async function follow(orders: readonly NamedOrder[], context: RequestContext): Promise<OrderStates> {
  checkOrderIds(orders, context.maxIdsPerRequest);
  await checkPermissions(context, orders);
  const distinct = new Map(
    orders.map(({ provider, orderId }) => [orderKeyText({ provider, orderId }), { provider, orderId }]),
  );
  return context.orderWatch.watch([...distinct.values()]);
}

function toOrder({ key, record }: OrderStateRoot, { pauses }: RequestContext): Order {
  const known = record ? toCancellation(record, pauses) : null;
  return { provider: key.provider, id: key.orderId, known };
}
