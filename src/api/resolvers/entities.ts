import type { GraphQLSchema } from "graphql";
import type { OrderKey } from "../../domain/cancellation.ts";
import { checkScopes } from "../authorization.ts";
import type { RequestContext } from "../context.ts";
import { requestError } from "../errors.ts";
import { isExactId } from "../limits/exact-ids.ts";

/**
 * Most references in one request, in all its `_entities` together. A gateway sends each order of a list once, and lists for
 * people have hundreds of orders.
 */
const maxRepresentations = 2000;

/**
 * `_entities` asks for the same authentication as queries. Its list is bounded as other arguments are. A faulty reference is answered
 * by null with an error at its place, and takes nothing from the others. The ledger is read once for all orders, before their fields
 * are resolved: a promise for each order would take longer than the read.
 */
export function resolveEntities(schema: GraphQLSchema): void {
  const field = schema.getQueryType()?.getFields()._entities;
  if (!field) throw new Error("the schema has no entities");
  /** How many references each run of an operation has named so far. Each run has variables of its own, also if it is repeated. */
  const counts = new WeakMap<object, number>();
  field.resolve = async (source, args: { representations: readonly unknown[] }, context: RequestContext, info) => {
    checkScopes({ root: source, args, context, info }, []);
    const { representations } = args;
    const count = (counts.get(info.variableValues) ?? 0) + representations.length;
    counts.set(info.variableValues, count);
    checkCount(count);
    const orders = (await context.readOrders(representations.filter(isOrderReference).map(toKey))).values();
    return representations.map((each, index) => (isOrderReference(each) ? orders.next().value : faultOf(index)));
  };
}

function checkCount(count: number): void {
  if (count <= maxRepresentations) return;
  throw requestError(
    "BAD_USER_INPUT",
    `representations: at most ${maxRepresentations} are allowed in one request, got ${count} or more.`,
  );
}

/** graphql-js throws an error that it finds in a list at its place. */
function faultOf(index: number): Error {
  const needs =
    "needs Order as __typename, and strings as provider and id (or an id that is a whole number below 2^53)";
  return requestError("BAD_USER_INPUT", `representations[${index}] ${needs}.`);
}

interface Reference {
  provider: string;
  id: string | number;
}

/** No other code checks `_Any`. */
function isOrderReference(value: unknown): value is Reference {
  if (typeof value !== "object" || value === null) return false;
  const { __typename, provider, id } = value as Record<string, unknown>;
  return __typename === "Order" && typeof provider === "string" && (typeof id === "string" || isExactId(id));
}

function toKey({ provider, id }: Reference): OrderKey {
  return { provider, orderId: String(id) };
}
