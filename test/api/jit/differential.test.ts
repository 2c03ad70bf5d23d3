import fc from "fast-check";
import { execute, type GraphQLSchema, getOperationAST, OperationTypeNode, parse, validate } from "graphql";
import { beforeAll, expect, it } from "vitest";
import { queryToCompile } from "../../../src/api/jit/compilable.ts";
import { createExecutor } from "../../../src/api/jit/executor.ts";
import { buildSubgraph } from "../../../src/api/schema.ts";
import { type Fault, fakeContext, faults } from "../../support/graphql-context.ts";
import { isAccepted, type SentOperation, writeOperation } from "../../support/operations.ts";

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = (await buildSubgraph()).schema;
});

/** Some 10 ms each. */
const runs = Number(process.env.DIFFERENTIAL_RUNS ?? 300);

it("a query that is compiled is answered as graphql-js answers it, to the byte", async () => {
  const counts = { compiled: 0, faultless: 0 };
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (gen) => {
      const query = writeOperation(schema, OperationTypeNode.QUERY, (arbitrary) => gen(() => arbitrary));
      const document = parse(query.text);
      fc.pre(validate(schema, document).length === 0);
      fc.pre(isAccepted({ schema, document, variables: query.variables }));
      const fault = gen(() => fc.constantFrom(...faults));
      const expected = await interpret(query, fault);
      const executor = createExecutor(schema, 1);
      for (const _time of ["first", "again"]) {
        expect(await run(executor, query, document, fault), JSON.stringify({ query, fault })).toBe(expected);
      }
      if (!queryToCompile(document, null)) return;
      counts.compiled += 1;
      if (!expected.includes('"errors"')) counts.faultless += 1;
    }),
    // What is picked first decides what is picked later: fast-check would try for minutes to find a smaller query.
    { numRuns: runs, endOnFailure: true },
  );
  // Otherwise the queries would show nothing.
  expect(counts.compiled).toBeGreaterThan(runs / 4);
  expect(counts.faultless).toBeGreaterThan(runs / 10);
}, 120_000);

async function interpret({ text, variables }: SentOperation, fault: Fault): Promise<string> {
  const contextValue = fakeContext(fault);
  return asText(await execute({ schema, document: parse(text), variableValues: variables, contextValue }));
}

async function run(
  executor: ReturnType<typeof createExecutor>,
  { variables }: SentOperation,
  document: ReturnType<typeof parse>,
  fault: Fault,
): Promise<string> {
  const operation = getOperationAST(document);
  const context = fakeContext(fault);
  return asText(
    await executor({
      ...{ document, operation, request: { variables }, context, metrics: {} },
    } as never),
  );
}

/** As a client gets it, with the order of its fields. Errors stand in the order in which fields fail, which is left to chance. */
function asText({ data, errors }: { data?: unknown; errors?: readonly unknown[] }): string {
  return JSON.stringify({ data, errors: errors?.map((error) => JSON.stringify(error)).toSorted() });
}
