import fc from "fast-check";
import {
  execute,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  OperationTypeNode,
  parse,
  validate,
} from "graphql";
import { beforeAll, expect, it } from "vitest";
import { createContext, type RequestContext } from "../../src/api/context.ts";
import { createExecutor } from "../../src/api/jit/executor.ts";
import { operationLimits } from "../../src/api/limits/operation-limits.ts";
import { buildSubgraph } from "../../src/api/schema.ts";
import { type OrderKey, orderKeyText } from "../../src/domain/cancellation.ts";
import { providerNames } from "../../src/providers/registry.ts";
import { fakeCancellability, onramp } from "../support/graphql-context.ts";
import { isAccepted, type SentOperation, writeOperation } from "../support/operations.ts";
import { recordOf } from "../support/records.ts";

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = (await buildSubgraph()).schema;
});

/** Some 20 ms each, with those that are no valid mutations. */
const runs = Number(process.env.DIFFERENTIAL_RUNS ?? 80);

it("what is cancelled is what graphql-js would run, in one call and answered to the byte, or nothing at all", async () => {
  const counts = { cancelled: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (gen) => {
      const mutation = writeOperation(schema, OperationTypeNode.MUTATION, (arbitrary) => gen(() => arbitrary));
      const document = parse(mutation.text);
      fc.pre(validate(schema, document).length === 0);
      fc.pre(validate(schema, document, operationLimits()).length === 0);
      fc.pre(isAccepted({ schema, document, variables: mutation.variables }));
      const expected = await interpret(mutation);
      const { calls, data, errors } = await run(mutation);
      const shown = JSON.stringify({ mutation, errors, expected });

      const isFine = expected.errors.length === 0 && isWithinLimits(mutation);
      if (isFine) expect(errors, shown).toEqual([]);
      if (calls.length > 0) {
        expect(calls, shown).toEqual([distinct(expected.named)]);
        expect(JSON.stringify(data), shown).toBe(JSON.stringify(expected.data));
        expect(errors, shown).toEqual([]);
        counts.cancelled += 1;
      } else {
        if (errors.length > 0) expect(data, shown).toBeFalsy();
        else expect(expected.named, shown).toEqual([]);
        counts.refused += 1;
      }
    }),
    { numRuns: runs, endOnFailure: true },
  );
  // Otherwise the mutations would show nothing.
  expect(counts.cancelled).toBeGreaterThan(0);
  expect(counts.refused).toBeGreaterThan(0);
}, 120_000);

/** No id is empty, and no lists are long. */
function isWithinLimits({ text, variables }: SentOperation): boolean {
  const isShort = Object.values(variables).every((value) => !Array.isArray(value) || value.length <= 100);
  return isShort && !`${text} ${JSON.stringify(variables)}`.includes('""');
}

/** As graphql-js runs it if nothing is checked before; with all orders that its resolvers were to cancel. */
async function interpret({ text, variables }: SentOperation) {
  const named: OrderKey[] = [];
  const answer = async (orders: readonly OrderKey[]) => {
    named.push(...orders.map(({ provider, orderId }) => ({ provider, orderId })));
    return orders.map(cancelled);
  };
  const contextValue = { ...contextOf([]), cancelTogether: { add: () => {}, answer } };
  const { data, errors = [] } = await execute({
    schema,
    document: parse(text),
    variableValues: variables,
    contextValue,
  });
  return { data, errors, named };
}

async function run({ text, variables }: SentOperation) {
  const calls: (readonly OrderKey[])[] = [];
  const document = parse(text);
  const { data, errors = [] } = await createExecutor(schema)({
    ...{
      document,
      operation: getOperationAST(document),
      request: { variables },
      context: contextOf(calls),
      metrics: {},
    },
  } as never);
  return { calls, data, errors: errors as readonly GraphQLError[] };
}

/** A service that cancels all that it is asked for, for a caller who may do everything. */
function contextOf(calls: (readonly OrderKey[])[]): RequestContext {
  const pauses = { of: () => undefined, set: async () => {} };
  const cancellations = {
    resolve: async (orders: readonly OrderKey[]) => orders.map(cancelled),
    recheck: async (orders: readonly OrderKey[]) => ({ records: orders.map(cancelled), unasked: [] }),
    serves: () => true,
    cancel: async (orders: readonly OrderKey[]) => {
      calls.push(orders);
      return orders.map(cancelled);
    },
  };
  const ledger = {
    read: async (orders: readonly OrderKey[]) => orders.map(({ orderId }) => recordOf(orderId, "UNCONFIRMED")),
    history: async (ids: readonly number[]) => ids.map(() => []),
  };
  const catalogue = () => providerNames.map((provider) => ({ ...onramp, provider }));
  return createContext(
    {
      ...{ cancellations, cancellability: fakeCancellability, ledger, pauses, catalogue, orderWatch: {} },
      maxIdsPerRequest: 500,
    } as never,
    {
      ...{ authenticated: true, subject: "s", expiresInMs: null, holds: () => true },
      allowed: async (_provider, ids) => new Set(ids),
    },
    "r-1",
  );
}

function cancelled({ provider, orderId }: OrderKey) {
  return { ...recordOf(orderId, "CANCELLED"), provider };
}

function distinct(orders: readonly OrderKey[]): OrderKey[] {
  return [...new Map(orders.map((order) => [orderKeyText(order), order])).values()];
}
