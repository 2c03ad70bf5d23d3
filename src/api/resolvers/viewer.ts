import { Authorized, Ctx, Field, ObjectType, Query, Resolver } from "type-graphql";
import type { RequestContext } from "../context.ts";

@ObjectType({ simpleResolvers: true, description: "The caller." })
export class Viewer {
  @Field(() => String, { nullable: true, description: "The subject of its token. Null if callers need none." })
  subject!: string | null;

  @Field(() => Boolean, { description: "Whether it may cancel orders." })
  canCancel!: boolean;

  @Field(() => Boolean, { description: "Whether it may list all cancellations, and see who asked for them." })
  canRead!: boolean;

  @Field(() => Boolean, { description: "Whether it may have UNCONFIRMED orders looked up, and resolve them by hand." })
  canResolve!: boolean;

  @Field(() => Boolean, { description: "Whether it may pause providers and start them." })
  canManage!: boolean;

  @Field(() => [String], { description: "Why it may not do the rest: the scopes that its token lacks." })
  missingScopes!: string[];
}

/** All scopes that this graph knows. */
export const scopes = ["orders:cancel", "cancellations:read", "cancellations:resolve", "providers:manage"] as const;

@Resolver()
export class ViewerResolver {
  @Authorized()
  @Query(() => Viewer, { description: "Who the caller is here, and what it may do." })
  viewer(@Ctx() { caller }: RequestContext): Viewer {
    return {
      subject: caller.subject,
      canCancel: caller.holds("orders:cancel"),
      canRead: caller.holds("cancellations:read"),
      canResolve: caller.holds("cancellations:resolve"),
      canManage: caller.holds("providers:manage"),
      missingScopes: scopes.filter((scope) => !caller.holds(scope)),
    };
  }
}
