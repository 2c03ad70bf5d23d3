import { GraphQLDateTime } from "graphql-scalars";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import type { Standing, StandingReason, StandingState } from "../cancellability/standing.ts";
import type { RequestContext } from "./context.ts";
import { CancellationProblemCode } from "./enums.ts";
import { faultOf } from "./order-ids.ts";
import { sentences } from "./problem-messages.ts";
import type { Order } from "./types.ts";

const states = {
  CANCELLABLE:
    "At `checkedAt` the provider showed it as an order that can be cancelled. That is no promise: a cancel may still come too late.",
  NOT_YET: "The provider does not cancel it yet: see `cancellableFrom`.",
  NOT_CANCELLABLE:
    "A cancel would change nothing: it is too late, it is cancelled, or it is being cancelled. See `reason`.",
  UNKNOWN:
    "Nobody knows: the provider gave no clear word, or was not asked in time. A cancel may well succeed, so keep the button.",
} satisfies Record<StandingState, string>;

export const CancellabilityState = Object.fromEntries(Object.keys(states).map((name) => [name, name])) as {
  readonly [State in StandingState]: State;
};
registerEnumType(CancellabilityState, {
  name: "CancellabilityState",
  description: "Whether an order can still be cancelled. Hide the button only on NOT_CANCELLABLE and NOT_YET.",
  valuesConfig: Object.fromEntries(Object.entries(states).map(([name, description]) => [name, { description }])),
});

@ObjectType({
  simpleResolvers: true,
  description: "Whether an order can still be cancelled, as far as our record or the provider's word goes.",
})
export class Cancellability {
  @Field(() => CancellabilityState, {
    description: "Whether it can. Hide the button only on NOT_CANCELLABLE and NOT_YET.",
  })
  state!: StandingState;

  @Field(() => CancellationProblemCode, {
    nullable: true,
    description: "Why not, or why nothing is known. Null when CANCELLABLE.",
  })
  reason!: StandingReason | null;

  @Field(() => String, {
    nullable: true,
    description: "The same as a sentence to show to a person. Null when CANCELLABLE.",
  })
  message!: string | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: "When the provider, or our own record, said so. Null when UNKNOWN and never asked.",
  })
  checkedAt!: Date | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: "From when on it can be cancelled, by a rule of the provider's page. Only with NOT_YET.",
  })
  cancellableFrom!: Date | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: "Until when it can be cancelled at the most, if the provider or a rule of its page tells.",
  })
  cancellableUntil!: Date | null;
}

/** For how long words of providers are kept that can still change, s. */
export const keptSeconds = 15;

/** What `Order.cancellability` answers. Null if no provider of this name is set up here. */
export async function resolveCancellability(
  { provider, id, known }: Order,
  { maxAge }: { maxAge: number },
  { records, questions }: RequestContext,
): Promise<Cancellability | null> {
  const key = { provider, orderId: id };
  // A database may refuse such a text, and so may a provider.
  if (faultOf(id) !== undefined) return toCancellability(questions().impossible(key));
  const cancellation = known === undefined ? await records.load(key) : known;
  return toCancellability(await questions().ask(key, cancellation?.record, maxAge * 1000));
}

function toCancellability(standing: Standing | null): Cancellability | null {
  if (!standing) return null;
  const { state, reason } = standing;
  return {
    state,
    reason,
    message: reason && messageOf(state, reason),
    checkedAt: toDate(standing.checkedAt),
    cancellableFrom: toDate(standing.cancellableFrom),
    cancellableUntil: toDate(standing.cancellableUntil),
  };
}

/** While nothing is known, the sentence must not sound as if the order were lost. */
function messageOf(state: StandingState, reason: StandingReason): string {
  const sentence = ownSentences[reason] ?? sentences[reason as keyof typeof sentences];
  return state === "UNKNOWN"
    ? `${whileUnknown[reason] ?? sentence} It may be possible to cancel this order.`
    : sentence;
}

const ownSentences: Partial<Record<StandingReason, string>> = {
  ALREADY_CANCELLED: "This order is cancelled already.",
  BEING_CANCELLED: "This order is being cancelled already.",
  PROVIDER_PAUSED: "Requests to this provider are paused at the moment.",
  NOT_CHECKED: "The provider was not asked, or has not answered yet. Please look again in a moment.",
};

const whileUnknown: Partial<Record<StandingReason, string>> = {
  REFUSED: "The provider refused to cancel this order before.",
  NOT_PERMITTED: "The provider did not allow us to cancel this order before.",
  OUTCOME_UNKNOWN: "The provider does not say clearly how this order stands.",
};

function toDate(at: number | null): Date | null {
  return at === null ? null : new Date(at);
}
