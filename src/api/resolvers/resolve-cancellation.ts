import { Arg, Authorized, Ctx, Field, ID, Mutation, ObjectType, Resolver } from "type-graphql";
import type { ProviderName } from "../../providers/registry.ts";
import type { RequestContext } from "../context.ts";
import { CancellationResolution, OrderProvider } from "../enums.ts";
import { requestError } from "../errors.ts";
import { faultOf } from "../order-ids.ts";
import { readText } from "../text.ts";
import { Cancellation, toCancellation } from "../types.ts";

@ObjectType({ description: "The cancellation that was resolved by hand." })
export class ResolveCancellationPayload {
  @Field(() => Cancellation, { description: "The cancellation, as it stands now." })
  cancellation!: Cancellation;
}

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
    @Ctx() { backOffice, caller, requestId }: RequestContext,
    @Arg("provider", () => OrderProvider, { description: "Where the order was placed." }) provider: ProviderName,
    @Arg("orderId", () => ID, { description: "The provider's id of the order." }) orderId: string,
    @Arg("status", () => CancellationResolution, { description: "How the order stands, as the provider told." })
    status: keyof typeof CancellationResolution,
    @Arg("note", () => String, {
      description: "Who told what, and when: from 1 to 1000 characters; line breaks are allowed.",
    })
    note: string,
  ): Promise<ResolveCancellationPayload> {
    const resolution = { provider, orderId, status, note: readResolution({ orderId, note }) };
    const resolved = await backOffice.resolve({ ...resolution, requestedBy: caller.subject, requestId });
    // Another request was faster. It is no fault of the arguments: of those, the caller knows that no field has run.
    if (!resolved) throw new Error("the cancellation has changed since it was checked");
    return { cancellation: toCancellation(resolved, backOffice) };
  }
}

/** Throws BAD_USER_INPUT if the order is not UNCONFIRMED. */
export async function checkUnconfirmed(
  { cancellations }: RequestContext,
  { provider, orderId }: { provider: string; orderId: string },
): Promise<void> {
  const [record] = await cancellations.read([{ provider, orderId }]);
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
  return readText("note", note, maxNoteLength);
}
