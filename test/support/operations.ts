import fc from "fast-check";
import {
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  type OperationTypeNode,
} from "graphql";
import { answerSize, type SizedOperation } from "../../src/api/limits/answer-size.ts";

/** An operation as a client sends it. */
export interface SentOperation {
  text: string;
  variables: Record<string, unknown>;
}

type Pick = <Value>(arbitrary: fc.Arbitrary<Value>) => Value;

/** Writes operations over a schema, most of them valid. Their names include those that JavaScript gives a meaning of its own. */
export function writeOperation(schema: GraphQLSchema, kind: OperationTypeNode, pick: Pick): SentOperation {
  const definitions: string[] = [];
  const fragments: string[] = [];
  const variables: [name: string, value: unknown][] = [];
  const selections = selectionSet(schema.getRootType(kind) as GraphQLNamedType, 5);
  const heading = `${kind} Main${definitions.length > 0 ? `(${definitions.join(" ")})` : ""}`;
  return { text: [heading + selections, ...fragments].join(" "), variables: Object.fromEntries(variables) };

  /** By its position: fast-check prints what was picked, and a part of a schema holds the rest of it. */
  function choose<Item>(items: readonly Item[]): Item {
    return items[pick(fc.nat(items.length - 1))] as Item;
  }

  function selectionSet(type: GraphQLNamedType, depth: number): string {
    const parts = Array.from({ length: pick(fc.integer({ min: 1, max: 4 })) }, () => selection(type, depth));
    return `{${parts.join(" ")}}`;
  }

  function selection(type: GraphQLNamedType, depth: number): string {
    const inside = isAbstractType(type) ? choose(schema.getPossibleTypes(type)) : type;
    const kind = pick(fc.constantFrom(...(isAbstractType(type) ? ["inline", "named", "typename"] : selectionKinds)));
    if (kind === "inline") {
      const condition = isAbstractType(type) || pick(fc.boolean()) ? `on ${inside.name}` : "";
      return `...${condition}${directives()}${selectionSet(inside, depth)}`;
    }
    if (kind === "named" && depth > 0) {
      const name = `${pick(names.filter((each) => each !== "on"))}_${fragments.length}`;
      // Its place is taken first: what it holds may have fragments, too.
      const index = fragments.push("") - 1;
      fragments[index] = `fragment ${name} on ${inside.name}${selectionSet(inside, depth - 1)}`;
      return `...${name}${directives()}`;
    }
    const fields = isObjectType(type) ? Object.values(type.getFields()) : [];
    const usable = fields.filter((each) => depth > 0 || isLeafType(getNamedType(each.type)));
    if (kind === "typename" || usable.length === 0) return `${alias()}__typename${directives()}`;
    return field(choose(usable), depth);
  }

  function field(definition: GraphQLField<unknown, unknown>, depth: number): string {
    const given = definition.args.filter((argument) => isRequiredArgument(argument) || pick(fc.boolean()));
    const list = given.map((argument) => `${argument.name}:${input(argument.type)}`);
    const type = getNamedType(definition.type);
    const inner = isLeafType(type) ? "" : selectionSet(type, depth - 1);
    return `${alias()}${definition.name}${list.length > 0 ? `(${list.join(" ")})` : ""}${directives()}${inner}`;
  }

  function alias(): string {
    return pick(rarely) ? `${pick(names)}:` : "";
  }

  function directives(): string {
    if (pick(fc.nat(49)) > 0) return "";
    const condition = pick(fc.boolean()) ? String(pick(fc.boolean())) : variable("Boolean", "Boolean!", false);
    return `@${pick(fc.constantFrom("skip", "include"))}(if:${condition})`;
  }

  function input(type: GraphQLInputType): string {
    const nullable = getNullableType(type);
    if (pick(fc.nat(3)) > 0) return variable(String(nullable), String(type), isListType(nullable));
    const inner = isListType(nullable) ? getNullableType(nullable.ofType as GraphQLInputType) : nullable;
    return literal(getNamedType(inner), isListType(nullable), isNonNullType(type), false);
  }

  function literal(type: GraphQLNamedType, isList: boolean, isRequired: boolean, isConstant: boolean): string {
    if (!isRequired && pick(rarely) && pick(rarely)) return "null";
    const write = () => (isInputObjectType(type) ? inputObject(type, isConstant) : written(type, pick(good(type))));
    return isList && pick(fc.boolean()) ? `[${write()} ${write()}]` : write();
  }

  function inputObject(type: GraphQLInputObjectType, isConstant: boolean): string {
    const value = (each: GraphQLInputField) =>
      isConstant ? literal(getNamedType(each.type), false, true, true) : input(each.type);
    return `{${Object.values(type.getFields())
      .map((each) => `${each.name}:${value(each)}`)
      .join(" ")}}`;
  }

  /** Declares it as the place needs it, or with a default; and gives it a value, or none. */
  function variable(nullable: string, needed: string, isList: boolean): string {
    const name = `${pick(names)}_${definitions.length}`.replace(/^(__proto__|constructor|length)_\d+$/, (whole, odd) =>
      definitions.some((each) => each.startsWith(`$${odd}:`)) ? whole : odd,
    );
    const type = schema.getType(nullable.replaceAll(/[[\]!]/g, "")) ?? schema.getType("Boolean");
    if (!type) throw new Error(`no such type: ${nullable}`);
    const hasDefault = pick(fc.nat(3)) === 0;
    const written = hasDefault
      ? `${nullable}=${literal(type, isList, true, true)}`
      : pick(fc.constantFrom(needed, `${nullable.replace(/!$/, "")}!`));
    definitions.push(`$${name}:${written}`);
    const one = pick(fc.nat(9)) === 0 ? bad(type) : good(type);
    const value = isList ? pick(listOf(one, type.name === "_Any" ? 20 : 1)) : pick(one);
    const given = pick(fc.constantFrom(...Array(10).fill("value"), "null", "nothing"));
    if (given !== "nothing") variables.push([name, given === "null" ? null : value]);
    return `$${name}`;
  }
}

