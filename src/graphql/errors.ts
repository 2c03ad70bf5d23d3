import { GraphQLError } from "graphql";

/** Errors of a request as a whole, by `extensions.code`. What happens to an order is data, never an error. */
export type ErrorCode = "BAD_USER_INPUT" | "UNAUTHENTICATED" | "FORBIDDEN" | "PROVIDER_NOT_CONFIGURED";

/** `http` says how to answer where nothing of the request is run; otherwise the status is GraphQL's own. */
export function requestError(
  code: ErrorCode,
  message: string,
  http?: { status: number; headers: Map<string, string> },
): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...(http ? { http } : {}) } });
}
