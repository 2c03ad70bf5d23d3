import { ApolloServer } from "@apollo/server";
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import { ApolloServerPluginInlineTrace } from "@apollo/server/plugin/inlineTrace";
import { ApolloServerPluginLandingPageLocalDefault } from "@apollo/server/plugin/landingPage/default";
import type { GraphQLSchema } from "graphql";
import type { Emit } from "../domain/events.ts";
import type { RequestContext } from "../graphql/context.ts";
import { exactVariables } from "./exact-json.ts";
import { maxTokens, operationLimits } from "./limits.ts";
import { maskError } from "./mask-error.ts";
import { reportOperation } from "./request-report.ts";

export interface ApolloOptions {
  schema: GraphQLSchema;
  /** Introspection and landing page are for anywhere but production. */
  production: boolean;
  /** Whether every request that gets so far comes from the gateway: only gateways may have traces. */
  gatewayOnly: boolean;
  /** What the landing page opens with. */
  firstLook: { document: string; variables: Record<string, unknown> } | undefined;
  emit: Emit;
}

/** GraphQL over HTTP, without the HTTP. */
export function createApollo(options: ApolloOptions): ApolloServer<RequestContext> {
  const { schema, production, gatewayOnly, firstLook, emit } = options;
  return new ApolloServer<RequestContext>({
    schema,
    introspection: !production,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    // Process signals belong to main.
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens },
    // Before the limits, as one document of nested fragments can make their checks long.
    maxRecursiveSelections: true,
    validationRules: operationLimits(),
    formatError: maskError(emit),
    logger: quietLogger(emit),
    plugins: [
      exactVariables,
      reportOperation,
      gatewayOnly ? ApolloServerPluginInlineTrace() : ApolloServerPluginInlineTraceDisabled(),
      production
        ? ApolloServerPluginLandingPageDisabled()
        : ApolloServerPluginLandingPageLocalDefault({ embed: true, includeCookies: false, ...firstLook }),
    ],
  });
}

/** Apollo Server puts whole errors into its lines; ours say that there was one. */
function quietLogger(emit: Emit) {
  return {
    debug: () => {},
    info: () => {},
    warn: () => emit({ event: "apollo-warning" }),
    error: () => emit({ event: "apollo-error" }),
  };
}
