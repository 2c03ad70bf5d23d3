import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  getOperationAST,
  isCompositeType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
  valueFromASTUntyped,
} from "graphql";
import { providerNames } from "../../providers/registry.ts";
import { badRequest, requestError } from "../errors.ts";
import { countsAssumed, ratesAssumed } from "../resolvers/counts.ts";
import { scopes } from "../resolvers/viewer.ts";
import { argumentBounds, checkBounds } from "./argument-bounds.ts";

/** A valid document, and what a client sent with it. */
export interface SizedOperation {
  schema: GraphQLSchema;
  document: DocumentNode;
  operationName?: string | null | undefined;
  /** As the client sent them. */
  variables?: Variables | null | undefined;
}

type Variables = Readonly<Record<string, unknown>>;

/**
 * Largest size of an answer. 500 orders with all their fields and the default part of their history have 142,500. The service does
 * nothing else while it makes an answer: 120,000 took up to 250 ms and 5 MB (two shared cores, November 2026).
 */
export const maxAnswerSize = 145_000;

/**
 * Largest size of an event of a subscription, which is about one order: 200 steps of its history with all their fields have
 * 4800. A change can concern a thousand streams, and each of them is answered by itself.
 */
export const maxEventSize = 20_000;

/** What a field counts. Objects take the most time, and texts the most bytes. */
const sizes = { object: 5, text: 2, other: 1 };

/** The size of the answer. Throws BAD_USER_INPUT if it would be too large. It is called before any part of the operation runs. */
export function checkAnswerSize(operation: SizedOperation): number {
  const size = answerSize(operation);
  const isEvent = getOperationAST(operation.document, operation.operationName)?.operation === "subscription";
  const most = isEvent ? maxEventSize : maxAnswerSize;
  if (size <= most) return size;
  const message = `The answer would be too large: its size is at most ${most}, this one's could be ${size} (${sizes.object} for each object, ${sizes.text} for each text, ${sizes.other} for any other value). Ask for fewer orders, fields or steps of \`history\`. Nothing was sent.`;
  throw requestError("BAD_USER_INPUT", message, badRequest);
}

/**
 * The size of the answer at the most. Fields that graphql-js would merge are counted
 * separately. It reads each part of the document once, also if fragments use it many times. Throws BAD_USER_INPUT if an argument inside
 * is wrong.
 */
export function answerSize({ schema, document, operationName, variables }: SizedOperation): number {
  const operation = getOperationAST(document, operationName);
  const root = operation && schema.getRootType(operation.operation);
  // Without them graphql-js refuses the request.
  if (!operation || !root) return 0;
  const known = withDefaults(operation, variables ?? {});
  const fragments = new Map(document.definitions.filter(isFragment).map((each) => [each.name.value, each]));
  const fragmentSizes = new Map<string, number>();
  return sizeOfSet(operation.selectionSet, root);

  function sizeOfSet({ selections }: SelectionSetNode, parent: GraphQLNamedType): number {
    return selections.reduce(
      (sum, selection) => (isIncluded(selection, known) ? sum + sizeOfSelection(selection, parent) : sum),
      0,
    );
  }

  function sizeOfSelection(selection: SelectionNode, parent: GraphQLNamedType): number {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return sizeOfFragment(selection.name.value);
    if (selection.kind === Kind.FIELD) return sizeOfField(selection, parent);
    return sizeOfSet(selection.selectionSet, typeNamed(selection.typeCondition?.name.value) ?? parent);
  }

  function sizeOfFragment(name: string): number {
    const size = fragmentSizes.get(name);
    if (size !== undefined) return size;
    const fragment = fragments.get(name);
    // It ends at a fragment that holds itself, which is not valid.
    fragmentSizes.set(name, 0);
    const type = typeNamed(fragment?.typeCondition.name.value);
    const found = fragment && type ? sizeOfSet(fragment.selectionSet, type) : 0;
    fragmentSizes.set(name, found);
    return found;
  }

  function sizeOfField(node: FieldNode, parent: GraphQLNamedType): number {
    const field = fieldOf(parent, node.name.value);
    if (!field) return sizes.text;
    const type = getNamedType(field.type);
    const inner = node.selectionSet ? sizeOfSet(node.selectionSet, type) : 0;
    // Each event of a subscription is about one order.
    if (parent === schema.getSubscriptionType()) return sizeOf(type) + inner;
    return (sizeOf(type) + inner) * itemsOf(field, parent, (argument) => readArgument(argument, node, known));
  }

  function typeNamed(name: string | undefined): GraphQLNamedType | undefined {
    return name === undefined ? undefined : schema.getType(name);
  }
}

function sizeOf(type: GraphQLNamedType): number {
  if (isCompositeType(type)) return sizes.object;
  return type.name === "String" || type.name === "ID" ? sizes.text : sizes.other;
}

/** Lengths of lists that no argument tells. Those of introspection are what this schema has on average, rounded up. */
const listLengths: Readonly<Record<string, number>> = {
  "Query.cancellationProviders": providerNames.length,
  "Query.cancellationCounts": countsAssumed,
  "Query.cancellationRates": ratesAssumed,
  "Viewer.missingScopes": scopes.length,
  "__Schema.types": 60,
  "__Schema.directives": 15,
  "__Type.fields": 4,
  "__Type.enumValues": 2,
  "__Directive.locations": 3,
};

/** How many items a field answers: as its list of ids says, or its `first` or `last`. */
function itemsOf(
  { name, args }: GraphQLField<unknown, unknown>,
  parent: GraphQLNamedType,
  read: (argument: GraphQLArgument) => unknown,
): number {
  return args.reduce((items, each) => items * itemsNamed(each, read), listLengths[`${parent.name}.${name}`] ?? 1);
}

function itemsNamed(argument: GraphQLArgument, read: (argument: GraphQLArgument) => unknown): number {
  if (isListType(getNullableType(argument.type))) {
    const list = read(argument);
    // GraphQL takes a single value as a list of one.
    return Array.isArray(list) ? list.length : 1;
  }
  if (!(argument.name in argumentBounds)) return 1;
  const value = read(argument);
  checkBounds(argument.name, value);
  return argument.name === "first" || argument.name === "last" ? Number(value) || 0 : 1;
}

function readArgument(argument: GraphQLArgument, node: FieldNode, variables: Variables): unknown {
  const given = node.arguments?.find(({ name }) => name.value === argument.name);
  const value = given && valueFromASTUntyped(given.value, variables);
  return value === undefined ? argument.defaultValue : value;
}

function isIncluded({ directives = [] }: SelectionNode, variables: Variables): boolean {
  return directives.every(({ name, arguments: [condition] = [] }) => {
    const value = condition && valueFromASTUntyped(condition.value, variables);
    if (value === null)
      throw requestError("BAD_USER_INPUT", `@${name.value}: needs true or false, got null.`, badRequest);
    return !(name.value === "skip" && value === true) && !(name.value === "include" && value === false);
  });
}

function withDefaults({ variableDefinitions = [] }: OperationDefinitionNode, variables: Variables): Variables {
  const defaults = variableDefinitions.flatMap(({ variable, defaultValue }) =>
    defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)] as const] : [],
  );
  return defaults.length > 0 ? { ...Object.fromEntries(defaults), ...variables } : variables;
}

function fieldOf(parent: GraphQLNamedType, name: string): GraphQLField<unknown, unknown> | undefined {
  if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
  if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  return isObjectType(parent) ? parent.getFields()[name] : undefined;
}

function isFragment(definition: DocumentNode["definitions"][number]): definition is FragmentDefinitionNode {
  return definition.kind === Kind.FRAGMENT_DEFINITION;
}
