import type { AuthCheckerFn } from "type-graphql";
import type { RequestContext } from "./context.ts";
import { requestError } from "./errors.ts";
import { listed, type NamedOrder } from "./order-ids.ts";

/** Runs for `@Authorized(...scopes)`. An arrow function, because type-graphql treats one with a prototype as a class. */
export const checkScopes: AuthCheckerFn<RequestContext> = ({ context }, scopes) => {
  requireScopes(context, scopes);
  return true;
};

export function requireScopes({ caller }: Pick<RequestContext, "caller">, scopes: readonly string[]): void {
  if (!caller.authenticated) throw requestError("UNAUTHENTICATED", "This needs an access token. Nothing was sent.");
  const missing = scopes.filter((scope) => !caller.holds(scope));
  if (missing.length === 0) return;
  throw requestError("FORBIDDEN", `This needs the scope ${missing.join(" and ")}. Nothing was sent.`);
}

/** Throws FORBIDDEN unless the caller may touch all of these orders. It names places, because ids may be secrets. */
export async function checkPermissions({ permissions }: RequestContext, orders: readonly NamedOrder[]): Promise<void> {
  const allowed = await Promise.all(orders.map((order) => permissions.load(order)));
  const foreign = orders.filter((_, index) => !allowed[index]).map(({ place }) => place);
  if (foreign.length === 0) return;
  throw requestError("FORBIDDEN", `These orders are not yours: ${listed(foreign)}. Nothing was sent.`);
}
