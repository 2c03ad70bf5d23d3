import type { GraphQLError } from "graphql";
import { requestError } from "../../graphql/errors.ts";

/** Refuses a request before anything of it is run. RFC 9110, 15.5.2: a 401 names the scheme to come back with. */
export function unauthenticated(message: string, status: 401 | 503 = 401): GraphQLError {
  const headers = new Map(status === 401 ? [["www-authenticate", "Bearer"]] : []);
  return requestError("UNAUTHENTICATED", message, { status, headers });
}
