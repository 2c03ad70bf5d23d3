import { unwrapResolverError } from "@apollo/server/errors";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import type { Log } from "../domain/log.ts";

/** Codes whose messages are written for callers: ours, and those of Apollo Server about the request itself. */
const shown = new Set([
  ...["BAD_USER_INPUT", "UNAUTHENTICATED", "FORBIDDEN", "PROVIDER_NOT_CONFIGURED"],
  ...["GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "OPERATION_RESOLUTION_FAILURE", "BAD_REQUEST"],
  ...["PERSISTED_QUERY_NOT_FOUND", "PERSISTED_QUERY_NOT_SUPPORTED"],
]);

/** Shows callers what is meant for them; everything else becomes INTERNAL_SERVER_ERROR with one fixed sentence. */
export function maskError(log: Log): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  return (formatted, error) => {
    const code = formatted.extensions?.code;
    const original = unwrapResolverError(error);
    const meant = original instanceof GraphQLError || !(error instanceof GraphQLError && error.originalError);
    if (typeof code === "string" && shown.has(code) && meant) return { ...formatted, extensions: { code } };
    log.error({ event: "graphql-error", error: original });
    return {
      message: "Something went wrong on our side. Asking again is safe.",
      ...(formatted.locations ? { locations: formatted.locations } : {}),
      ...(formatted.path ? { path: formatted.path } : {}),
      extensions: { code: "INTERNAL_SERVER_ERROR" },
    };
  };
}
