import { Arg, Authorized, Ctx, Directive, Field, Mutation, ObjectType, Resolver } from "type-graphql";
import type { NotRechecked } from "../../cancellation/recheck.ts";
import { type OrderKey, orderKeyText } from "../../domain/cancellation.ts";
import type { RequestContext } from "../context.ts";
import { CancellationProblemCode } from "../enums.ts";
import { namedByKeys } from "../order-ids.ts";
import { Order, OrderKeyInput, toOrder } from "../types.ts";

@ObjectType({
  simpleResolvers: true,
  description: "An UNCONFIRMED order that could not be looked up now. It stands as before.",
})
export class RecheckCancellationsProblem {
  @Field(() => Order, { description: "The order." })
  order!: Order;

  @Field(() => CancellationProblemCode, { description: "Why, for programs." })
  code!: keyof typeof CancellationProblemCode;

  @Field(() => String, { description: "Why: a sentence to show to a person." })
  message!: string;
}

@ObjectType({ simpleResolvers: true, description: "The orders that were to be looked up once more." })
export class RecheckCancellationsPayload {
  @Directive("@listSize(assumedSize: 500)")
  @Field(() => [Order], { description: "One for each order that was named, in that order, as it stands now." })
  orders!: Order[];

  @Directive("@listSize(assumedSize: 500)")
  @Field(() => [RecheckCancellationsProblem], {
    description: "Those that are UNCONFIRMED and could not be looked up now.",
  })
  problems!: RecheckCancellationsProblem[];
}

@Resolver()
export class RecheckResolver {
  @Authorized("cancellations:resolve")
  @Directive("@cost(weight: 10)")
  @Mutation(() => RecheckCancellationsPayload, {
    description:
      "Looks UNCONFIRMED orders up at their providers once more, and never sends a cancel. An order that the provider calls cancelled becomes CANCELLED; one that it calls no longer cancellable becomes REJECTED; any other stays UNCONFIRMED, and its history shows what the provider said. Orders that are not UNCONFIRMED are answered as they stand. Safe to repeat. For the back office: needs the scope cancellations:resolve.",
  })
  async recheckCancellations(
    @Ctx() context: RequestContext,
    @Arg("orders", () => [OrderKeyInput], { description: "The orders. One named twice is looked up once." })
    orders: OrderKeyInput[],
  ): Promise<RecheckCancellationsPayload> {
    const { cancellations, pauses, caller, requestId, ageMs } = context;
    const distinct = new Map<string, OrderKey>(namedByKeys({ orders }).map((order) => [orderKeyText(order), order]));
    const asked = [...distinct.values()];
    const request = { requestedBy: caller.subject, requestId, ageMs: ageMs() };
    const { records, unasked } = await cancellations.recheck(asked, request);
    const found = new Map(asked.map((key, index) => [orderKeyText(key), toOrder(key, records[index], pauses)]));
    const answerFor = (key: OrderKey) => found.get(orderKeyText(key)) ?? toOrder(key, undefined, pauses);
    return {
      orders: orders.map(({ provider, id }) => answerFor({ provider, orderId: id })),
      problems: unasked.map(({ order, why }) => ({ order: answerFor(order), ...reasons[why] })),
    };
  }
}

const reasons: Readonly<Record<NotRechecked["why"], { code: keyof typeof CancellationProblemCode; message: string }>> =
  {
    paused: {
      code: "PROVIDER_PAUSED",
      message: "An operator has paused this provider: nothing is sent to it.",
    },
    circuit: {
      code: "PROVIDER_UNAVAILABLE",
      message: "This provider has failed many times in a row: nothing is sent to it for some seconds. Ask again.",
    },
    late: {
      code: "PROVIDER_BUSY",
      message: "This provider's limit left no time for this order. Ask again.",
    },
    unanswered: {
      code: "OUTCOME_UNKNOWN",
      message: "The provider has not answered yet. If it does, the history shows it.",
    },
    "no-lookup": {
      code: "OUTCOME_UNKNOWN",
      message: "This provider tells nobody how an order stands: ask a person there.",
    },
  };
