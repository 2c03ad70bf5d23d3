import type { AuthCheckerFn } from "type-graphql";
import type { RequestContext } from "./context.ts";
import { requestError } from "./errors.ts";

/** Runs for `@Authorized(...scopes)`. An arrow function, because type-graphql treats one with a prototype as a class. */
export const checkScopes: AuthCheckerFn<RequestContext> = ({ context: { caller } }, scopes) => {
  if (!caller.authenticated) throw requestError("UNAUTHENTICATED", "This needs an access token. Nothing was sent.");
  const missing = scopes.filter((scope) => !caller.holds(scope));
  if (missing.length === 0) return true;
  throw requestError("FORBIDDEN", `This needs the scope ${missing.join(" and ")}. Nothing was sent.`);
};

/** Throws FORBIDDEN unless the caller may touch all of these orders. It names positions, because ids may be secrets. */
export async function checkPermissions(
  { permissions }: RequestContext,
  provider: string,
  ids: readonly string[],
): Promise<void> {
  const allowed = await Promise.all(ids.map((orderId) => permissions.load({ provider, orderId })));
  const foreign = allowed.flatMap((may, position) => (may ? [] : [`ids[${position}]`]));
  if (foreign.length === 0) return;
  const more = foreign.length > 10 ? ` and ${foreign.length - 10} more` : "";
  throw requestError(
    "FORBIDDEN",
    `These orders are not yours: ${foreign.slice(0, 10).join(", ")}${more}. Nothing was sent.`,
  );
}
