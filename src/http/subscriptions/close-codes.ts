/** Why a socket is closed: codes of the protocol graphql-transport-ws, and two of WebSockets in general. */
export const closeCodes = {
  goingAway: 1001,
  /** Registry of RFC 6455: "try again later". Clients of graphql-ws connect again. */
  tryAgainLater: 1013,
  badRequest: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  noSubprotocol: 4406,
  initTimeout: 4408,
  subscriberExists: 4409,
  /** Like HTTP's 429. Clients of graphql-ws do not connect again after it. */
  tooMany: 4429,
  internalError: 4500,
} as const;
