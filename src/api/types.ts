import "reflect-metadata";
import { GraphQLDateTime } from "graphql-scalars";
import { Directive, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import type { Pauses } from "../cancellation/pauses.ts";
import type {
  Cancellation as CancellationRecord,
  CancellationEvent as EventRecord,
  OrderKey,
} from "../domain/cancellation.ts";
import type { ProviderName } from "../providers/registry.ts";
import {
  CancellationEventKind,
  CancellationProblemCode,
  CancellationStatus,
  ExchangeFailure,
  OrderProvider,
  ProviderCircuit,
} from "./enums.ts";
import { pausedMessage, problemMessage } from "./problem-messages.ts";

@ObjectType({
  simpleResolvers: true,
  description: "Why an order is not cancelled (yet), in our words and in the provider's.",
})
export class CancellationProblem {
  @Field(() => CancellationProblemCode, { description: "The reason, for programs." })
  code!: keyof typeof CancellationProblemCode;

  @Field(() => String, { description: "A sentence to show to a person." })
  message!: string;

  @Field(() => String, { nullable: true, description: "The provider's own code, if it gave any." })
  providerCode!: string | null;

  @Field(() => String, { nullable: true, description: "The provider's own words, if it gave any. Secrets removed." })
  providerMessage!: string | null;
}

@ObjectType({ simpleResolvers: true, description: "One step in the life of a cancellation." })
export class CancellationEvent {
  @Field(() => GraphQLDateTime, { description: "When it happened." })
  at!: Date;

  @Field(() => CancellationEventKind, { description: "What happened." })
  kind!: keyof typeof CancellationEventKind;

  @Field(() => Int, { description: "How many requests had carried this order's cancel by then." })
  attempt!: number;

  @Field(() => CancellationStatus, { nullable: true, description: "How it ended. Only with SETTLED and RESOLVED." })
  status!: keyof typeof CancellationStatus | null;

  @Field(() => CancellationProblemCode, { nullable: true, description: "What stood in the way, if anything did." })
  problemCode!: keyof typeof CancellationProblemCode | null;

  @Field(() => Int, { nullable: true, description: "HTTP status of the provider's answer. Null if none came." })
  httpStatus!: number | null;

  @Field(() => String, {
    nullable: true,
    description: "The provider's own code or state of the order in that answer, if it gave any. Secrets removed.",
  })
  providerCode!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The provider's own words in that answer, if it gave any. Secrets removed.",
  })
  providerMessage!: string | null;

  @Field(() => Int, { nullable: true, description: "How long the exchange with the provider took, in milliseconds." })
  durationMs!: number | null;

  @Field(() => ExchangeFailure, {
    nullable: true,
    description:
      "How the exchange with the provider failed. Null if an answer came, and in steps without an exchange. It tells the cause to people; whether the order may be cancelled is told by `problemCode`.",
  })
  failure!: keyof typeof ExchangeFailure | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Who asked: the subject of the token. With REQUESTED and RESOLVED, and with LOOKED_UP if a person asked for the look-up; others' subjects need the scope cancellations:read.",
  })
  requestedBy!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "`x-request-id` of the request that asked. With REQUESTED and RESOLVED, and with LOOKED_UP if a person asked for the look-up.",
  })
  requestId!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "What a person wrote. Only with RESOLVED; others' notes need the scope cancellations:read.",
  })
  note!: string | null;
}

@ObjectType({ simpleResolvers: true, description: "Our record of the cancel of one order." })
export class Cancellation {
  /** Not in the graph: the record, for the resolvers of its fields. */
  record!: CancellationRecord;

  @Field(() => CancellationStatus, {
    description:
      "How it stands. Only the provider's word makes it CANCELLED, or that of a person who asked it, which the history shows.",
  })
  status!: keyof typeof CancellationStatus;

  @Field(() => CancellationProblem, {
    nullable: true,
    description: "Why it is not cancelled (yet). Null when CANCELLED, and while nothing has gone wrong.",
  })
  problem!: CancellationProblem | null;

  @Field(() => GraphQLDateTime, { description: "When it was asked for; the last time, if it was tried anew." })
  requestedAt!: Date;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: "When it ended: became CANCELLED, REJECTED or UNCONFIRMED.",
  })
  settledAt!: Date | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: "When we act next, while PENDING and waiting." })
  nextAttemptAt!: Date | null;

  @Field(() => Int, { description: "How many requests to the provider have carried this order's cancel." })
  attempts!: number;
}

