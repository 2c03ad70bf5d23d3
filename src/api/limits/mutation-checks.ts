import { collectFields } from "@graphql-tools/utils";
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLError,
  type GraphQLSchema,
  getArgumentValues,
  getVariableValues,
  Kind,
  locatedError,
  type OperationDefinitionNode,
} from "graphql";
import { getMetadataStorage } from "type-graphql";
import { checkPermissions, requireScopes } from "../authorization.ts";
import type { RequestContext } from "../context.ts";
import { requestError } from "../errors.ts";
import { checkNumber, checkOrderIds, listed, type NamedOrder, namedByIds, namedByKeys } from "../order-ids.ts";
import { checkUnconfirmed, readNote, readResolution } from "../resolvers/resolve-cancellation.ts";
import { readReason } from "../resolvers/set-provider-paused.ts";

export interface Mutation {
  schema: GraphQLSchema;
  document: DocumentNode;
  operation: OperationDefinitionNode;
  variables: Record<string, unknown>;
}

/**
 * Checks all fields of a mutation before the first one runs, and adds its orders to those that the request cancels. Resolves to the
 * errors: if there are any, no part of the request may run. A check is made for all fields before the next check.
 */
export async function checkMutation(mutation: Mutation, context: RequestContext): Promise<readonly GraphQLError[]> {
  const { maxIdsPerRequest } = context;
  try {
    const fields = await forAll(rootFields(mutation), (field) => ({ ...field, args: field.readArguments() }));
    await forAll(fields, ({ name }) => requireScopes(context, scopesOf(name)));
    const named = await forAll(fields, (field) => ({ ...field, orders: ordersOf(field.name, field.args) }));
    const count = named.reduce((sum, { orders }) => sum + orders.length, 0);
    const cancels = named.filter(({ name }) => cancelling.has(name));
    const sends = named.filter(({ name }) => cancelling.has(name) || name === "recheckCancellations");
    await forAll(named, ({ orders }) => orders.length > 0 && checkNumber(count, maxIdsPerRequest));
    await forAll(named, ({ orders }) => checkOrderIds(orders, maxIdsPerRequest));
    await forAll(sends, ({ orders }) => checkProviders(orders, context));
    await forAll(cancels, ({ orders }) => checkPermissions(context, orders));
    const resolving = fields.filter(({ name }) => name === "resolveCancellation");
    await forAll(resolving, ({ args }) => checkUnconfirmed(context, args as never));
    context.cancelTogether.add(cancels.flatMap(({ orders }) => orders));
    return [];
  } catch (error) {
    if (error instanceof AggregateError) return error.errors;
    throw error;
  }
}

interface RootField {
  name: string;
  nodes: readonly FieldNode[];
  path: readonly [string];
}

/** The fields that graphql-js would run, in its order. There are none if it will refuse the variables. */
function rootFields({ schema, document, operation, variables }: Mutation) {
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  const type = schema.getMutationType();
  if (!coerced || !type) return [];
  const fragments = Object.fromEntries(
    document.definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])),
  );
  const { fields } = collectFields(schema, fragments, { coerced, sources: {} }, type, operation.selectionSet);
  return [...fields].flatMap(([key, nodes]) => {
    const [node] = nodes;
    const definition = node && type.getFields()[node.name.value];
    // `__typename` has no definition.
    if (!definition) return [];
    return {
      name: definition.name,
      nodes,
      path: [key] as const,
      readArguments: () => getArgumentValues(definition, node, coerced),
    };
  });
}

/** The results, in order. If there are errors, throws all of them, each with the path of its field. */
async function forAll<Field extends RootField | Omit<RootField, "name">, Result>(
  fields: readonly Field[],
  check: (field: Field) => Result | Promise<Result>,
): Promise<Result[]> {
  const settled = await Promise.allSettled(fields.map(async (field) => check(field)));
  const errors = settled.flatMap((each, index) => {
    const { nodes, path } = fields[index] as Field;
    return each.status === "rejected" ? [locatedError(each.reason, nodes, path)] : [];
  });
  if (errors.length > 0) throw new AggregateError(errors);
  return settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
}

/** What `@Authorized` says of a mutation. */
function scopesOf(name: string): string[] {
  const { roles } = getMetadataStorage().mutations.find(({ schemaName }) => schemaName === name) ?? {};
  if (!roles) throw new Error(`the mutation ${name} does not say who may use it`);
  return roles;
}

const cancelling: ReadonlySet<string> = new Set(["cancelOrders", "cancelSelectedOrders"]);

/** The orders that a field names in a list. Throws if its other arguments are wrong. */
function ordersOf(name: string, args: Record<string, unknown>): NamedOrder[] {
  if (name === "resolveCancellation") readResolution(args as never);
  if (name === "resolveCancellations") readNote(args as never);
  if (name === "setProviderPaused") readReason(args as never);
  if (name === "cancelOrders") return namedByIds(args as never);
  return "orders" in args ? namedByKeys(args as never) : [];
}

function checkProviders(orders: readonly NamedOrder[], { cancellations }: RequestContext): void {
  const others = orders.filter(({ provider }) => !cancellations.serves(provider));
  if (others.length === 0) return;
  const providers = [...new Set(others.map(({ provider }) => provider))];
  const places = others.length < orders.length ? `: ${listed(others.map(({ place }) => place))}` : "";
  const verb = providers.length > 1 ? "are" : "is";
  throw requestError(
    "PROVIDER_NOT_CONFIGURED",
    `${providers.join(" and ")} ${verb} not set up here${places}. Nothing was sent.`,
  );
}
