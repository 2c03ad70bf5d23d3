import type { ApolloServerOptionsWithGateway } from "@apollo/server";
import {
  type DocumentNode,
  execute,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
  OperationTypeNode,
} from "graphql";
import { type CompiledQuery, compileQuery, isCompiledQuery } from "graphql-jit";
import type { RequestContext } from "../context.ts";
import { checkMutation } from "../limits/mutation-checks.ts";
import { queryToCompile } from "./compilable.ts";

/**
 * How Apollo Server runs operations. Queries that come again and again are compiled by graphql-jit. For everything else, and
 * if there is an error, graphql-js runs the operation (again), so that callers see graphql-js's messages.
 *
 * Compiled, a list of 50 or 500 orders takes less of the processor (docs/measured.md). It costs this folder: `compilable.ts` knows which
 * queries the two run alike, which generated queries test; `order-reader.ts` keeps failures, so that a second run tells the same ones.
 *
 * Apollo Server takes such an executor only in the place of a gateway. All the rest of it is as without one.
 */
export function executeCompiled(schema: GraphQLSchema): GatewayInterface {
  const executor = createExecutor(schema);
  return {
    load: async () => ({ executor }),
    onSchemaLoadOrUpdate: (onSchema) => {
      onSchema({ apiSchema: schema, coreSupergraphSdl: "" });
      return () => {};
    },
    stop: async () => {},
  };
}

type GatewayInterface = NonNullable<ApolloServerOptionsWithGateway<RequestContext>["gateway"]>;
type GatewayExecutor = NonNullable<Awaited<ReturnType<GatewayInterface["load"]>>["executor"]>;

/** `compileAt`: the how many-th run of a document compiles it. */
export function createExecutor(schema: GraphQLSchema, compileAt: number = runsBefore): GatewayExecutor {
  const compiledOf = keepCompiled(schema, compileAt);

  return async ({ document, operation, request, context, metrics }) => {
    const variables = request.variables ?? {};
    // The client's own name: Apollo Server's `operationName` is null for an unknown one, and null runs the only operation.
    const { operationName } = request;
    const interpret = () =>
      execute({ schema, document, operationName, variableValues: variables, contextValue: context }) as Promise<Result>;
    // graphql-js says why.
    if (!operation) return interpret();
    if (operation.operation === OperationTypeNode.MUTATION) {
      const errors = await checkMutation({ schema, document, operation, variables }, context as RequestContext);
      return errors.length > 0 ? { data: null, errors } : interpret();
    }
    // The trace that a gateway asked for is made of graphql-js' calls of the resolvers.
    if (metrics.captureTraces) return interpret();
    const compiled = compiledOf(document, operation.name?.value ?? null);
    const values = compiled && coerce(schema, compiled, variables);
    if (!values) return interpret();
    const result = (await compiled.run(null, context, values)) as Result;
    // Only queries are compiled, so that they can be run again.
    return result.errors ? interpret() : result;
  };
}

type Result = Awaited<ReturnType<GatewayExecutor>>;

interface Compiled {
  operation: OperationDefinitionNode;
  run: CompiledQuery["query"];
}

/** The variables as graphql-js reads them; undefined if one has an error, or is null or missing, which the two treat differently. */
function coerce(schema: GraphQLSchema, { operation }: Compiled, variables: Record<string, unknown>) {
  const { variableDefinitions = [] } = operation;
  const { coerced } = getVariableValues(schema, variableDefinitions, variables, { maxErrors: 1 });
  if (!coerced) return undefined;
  return variableDefinitions.every(({ variable }) => coerced[variable.name.value] != null) ? coerced : undefined;
}

/** How often a document is run before it is compiled. Compiling takes as long as some ten runs, about 1 ms. */
export const runsBefore = 20;

interface Use {
  runs: number;
  compiled: Compiled | undefined;
}

/** A text that Apollo Server keeps is the same document each time. What is not kept is forgotten here, too. */
function keepCompiled(schema: GraphQLSchema, compileAt: number) {
  const uses = new WeakMap<DocumentNode, Map<string | null, Use>>();

  return (document: DocumentNode, operationName: string | null): Compiled | undefined => {
    const use = useOf(document, operationName);
    use.runs += 1;
    if (use.runs === compileAt) use.compiled = compile(schema, document, operationName);
    return use.compiled;
  };

  function useOf(document: DocumentNode, operationName: string | null): Use {
    const operations = uses.get(document) ?? new Map<string | null, Use>();
    const use = operations.get(operationName) ?? { runs: 0, compiled: undefined };
    if (use.runs > 0) return use;
    uses.set(document, operations.set(operationName, use));
    return use;
  }
}

function compile(schema: GraphQLSchema, document: DocumentNode, operationName: string | null): Compiled | undefined {
  const operation = queryToCompile(document, operationName);
  if (!operation) return undefined;
  const compiled = compileQuery(schema, document, operationName ?? undefined);
  if (!isCompiledQuery(compiled)) return undefined;
  return { operation, run: compiled.query };
}
