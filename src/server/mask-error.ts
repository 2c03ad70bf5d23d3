import { unwrapResolverError } from "@apollo/server/errors";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import type { Emit } from "../domain/events.ts";
import { currentReport } from "./request-report.ts";

/** Codes whose messages are written for callers: ours, and those of Apollo Server about the request itself. */
const shown = new Set([
  ...["BAD_USER_INPUT", "UNAUTHENTICATED", "FORBIDDEN", "PROVIDER_NOT_CONFIGURED"],
  ...["GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "OPERATION_RESOLUTION_FAILURE", "BAD_REQUEST"],
  ...["PERSISTED_QUERY_NOT_FOUND", "PERSISTED_QUERY_NOT_SUPPORTED"],
]);

/** Shows callers what is meant for them; everything else becomes INTERNAL_SERVER_ERROR with one fixed sentence. */
export function maskError(emit: Emit): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  return (formatted, error) => {
    const report = currentReport.getStore();
    const code = meantForCallers(formatted, error);
    report?.codes.add(code ?? "INTERNAL_SERVER_ERROR");
    const where = {
      ...(formatted.locations ? { locations: formatted.locations } : {}),
      ...(formatted.path ? { path: formatted.path } : {}),
    };
    if (code !== undefined) return { message: tidied(formatted.message), ...where, extensions: { code } };
    emit({
      event: "graphql-error",
      ...(report ? { requestId: report.requestId } : {}),
      error: unwrapResolverError(error),
    });
    return {
      message: "Something went wrong on our side. Asking again is safe.",
      ...where,
      extensions: { code: "INTERNAL_SERVER_ERROR" },
    };
  };
}

/** The code to show with the message, or undefined where neither is the caller's business. */
function meantForCallers(formatted: GraphQLFormattedError, error: unknown): string | undefined {
  const original = unwrapResolverError(error);
  if (!(original instanceof GraphQLError)) return undefined;
  const code = formatted.extensions?.code;
  if (typeof code === "string" && shown.has(code)) return code;
  // Apollo Server's word about a faulty request, as of a persisted query whose hash is not its own.
  const { http } = original.extensions as { http?: { status?: number } };
  if (http?.status === 400) return "BAD_REQUEST";
  // The same of graphql-js: it points into the document, or nothing was run.
  const made = original.extensions.code === undefined && !original.originalError;
  return made && (original.nodes || !formatted.path) ? "BAD_USER_INPUT" : undefined;
}

/** graphql-js quotes what it was sent, at any length. Apollo Server's longest message has 400 characters. */
const maxMessageLength = 500;

/** Apollo Server leaves out graphql-js' guesses at names of fields, but not those at enum values in variables. */
function tidied(message: string): string {
  const unhinted = message.replace(/ ?Did you mean .*\?$/s, "");
  return unhinted.length > maxMessageLength ? `${unhinted.slice(0, maxMessageLength)}…` : unhinted;
}
