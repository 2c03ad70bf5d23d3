import { Arg, Authorized, Ctx, Field, Mutation, ObjectType, Resolver } from "type-graphql";
import type { ProviderName } from "../../providers/registry.ts";
import type { RequestContext } from "../context.ts";
import { OrderProvider } from "../enums.ts";
import { readText } from "../text.ts";
import { CancellationProvider } from "../types.ts";

@ObjectType({ description: "The provider that was paused or started." })
export class SetProviderPausedPayload {
  @Field(() => CancellationProvider, { description: "The provider, as it stands now." })
  provider!: CancellationProvider;
}

/** Longest reason, in UTF-16 units. */
const maxReasonLength = 500;

@Resolver()
export class PauseResolver {
  @Authorized("providers:manage")
  @Mutation(() => SetProviderPausedPayload, {
    description:
      "Stops or starts all requests to a provider, in every instance within two seconds. Meanwhile cancellations are recorded and stay PENDING. For operators: needs the scope providers:manage.",
  })
  async setProviderPaused(
    @Ctx() { pauses, catalogue }: RequestContext,
    @Arg("provider", () => OrderProvider, { description: "The provider." }) provider: ProviderName,
    @Arg("paused", () => Boolean, { description: "Whether nothing may be sent to it." }) paused: boolean,
    @Arg("reason", () => String, {
      nullable: true,
      description: "Why, in at most 500 characters. Everybody who may read here can read it.",
    })
    reason: string | null,
  ): Promise<SetProviderPausedPayload> {
    await pauses.set(provider, paused, readReason({ reason }));
    const entry = catalogue().find((each) => each.provider === provider);
    if (!entry) throw new Error(`${provider} is missing in the catalogue`);
    return { provider: entry };
  }
}

/** Null without a reason. Throws BAD_USER_INPUT if it is impossible. */
export function readReason({ reason }: { reason?: string | null }): string | null {
  return typeof reason === "string" ? readText("reason", reason, maxReasonLength) : null;
}
