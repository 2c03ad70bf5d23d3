import { Arg, Authorized, Ctx, Directive, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type ProviderName, providerNames } from "../providers/registry.ts";
import { checkPermissions } from "./authorization.ts";
import { canBeRecorded, type RequestContext } from "./context.ts";
import { OrderProvider } from "./enums.ts";
import { requestError } from "./errors.ts";
import { checkOrderIds } from "./order-ids.ts";
import {
  Cancellation,
  CancellationEvent,
  CancellationProvider,
  CancelOrdersPayload,
  Order,
  toCancellation,
  toEvent,
} from "./types.ts";

@Resolver()
export class RootResolver {
  @Authorized()
  @Query(() => Cancellation, {
    nullable: true,
    description: "The cancellation of one order, or null if none was ever requested here.",
  })
  async cancellation(
    @Ctx() { records, permissions }: RequestContext,
    @Arg("provider", () => OrderProvider, { description: "Where the order was placed." }) provider: ProviderName,
    @Arg("orderId", () => ID, { description: "The provider's id of the order." }) orderId: string,
  ): Promise<Cancellation | null> {
    const key = { provider, orderId };
    if (!canBeRecorded(key)) return null;
    if (!(await permissions.load(key))) throw requestError("FORBIDDEN", "This order is not yours.");
    const record = await records.load(key);
    return record ? toCancellation(record) : null;
  }

  @Authorized()
  @Directive(`@listSize(assumedSize: ${providerNames.length})`)
  @Query(() => [CancellationProvider], { description: "What each provider allows, and whether it is set up here." })
  cancellationProviders(@Ctx() { catalogue }: RequestContext): CancellationProvider[] {
    return catalogue();
  }

  @Authorized("orders:cancel")
  @Directive("@cost(weight: 10)")
  @Mutation(() => CancelOrdersPayload, {
    description: "Asks the provider to cancel these orders. orders[i] answers ids[i]. Safe to repeat.",
  })
  async cancelOrders(
    @Ctx() context: RequestContext,
    @Arg("provider", () => OrderProvider, { description: "Where the orders were placed." }) provider: ProviderName,
    @Arg("ids", () => [ID], { description: "The provider's ids of the orders. An id named twice is sent once." })
    ids: string[],
  ): Promise<CancelOrdersPayload> {
    checkOrderIds(ids, context.maxIdsPerRequest);
    if (!context.catalogue().some((each) => each.provider === provider && each.configured)) {
      throw requestError("PROVIDER_NOT_CONFIGURED", `${provider} is not set up here. Nothing was sent.`);
    }
    await checkPermissions(context, provider, ids);
    const distinct = [...new Set(ids)];
    const { cancellations, caller, requestId } = context;
    const records =
      distinct.length === 0 ? [] : await cancellations.cancel(provider, distinct, caller.subject, requestId);
    const byId = new Map(records.map((record) => [record.orderId, record]));
    return {
      orders: ids.map((id) => ({ provider, id, record: byId.get(id) })),
    };
  }
}

@Resolver(() => Order)
export class OrderResolver {
  @FieldResolver(() => Cancellation, {
    nullable: true,
    description: "Read from our record; never calls the provider. Null if no cancellation was requested here.",
  })
  async cancellation(@Root() order: Order, @Ctx() { records }: RequestContext): Promise<Cancellation | null> {
    const record = order.record ?? (await records.load({ provider: order.provider, orderId: order.id }));
    return record ? toCancellation(record) : null;
  }
}

@Resolver(() => Cancellation)
export class CancellationResolver {
  @FieldResolver(() => Order, { description: "The order that this is about." })
  order(@Root() { record }: Cancellation): Order {
    return { provider: record.provider, id: record.orderId, record };
  }

  @FieldResolver(() => [CancellationEvent], { description: "What happened so far, oldest first." })
  async history(
    @Root() { record }: Cancellation,
    @Ctx() { histories, caller }: RequestContext,
  ): Promise<CancellationEvent[]> {
    const seesOthers = caller.holds("cancellations:read");
    const events = await histories.load(record.id);
    return events.map((event) => {
      const isOwn = event.requestedBy !== null && event.requestedBy === caller.subject;
      return toEvent(seesOthers || isOwn ? event : { ...event, requestedBy: null, note: null });
    });
  }
}
