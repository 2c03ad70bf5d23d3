import { unwrapResolverError } from "@apollo/server/errors";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { type Emit, shownCodes } from "../domain/events.ts";
import { currentReport } from "./request-report.ts";

/** Shows callers the errors that are meant for them. Every other error becomes INTERNAL_SERVER_ERROR with a fixed sentence. */
export function maskError(emit: Emit): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  return (formatted, error) => {
    const report = currentReport.getStore();
    const code = meantForCallers(formatted, error);
    report?.codes.add(code ?? "INTERNAL_SERVER_ERROR");
    const place = {
      ...(formatted.locations ? { locations: formatted.locations } : {}),
      ...(formatted.path ? { path: formatted.path } : {}),
    };
    if (code !== undefined) return { message: tidied(formatted.message), ...place, extensions: { code } };
    emit({ event: "graphql-error", requestId: report?.requestId, error: unwrapResolverError(error) });
    return {
      message: "Something went wrong on our side. Asking again is safe.",
      ...place,
      extensions: { code: "INTERNAL_SERVER_ERROR" },
    };
  };
}

/** The code to show with the message; undefined if the caller may see neither. */
function meantForCallers(formatted: GraphQLFormattedError, error: unknown): string | undefined {
  const original = unwrapResolverError(error);
  if (!(original instanceof GraphQLError)) return undefined;
  const code = formatted.extensions?.code;
  if (typeof code === "string" && shownCodes.has(code)) return code;
  // Apollo Server says so of a faulty request, such as a persisted query with the wrong hash.
  const { http } = original.extensions as { http?: { status?: number } };
  if (http?.status === 400) return "BAD_REQUEST";
  // graphql-js refuses the request: the error points into the document, or nothing was run.
  const made = original.extensions.code === undefined && !original.originalError;
  return made && (original.nodes || !formatted.path) ? "BAD_USER_INPUT" : undefined;
}

/** Most characters of a message. graphql-js quotes its input at any length; Apollo Server's longest message has 400. */
const maxMessageLength = 500;

/** Apollo Server removes the hints of graphql-js about names of fields, but not those about enum values in variables. */
function tidied(message: string): string {
  const unhinted = message.replace(/ ?Did you mean .*\?$/s, "");
  return unhinted.length > maxMessageLength ? `${unhinted.slice(0, maxMessageLength)}…` : unhinted;
}
