import { GraphQLDateTime } from "graphql-scalars";
import { Arg, Authorized, Ctx, Directive, Field, ID, Int, ObjectType, Query, Resolver } from "type-graphql";
import type { CancellationStatus as Status } from "../../domain/cancellation.ts";
import type { ProblemCode } from "../../domain/outcome.ts";
import { type ProviderName, providerNames } from "../../providers/registry.ts";
import type { RequestContext } from "../context.ts";
import { CancellationOrder, CancellationProblemCode, CancellationStatus, OrderProvider } from "../enums.ts";
import { requestError } from "../errors.ts";
import { argumentBounds } from "../limits/argument-bounds.ts";
import { faultOf } from "../text.ts";
import { Cancellation, toCancellation } from "../types.ts";

@ObjectType({ simpleResolvers: true, description: "A cancellation in a list." })
export class CancellationEdge {
  @Field(() => String, { description: "Where this one stands in the list, for `after`." })
  cursor!: string;

  @Field(() => Cancellation, { description: "The cancellation." })
  node!: Cancellation;
}

@ObjectType({ simpleResolvers: true, description: "Where a part of a list of cancellations begins and ends." })
export class CancellationPageInfo {
  @Field(() => Boolean, {
    description:
      "Whether there may be more. With filters by request, by subject or by end, a part may then hold fewer than were asked for, even none: go on with `endCursor`.",
  })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: "Whether this part was asked for with `after`." })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: "Cursor of the first one; null if there is none." })
  startCursor!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Where the next part begins, for `after`; null if there is nothing more and this part is empty.",
  })
  endCursor!: string | null;
}

@ObjectType({ simpleResolvers: true, description: "A part of the list of cancellations." })
export class CancellationConnection {
  @Field(() => [CancellationEdge], { description: "The cancellations of this part, in order." })
  edges!: CancellationEdge[];

  @Field(() => CancellationPageInfo, { description: "Where this part begins and ends." })
  pageInfo!: CancellationPageInfo;
}

@Resolver()
export class BackOfficeResolver {
  @Authorized("cancellations:read")
  @Directive('@listSize(slicingArguments: ["first"], sizedFields: ["edges"], requireOneSlicingArgument: false)')
  @Query(() => CancellationConnection, {
    description:
      "All cancellations, or those that pass all these filters. For the back office: needs the scope cancellations:read.",
  })
  async cancellations(
    @Ctx() { ledger, pauses }: RequestContext,
    @Arg("provider", () => OrderProvider, { nullable: true, description: "Only those of this provider." })
    provider: ProviderName | null,
    @Arg("status", () => CancellationStatus, { nullable: true, description: "Only those that stand so." })
    status: Status | null,
    @Arg("problemCode", () => CancellationProblemCode, {
      nullable: true,
      description: "Only those with this problem.",
    })
    problemCode: keyof typeof CancellationProblemCode | null,
    @Arg("orderId", () => ID, { nullable: true, description: "Only those of orders with this id, at any provider." })
    orderId: string | null,
    @Arg("requestedBy", () => String, {
      nullable: true,
      description: "Only those for which this subject ever asked something: the history shows what.",
    })
    requestedBy: string | null,
    @Arg("requestId", () => String, {
      nullable: true,
      description: "Only those for which the request with this `x-request-id` asked something.",
    })
    requestId: string | null,
    @Arg("settledBefore", () => GraphQLDateTime, {
      nullable: true,
      description: "Only those that ended before this moment; none that are PENDING.",
    })
    settledBefore: Date | null,
    @Arg("order", () => CancellationOrder, {
      defaultValue: CancellationOrder.NEWEST_FIRST,
      description: "How they are sorted.",
    })
    order: keyof typeof CancellationOrder,
    @Arg("first", () => Int, { defaultValue: 50, description: `How many, from ${argumentBounds.first?.join(" to ")}.` })
    first: number,
    @Arg("after", () => String, { nullable: true, description: "Cursor of the last one seen." }) after: string | null,
  ): Promise<CancellationConnection> {
    const texts = [requestedBy, requestId, orderId].filter((text) => typeof text === "string");
    // No record can have it, and a database may refuse its text.
    if (texts.some((text) => faultOf(text, maxTextLength))) return toConnection([], { isFirst: !after, next: null });
    const providers = provider ? [provider] : providerNames;
    const { records, after: next } = await ledger.page({
      provider,
      status,
      // Of a pause the records know nothing: no record has this code.
      problemCode: problemCode as ProblemCode | null,
      keys: typeof orderId === "string" ? providers.map((each) => ({ provider: each, orderId })) : null,
      requestedBy,
      requestId,
      settledBefore: settledBefore?.getTime() ?? null,
      oldestFirst: order === CancellationOrder.OLDEST_FIRST,
      after: typeof after === "string" ? readCursor(after) : null,
      first,
    });
    return toConnection(
      records.map((record) => ({ cursor: writeCursor(record.id), node: toCancellation(record, pauses) })),
      { isFirst: !after, next: next === null ? null : writeCursor(next) },
    );
  }
}

function toConnection(
  edges: CancellationEdge[],
  { isFirst, next }: { isFirst: boolean; next: string | null },
): CancellationConnection {
  const ends = { startCursor: edges[0]?.cursor ?? null, endCursor: next ?? edges.at(-1)?.cursor ?? null };
  return { edges, pageInfo: { hasNextPage: next !== null, hasPreviousPage: !isFirst, ...ends } };
}

/** Longer than any subject or request id that is kept. */
const maxTextLength = 300;

/** Opaque on purpose: its content may change. */
function writeCursor(id: number): string {
  return Buffer.from(`cancellation:${id}`).toString("base64url");
}

function readCursor(cursor: string): number {
  const id = /^cancellation:(\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString())?.[1];
  if (id === undefined) throw requestError("BAD_USER_INPUT", "after: needs a cursor from an earlier answer.");
  return Number(id);
}
