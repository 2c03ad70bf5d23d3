import { GraphQLError } from "graphql";

/** Errors of a request as a whole, by `extensions.code`. What happens to an order is data, never an error. */
export type ErrorCode = "BAD_USER_INPUT" | "UNAUTHENTICATED" | "FORBIDDEN" | "PROVIDER_NOT_CONFIGURED";

export function requestError(code: ErrorCode, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}
