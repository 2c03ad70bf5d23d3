import type { GraphQLSchema } from "graphql";
import type { OrderKey } from "../domain/cancellation.ts";
import { checkScopes } from "./authorization.ts";
import type { RequestContext } from "./context.ts";
import { requestError } from "./errors.ts";
import { isExactId } from "./exact-ids.ts";

/**
 * Most references in one request, in all its `_entities` together. A gateway sends each order of a list once, and lists for
 * people have hundreds of orders.
 */
const maxRepresentations = 2000;

/**
 * `_entities` asks for the same authentication as queries. Its list is bounded and checked as other arguments are. It reads the
 * ledger once for all orders, before their fields are resolved: a promise for each order would take longer than the read.
 */
export function resolveEntities(schema: GraphQLSchema): void {
  const field = schema.getQueryType()?.getFields()._entities;
  if (!field) throw new Error("the schema has no entities");
  /** How many references each run of an operation has named so far. Each run has its own object of variables, also a repeated one. */
  const counts = new WeakMap<object, number>();
  field.resolve = (source, args, context: RequestContext, info) => {
    checkScopes({ root: source, args, context, info }, []);
    const count = (counts.get(info.variableValues) ?? 0) + args.representations.length;
    counts.set(info.variableValues, count);
    checkCount(count);
    checkReferences(args.representations);
    return context.readOrders(args.representations.map(toKey));
  };
}

function checkCount(count: number): void {
  if (count <= maxRepresentations) return;
  throw requestError(
    "BAD_USER_INPUT",
    `representations: at most ${maxRepresentations} are allowed in one request, got ${count} or more.`,
  );
}

function checkReferences(representations: readonly unknown[]): void {
  const fault = representations.findIndex((each) => !isOrderReference(each));
  if (fault < 0) return;
  const needs =
    "needs Order as __typename, and strings as provider and id (or an id that is a whole number below 2^53)";
  throw requestError("BAD_USER_INPUT", `representations[${fault}] ${needs}.`);
}

/** No other code checks `_Any`. */
function isOrderReference(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { __typename, provider, id } = value as Record<string, unknown>;
  return __typename === "Order" && typeof provider === "string" && (typeof id === "string" || isExactId(id));
}

function toKey({ provider, id }: { provider: string; id: string | number }): OrderKey {
  return { provider, orderId: String(id) };
}
