import { globSync, readFileSync } from "node:fs";
import { buildSchema, Kind, parse, validate, visit } from "graphql";
import { expect, it } from "vitest";

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
  const schema = buildSchema(text("cancellations.graphql").replace(/^extend schema[^)]*\)\n/, ""), {
    assumeValidSDL: true,
  });
  expect(validate(schema, parse(operations.map(([, operation]) => operation).join("\n")))).toEqual([]);
});

function text(file: string): string {
  return readFileSync(`${folder}${file}`, "utf8");
}
