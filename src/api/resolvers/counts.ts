import { GraphQLDateTime } from "graphql-scalars";
import { Arg, Authorized, Ctx, Directive, Field, Int, ObjectType, Query, Resolver } from "type-graphql";
import type { CancellationStatus as Status } from "../../domain/cancellation.ts";
import { type ProviderName, providerNames } from "../../providers/registry.ts";
import type { RequestContext } from "../context.ts";
import { CancellationProblemCode, CancellationStatus, OrderProvider } from "../enums.ts";
import { argumentBounds } from "../limits/argument-bounds.ts";

@ObjectType({ simpleResolvers: true, description: "How many cancellations of a provider stand alike." })
export class CancellationCount {
  @Field(() => OrderProvider, { description: "The provider." })
  provider!: ProviderName;

  @Field(() => CancellationStatus, { description: "How they stand." })
  status!: Status;

  @Field(() => CancellationProblemCode, { nullable: true, description: "Why; null for those without a problem." })
  problemCode!: keyof typeof CancellationProblemCode | null;

  @Field(() => Int, { description: "How many they are. Counting ends at 10,000: that means 10,000 or more." })
  count!: number;

  @Field(() => GraphQLDateTime, { nullable: true, description: "When the oldest of these requests was made." })
  oldestRequestedAt!: Date | null;
}

@ObjectType({ simpleResolvers: true, description: "How many cancellations of a provider ended alike within a minute." })
export class CancellationRate {
  @Field(() => OrderProvider, { description: "The provider." })
  provider!: ProviderName;

  @Field(() => CancellationStatus, { description: "How they ended." })
  status!: Status;

  @Field(() => GraphQLDateTime, { description: "When the minute began." })
  minute!: Date;

  @Field(() => Int, { description: "How many they are." })
  count!: number;
}

/** For the size of an answer: half of all ways to stand occur together. */
export const countsAssumed = 60;

/** In 15 minutes, with two ends each. */
export const ratesAssumed = 150;

@Resolver()
export class CountResolver {
  @Authorized("cancellations:read")
  @Directive("@cost(weight: 20)")
  @Directive(`@listSize(assumedSize: ${countsAssumed})`)
  @Query(() => [CancellationCount], {
    description:
      "How many cancellations stand how, by provider, status and problem; none that are 0. For the back office: needs the scope cancellations:read.",
  })
  async cancellationCounts(@Ctx() { ledger }: RequestContext): Promise<CancellationCount[]> {
    const counts = await ledger.counts(providerNames);
    return counts.map(({ provider, oldestRequestedAt, ...count }) => ({
      ...count,
      provider: provider as ProviderName,
      oldestRequestedAt: new Date(oldestRequestedAt),
    }));
  }

  @Authorized("cancellations:read")
  @Directive("@cost(weight: 20)")
  @Directive(`@listSize(assumedSize: ${ratesAssumed})`)
  @Query(() => [CancellationRate], {
    description:
      "How many cancellations ended in each of the last minutes and in the current one, oldest first; none that are 0. For the back office: needs the scope cancellations:read.",
  })
  async cancellationRates(
    @Ctx() { ledger }: RequestContext,
    @Arg("minutes", () => Int, {
      defaultValue: 15,
      description: `How many whole minutes, from ${argumentBounds.minutes?.join(" to ")}.`,
    })
    minutes: number,
  ): Promise<CancellationRate[]> {
    const rates = await ledger.settledByMinute(minutes);
    return rates.map(({ provider, minute, ...rate }) => ({
      ...rate,
      provider: provider as ProviderName,
      minute: new Date(minute),
    }));
  }
}
