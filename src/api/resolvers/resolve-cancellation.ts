import { Arg, Authorized, Ctx, Directive, Field, ID, Mutation, ObjectType, Resolver } from "type-graphql";
import { orderKeyText } from "../../domain/cancellation.ts";
import type { ProviderName } from "../../providers/registry.ts";
import type { RequestContext } from "../context.ts";
import { CancellationResolution, OrderProvider } from "../enums.ts";
import { requestError } from "../errors.ts";
import { faultOf } from "../order-ids.ts";
import { readText } from "../text.ts";
import { Cancellation, Order, OrderKeyInput, toCancellation, toOrder } from "../types.ts";

@ObjectType({ description: "The cancellation that was resolved by hand." })
export class ResolveCancellationPayload {
  @Field(() => Cancellation, { description: "The cancellation, as it stands now." })
  cancellation!: Cancellation;
}

@ObjectType({ simpleResolvers: true, description: "The orders that were to be resolved by hand." })
export class ResolveCancellationsPayload {
  @Directive("@listSize(assumedSize: 500)")
  @Field(() => [Order], { description: "One for each order that was named, in that order, as it stands now." })
  orders!: Order[];
}

const noteDescription = "Who told what, and when: from 1 to 1000 characters; line breaks are allowed.";

/** Longest note, in UTF-16 units. */
const maxNoteLength = 1000;

@Resolver()
export class ResolutionResolver {
  @Authorized("cancellations:resolve")
  @Mutation(() => ResolveCancellationPayload, {
    description:
      "Records what the provider told a person about an UNCONFIRMED order. The history shows who did it, and why. For the back office: needs the scope cancellations:resolve.",
  })
  async resolveCancellation(
    @Ctx() { cancellations, pauses, caller, requestId }: RequestContext,
    @Arg("provider", () => OrderProvider, { description: "Where the order was placed." }) provider: ProviderName,
    @Arg("orderId", () => ID, { description: "The provider's id of the order." }) orderId: string,
    @Arg("status", () => CancellationResolution, { description: "How the order stands, as the provider told." })
    status: keyof typeof CancellationResolution,
    @Arg("note", () => String, { description: noteDescription }) note: string,
  ): Promise<ResolveCancellationPayload> {
    const resolution = { status, note: readResolution({ orderId, note }), requestedBy: caller.subject, requestId };
    const [resolved] = await cancellations.resolve([{ provider, orderId }], resolution);
    // Another request was faster. It is no fault of the arguments: of those, the caller knows that no field has run.
    if (!resolved) throw new Error("the cancellation has changed since it was checked");
    return { cancellation: toCancellation(resolved, pauses) };
  }

  @Authorized("cancellations:resolve")
  @Directive("@cost(weight: 10)")
  @Mutation(() => ResolveCancellationsPayload, {
    description:
      "As resolveCancellation, for several orders with one note, recorded together. An order that is not UNCONFIRMED is not changed, and is answered as it stands. Safe to repeat. For the back office: needs the scope cancellations:resolve.",
  })
  async resolveCancellations(
    @Ctx() { cancellations, ledger, pauses, caller, requestId }: RequestContext,
    @Arg("orders", () => [OrderKeyInput], { description: "The orders. One named twice is resolved once." })
    orders: OrderKeyInput[],
    @Arg("status", () => CancellationResolution, { description: "How all of them stand, as the provider told." })
    status: keyof typeof CancellationResolution,
    @Arg("note", () => String, { description: noteDescription }) note: string,
  ): Promise<ResolveCancellationsPayload> {
    const keys = orders.map(({ provider, id }) => ({ provider, orderId: id }));
    const distinct = [...new Map(keys.map((key) => [orderKeyText(key), key])).values()];
    const resolution = { status, note: readNote({ note }), requestedBy: caller.subject, requestId };
    await cancellations.resolve(distinct, resolution);
    const records = await ledger.read(keys);
    return { orders: keys.map((key, index) => toOrder(key, records[index], pauses)) };
  }
}

/** Throws BAD_USER_INPUT if the order is not UNCONFIRMED. */
export async function checkUnconfirmed(
  { ledger }: RequestContext,
  { provider, orderId }: { provider: string; orderId: string },
): Promise<void> {
  const [record] = await ledger.read([{ provider, orderId }]);
  if (record?.status === "UNCONFIRMED") return;
  const found = record ? `this cancellation is ${record.status}` : "no cancellation of this order was requested here";
  throw requestError(
    "BAD_USER_INPUT",
    `orderId: ${found}; only UNCONFIRMED ones can be resolved. Nothing was changed.`,
  );
}

/** The note. Throws BAD_USER_INPUT if it or the id is impossible. */
export function readResolution({ orderId, note }: { orderId: string; note: string }): string {
  const fault = faultOf(orderId);
  if (fault) throw requestError("BAD_USER_INPUT", `orderId ${fault}. Nothing was changed.`);
  return readNote({ note });
}

/** The note. Throws BAD_USER_INPUT if it is impossible. */
export function readNote({ note }: { note: string }): string {
  return readText("note", note, maxNoteLength);
}
