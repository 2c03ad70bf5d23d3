import type { GraphQLError } from "graphql";
import { requestError } from "../../api/errors.ts";

/** Refuses a request before any part of it is run. A 401 names the authentication scheme to use (RFC 9110, 15.5.2). */
export function unauthenticated(message: string, status: 401 | 503 = 401): GraphQLError {
  const headers = new Map(status === 401 ? [["www-authenticate", "Bearer"]] : []);
  return requestError("UNAUTHENTICATED", message, { status, headers });
}
