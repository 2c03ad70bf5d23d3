import { globSync, readFileSync } from "node:fs";
import { buildSchema, extendSchema, Kind, parse, print, validate, visit } from "graphql";
import { expect, it } from "vitest";
import { OrderCancellationFragmentDoc } from "../../schema/generated/graphql.ts";

const folder = new URL("../../schema/", import.meta.url).pathname;
const operations = globSync("operations/*.graphql", { cwd: folder }).map((file) => [file, text(file)] as const);

it.each(operations)("%s gives no non-null variable a default: relay-compiler 21 refuses that", (_, operation) => {
  const refused: string[] = [];
  visit(parse(operation), {
    VariableDefinition: ({ variable, type, defaultValue }) => {
      if (type.kind === Kind.NON_NULL_TYPE && defaultValue) refused.push(variable.name.value);
    },
  });
  expect(refused).toEqual([]);
});

it("together they are valid", () => {
  expect(validate(subgraph(), parse(operations.map(([, operation]) => operation).join("\n")))).toEqual([]);
});

it("the FAQ's list query is valid with the fragment, printed or from its file", () => {
  const [, query = ""] = text("../docs/faq.md").match(/```graphql\n(.*?)```/s) ?? [];
  const yours = parse("extend type Query { orders: [Order!]! } extend type Order { description: String }");
  const supergraph = extendSchema(subgraph(), yours, { assumeValidSDL: true });
  for (const fragment of [print(OrderCancellationFragmentDoc), text("operations/OrderCancellation.graphql")]) {
    expect(validate(supergraph, parse(`${query}\n${fragment}`))).toEqual([]);
  }
});

function subgraph() {
  const sdl = text("cancellations.graphql").replace(/^extend schema[^)]*\)\n/, "");
  return buildSchema(sdl, { assumeValidSDL: true });
}

function text(file: string): string {
  return readFileSync(`${folder}${file}`, "utf8");
}