@Directive('@key(fields: "provider id")')
@ObjectType({ simpleResolvers: true, description: "An order at a provider. Other subgraphs may own the rest of it." })
export class Order {
  @Field(() => String, {
    description:
      "An OrderProvider's name if this graph can cancel its orders; any other name is fine and has no cancellation.",
  })
  provider!: string;

  @Field(() => ID, { description: "The provider's id of the order." })
  id!: string;

  /** Not in the graph: its cancellation if it was read already, and null if it has none. */
  known?: Cancellation | null | undefined;
}

@ObjectType({ simpleResolvers: true, description: "The orders that were asked for, each with its cancellation." })
export class CancelOrdersPayload {
  @Directive("@listSize(assumedSize: 500)")
  @Field(() => [Order], { description: "One for each order that was named, in that order." })
  orders!: Order[];
}

@InputType({ description: "Names an order." })
export class OrderKeyInput {
  @Field(() => OrderProvider, { description: "Where the order was placed." })
  provider!: ProviderName;

  @Field(() => ID, { description: "The provider's id of the order." })
  id!: string;
}

@ObjectType({ simpleResolvers: true, description: "What a provider allows, and whether it is set up here." })
export class CancellationProvider {
  @Field(() => OrderProvider, { description: "The provider." })
  provider!: ProviderName;

  @Field(() => Boolean, { description: "Whether orders of this provider can be cancelled here." })
  configured!: boolean;

  @Field(() => Boolean, {
    description: "True if requests go to a test environment or to the built-in simulator.",
  })
  sandbox!: boolean;

  @Field(() => Boolean, {
    description: "True if an operator has paused it: requests are recorded and stay PENDING, nothing is sent.",
  })
  paused!: boolean;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: "Since when it is paused. Null if it is not, or if a setting pauses it.",
  })
  pausedAt!: Date | null;

  @Field(() => String, { nullable: true, description: "Why it is paused, if the operator gave a reason." })
  pausedReason!: string | null;

  @Field(() => ProviderCircuit, { nullable: true, description: "Its circuit breaker. Null if it is not set up." })
  circuit!: keyof typeof ProviderCircuit | null;

  @Field(() => Int, {
    description: "Most orders one upstream request can carry; 1 if the provider has no batch form.",
  })
  maxBatchSize!: number;

  @Field(() => Int, {
    nullable: true,
    description: "Least time between two upstream requests, in milliseconds; null if the provider states none.",
  })
  minIntervalMs!: number | null;

  @Field(() => Boolean, { description: "Whether an unknown outcome can be looked up afterwards." })
  statusLookup!: boolean;

  @Field(() => String, { description: "Which orders it cancels, in the provider's terms." })
  cancellableWhen!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Seconds after creation before which it refuses; null if there is no such rule.",
  })
  cancellableAfterSeconds!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Seconds after creation at which it cancels by itself; null if it does not.",
  })
  autoCancelledAfterSeconds!: number | null;

  @Field(() => String, { description: "The provider's page about its cancel call." })
  documentationUrl!: string;
}

/** While its provider is paused, a PENDING one says so, and has no next attempt. What was found out before stays visible. */
export function toCancellation(record: CancellationRecord, pauses: Pick<Pauses, "of">): Cancellation {
  const { status, attempts } = record;
  const problem = record.problem && { ...record.problem, message: problemMessage(record.problem.code, record) };
  const waitsForStart = status === "PENDING" && pauses.of(record.provider) !== undefined;
  return {
    record,
    status,
    problem: waitsForStart ? whilePaused(problem) : problem,
    requestedAt: new Date(record.requestedAt),
    settledAt: toDate(record.settledAt),
    nextAttemptAt: waitsForStart ? null : toDate(record.nextAttemptAt),
    attempts,
  };
}

/** An order with its cancellation, if it has one. */
export function toOrder(
  { provider, orderId }: OrderKey,
  record: CancellationRecord | undefined,
  pauses: Pick<Pauses, "of">,
): Order {
  return { provider, id: orderId, known: record ? toCancellation(record, pauses) : null };
}

function whilePaused(problem: CancellationProblem | null): CancellationProblem {
  if (problem) return { ...problem, message: `${problem.message} ${pausedMessage}` };
  return { code: "PROVIDER_PAUSED", message: pausedMessage, providerCode: null, providerMessage: null };
}

/** Who asked, and what a person wrote, are shown only if the caller may see what this subject did. */
export function toEvent(event: EventRecord, isShown: (subject: string | null) => boolean): CancellationEvent {
  const shown = isShown(event.requestedBy) ? event : { ...event, requestedBy: null, note: null };
  return { ...shown, at: new Date(event.at) };
}

function toDate(at: number | null): Date | null {
  return at === null ? null : new Date(at);
}
