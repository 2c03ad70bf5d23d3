import { type ApolloServer, type ApolloServerPlugin, type GraphQLResponse, HeaderMap } from "@apollo/server";
import { type DocumentNode, type GraphQLFormattedError, OperationTypeNode } from "graphql";
import type { RequestContext } from "../../api/context.ts";
import { requestError } from "../../api/errors.ts";

/** A GraphQL request as it arrives over any transport. */
export interface OperationRequest {
  query?: string | undefined;
  operationName?: string | undefined;
  variables?: Record<string, unknown> | undefined;
  extensions?: Record<string, unknown> | undefined;
}

/** An operation that may be run, or why it may not. */
export type Checked =
  | { type: OperationTypeNode; document: DocumentNode }
  | { errors: readonly GraphQLFormattedError[]; status: number };

/**
 * Lets Apollo Server parse and validate an operation, with all limits, its log entry and masked errors, as it does for any POST.
 * It is not run.
 */
export async function validateOperation(
  apollo: ApolloServer<RequestContext>,
  request: OperationRequest,
  context: RequestContext,
): Promise<Checked> {
  let found: Checked | undefined;
  const onValid: RequestContext["onValid"] = (operation) => {
    found = operation;
  };
  // Apollo Server copies the context: what it is to tell must be a part of it.
  const { body, http } = await apollo.executeOperation(request as never, { contextValue: { ...context, onValid } });
  if (found) return found;
  const errors = body.kind === "single" ? body.singleResult.errors : undefined;
  return { errors: errors ?? [], status: http.status ?? 200 };
}

/** Does not run an operation that only `validateOperation` asks about. A subscription that came as an ordinary request is refused. */
export const validateOnly: ApolloServerPlugin<RequestContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation, contextValue }) => {
      if (contextValue.onValid || operation?.operation !== OperationTypeNode.SUBSCRIPTION) return;
      const message =
        "Subscriptions need a WebSocket (graphql-transport-ws), or a request with accept: text/event-stream.";
      throw requestError("BAD_REQUEST", message, { status: 400 });
    },
    responseForOperation: async ({ operation, document, contextValue }) => {
      if (!contextValue.onValid || !operation) return null;
      contextValue.onValid({ type: operation.operation, document });
      return noResponse();
    },
  }),
};

function noResponse(): GraphQLResponse {
  return { http: { headers: new HeaderMap() }, body: { kind: "single", singleResult: { data: null } } };
}
