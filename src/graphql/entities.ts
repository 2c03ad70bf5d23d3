import type { GraphQLSchema } from "graphql";
import { checkScopes } from "./authorization.ts";
import type { RequestContext } from "./context.ts";
import { requestError } from "./errors.ts";

/**
 * Most references in one `_entities`: a gateway sends each order of a list once, and lists that people look at hold
 * hundreds.
 */
const maxRepresentations = 2000;

/** Callers of `_entities` need what callers of queries need; its list is bounded and checked as other arguments are. */
export function guardEntities(schema: GraphQLSchema): void {
  const field = schema.getQueryType()?.getFields()._entities;
  const resolve = field?.resolve;
  if (!field || !resolve) throw new Error("the schema has no entities");
  field.resolve = (source, args, context: RequestContext, info) => {
    checkScopes({ root: source, args, context, info }, []);
    checkRepresentations(args.representations);
    return resolve(source, args, context, info);
  };
}

function checkRepresentations(representations: readonly unknown[]): void {
  if (representations.length > maxRepresentations) {
    const found = representations.length;
    throw requestError("BAD_USER_INPUT", `representations: at most ${maxRepresentations} are allowed, got ${found}.`);
  }
  const fault = representations.findIndex((each) => !isOrderReference(each));
  if (fault < 0) return;
  const needs = "needs Order as __typename, and strings as provider and id";
  throw requestError("BAD_USER_INPUT", `representations[${fault}] ${needs}.`);
}

/** `_Any` is checked by nobody else. An ID may come as a whole number. */
function isOrderReference(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { __typename, provider, id } = value as Record<string, unknown>;
  return __typename === "Order" && typeof provider === "string" && (typeof id === "string" || Number.isSafeInteger(id));
}
