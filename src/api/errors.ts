import { GraphQLError } from "graphql";

/** The `extensions.code`s of errors of a whole request. What happens to an order is data, never an error. */
export type ErrorCode =
  | "BAD_REQUEST"
  | "BAD_USER_INPUT"
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | "PROVIDER_NOT_CONFIGURED"
  | "TOO_MANY_SUBSCRIPTIONS";

/** `http` gives the answer's status if no part of the request is run. Without it the status is GraphQL's own. */
export function requestError(
  code: ErrorCode,
  message: string,
  http?: { status: number; headers?: Map<string, string> },
): GraphQLError {
  return new GraphQLError(message, { extensions: http ? { code, http } : { code } });
}

/** For an error that comes before any part of the request is run. */
export const badRequest = { status: 400, headers: new Map<string, string>() };
