import {
  GraphQLError,
  GraphQLID,
  type GraphQLInputType,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLOutputType,
  GraphQLScalarType,
  type GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  Kind,
  type ValueNode,
  valueFromASTUntyped,
  visit,
} from "graphql";

/**
 * Makes every `ID` of this schema accept numbers only if they are exactly what the client wrote. graphql-js accepts any whole
 * number, but JSON has already rounded those from 2^53 on: 9007199254740993 arrives as …992, which is another order. In a
 * document an id is text, even if it is all digits, and is not rounded.
 *
 * The types are changed in place: `ID` is one object for the whole process, and tools that map schemas skip it. Only the
 * coercion differs, so that the SDL stays the same.
 */
export function useExactIds(schema: GraphQLSchema): void {
  const any = schema.getType("_Any");
  if (!isScalarType(any)) throw new Error("the schema has no _Any");
  const replacements = { ID: exactId, _Any: exactAny(any) };
  Object.assign(schema.getTypeMap(), replacements);
  for (const type of Object.values(schema.getTypeMap())) {
    if (isInputObjectType(type)) replaceInputs(Object.values(type.getFields()), replacements);
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      field.type = replaced(field.type, replacements) as GraphQLOutputType;
      replaceInputs(field.args, replacements);
    }
  }
}

/** Whether a number from JSON is exactly the one that was written, and has the same text as an id. */
export function isExactId(value: unknown): value is number {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

const exactId = new GraphQLScalarType<string, string>({
  ...GraphQLID.toConfig(),
  parseValue: (value) => {
    if (typeof value !== "number" || isExactId(value)) return GraphQLID.parseValue(value);
    throw new GraphQLError(
      `ID cannot represent the number ${value}: it is not whole, or too large for JSON to carry exactly. Send the id as a string.`,
    );
  },
});

/** For a reference in the document. graphql-js would round its numbers: fractions become null, which is never a key. */
function exactAny(any: GraphQLScalarType): GraphQLScalarType {
  return new GraphQLScalarType({
    ...any.toConfig(),
    parseLiteral: (node, variables) => {
      const whole = visit(node, { FloatValue: () => ({ kind: Kind.NULL }) }) as ValueNode;
      return valueFromASTUntyped(whole, variables);
    },
  });
}

function replaceInputs(
  inputs: readonly { type: GraphQLInputType }[],
  replacements: Readonly<Record<string, GraphQLScalarType>>,
): void {
  for (const input of inputs) input.type = replaced(input.type, replacements) as GraphQLInputType;
}

type Wrapped = GraphQLInputType | GraphQLOutputType;

function replaced(type: Wrapped, replacements: Readonly<Record<string, GraphQLScalarType>>): Wrapped {
  if (isNonNullType(type)) return new GraphQLNonNull(replaced(type.ofType as Wrapped, replacements) as never);
  if (isListType(type)) return new GraphQLList(replaced(type.ofType as Wrapped, replacements) as never);
  return replacements[type.name] ?? type;
}
