import { ApolloServer } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import { ApolloServerPluginInlineTrace } from "@apollo/server/plugin/inlineTrace";
import type { GraphQLSchema } from "graphql";
import type { RequestContext } from "../api/context.ts";
import { executeCompiled } from "../api/jit/executor.ts";
import { boundAnswers, maxTokens, operationLimits } from "../api/limits/operation-limits.ts";
import type { Emit } from "../domain/events.ts";
import { createDocumentStore } from "./document-store.ts";
import { refuseRootConditions, unprocessable } from "./error-handlers.ts";
import { exactVariables } from "./exact-json.ts";
import { maskError } from "./mask-error.ts";
import { reportOperation } from "./request-report.ts";
import { validateOnly } from "./subscriptions/validate-operation.ts";

export interface ApolloOptions {
  schema: GraphQLSchema;
  /** In production there is no introspection. */
  production: boolean;
  /** Whether every request that arrives here comes from the gateway: only gateways may get traces. */
  gatewayOnly: boolean;
  emit: Emit;
}

/** Apollo Server, without HTTP around it. */
export function createApollo(options: ApolloOptions): ApolloServer<RequestContext> {
  const { schema, production, gatewayOnly, emit } = options;
  return new ApolloServer<RequestContext>({
    gateway: executeCompiled(schema),
    introspection: !production,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    // `main.ts` handles process signals.
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens },
    documentStore: createDocumentStore(),
    // Checked before the other limits, because nested fragments can make those checks slow.
    maxRecursiveSelections: true,
    validationRules: operationLimits(),
    formatError: maskError(emit),
    logger: quietLogger(emit),
    plugins: [
      exactVariables,
      reportOperation,
      boundAnswers(),
      unprocessable,
      refuseRootConditions,
      // It would look at every field of every answer. `server.ts` says `no-store` of all of them.
      ApolloServerPluginCacheControlDisabled(),
      validateOnly,
      gatewayOnly ? ApolloServerPluginInlineTrace() : ApolloServerPluginInlineTraceDisabled(),
      // `pages/landing-page.ts` has ours.
      ApolloServerPluginLandingPageDisabled(),
    ],
  });
}

/** Apollo Server would log whole errors. Our events only say that there was one. */
function quietLogger(emit: Emit) {
  return {
    debug: () => {},
    info: () => {},
    warn: () => emit({ event: "apollo-warning" }),
    error: () => emit({ event: "apollo-error" }),
  };
}