/** Larger answers take long. */
const largest = 25_000;

/** Whether the service runs such an operation, and in a short time. */
export function isAccepted(operation: SizedOperation): boolean {
  try {
    return answerSize(operation) <= largest;
  } catch {
    return false;
  }
}

const selectionKinds = ["field", "field", "field", "field", "field", "inline", "named", "typename"];

const rarely = fc.nat(3).map((number) => number === 0);

/** Of aliases, variables and fragments. Those of GraphQL itself are rare, because they are never compiled. */
const names = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.constantFrom(
      ...["a", "a_b", "b", "b_c", "c", "id", "idx0", "status", "data", "errors", "on", "query", "null", "undefined"],
      ...["constructor", "prototype", "toString", "toJSON", "valueOf", "hasOwnProperty", "then", "length", "class"],
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom("__proto__", "__parent", "__context", "__concrete", "__validNode0") },
);

function good(type: GraphQLNamedType): fc.Arbitrary<unknown> {
  if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => name));
  if (isInputObjectType(type)) {
    return fc.record(mapValues(type.getFields(), (each) => good(getNamedType(each.type))));
  }
  if (type.name === "Boolean") return fc.boolean();
  if (type.name === "Int") return fc.constantFrom(1, 2, 3, 200, 0, -1, 201);
  if (type.name === "ID") return fc.constantFrom("1", "2", "3", "unknown", "broken", "foreign", "strange", "", 4);
  if (type.name === "_Any") return fc.oneof({ weight: 9, arbitrary: reference }, { weight: 1, arbitrary: noReference });
  return fc.constantFrom("Y2FuY2VsbGF0aW9uOjk", "text");
}

function mapValues<Value, Other>(values: Readonly<Record<string, Value>>, map: (value: Value) => Other) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
}

function bad(type: GraphQLNamedType): fc.Arbitrary<unknown> {
  return type.name === "_Any" ? noReference : fc.constantFrom(2 ** 53, 1.5, "PAYPAL", { a: 1 }, [true], -0);
}

const reference = fc.record({
  __typename: fc.constant("Order"),
  provider: fc.constantFrom("ONRAMP", "FINPAY", "PAYPAL", "toString"),
  id: fc.constantFrom<unknown>("1", "2", "3", "unknown", "broken", "foreign", "strange", 4),
});

const noReference = fc.constantFrom<unknown>(
  ...[null, "Order", 7, {}, { __typename: "Order", provider: "ONRAMP" }, { __typename: "Order", provider: 1, id: "1" }],
  ...[
    { __typename: "User", provider: "ONRAMP", id: "1" },
    { __typename: "Order", provider: "ONRAMP", id: 2 ** 53 },
  ],
);

/** Some are longer than half of the longest that is allowed, and some too long. Of references, many are. */
function listOf(item: fc.Arbitrary<unknown>, longOnes: number): fc.Arbitrary<unknown> {
  const many = fc.tuple(item, fc.constantFrom(1001, 2001)).map(([one, length]) => Array(length).fill(one));
  return fc.oneof(
    { weight: 40, arbitrary: fc.array(item, { maxLength: 5 }) },
    { weight: 2, arbitrary: item },
    { weight: longOnes, arbitrary: many },
  );
}

function written(type: GraphQLNamedType, value: unknown): string {
  return isEnumType(type) ? String(value) : asLiteral(value);
}

function asLiteral(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, inner]) => `${name}:${asLiteral(inner)}`)
    .join(" ")}}`;
}
