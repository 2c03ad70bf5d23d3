import type { ProblemCode } from "../domain/outcome.ts";

/** One sentence per problem, for a frontend to show: no jargon, no blame, and what to do if the reader can do something. */
export const problemMessages: Readonly<Record<ProblemCode, string>> = {
  ORDER_NOT_FOUND: "The provider knows no order with this id.",
  TOO_LATE: "It is too late: this order can no longer be cancelled.",
  TOO_EARLY: "This order cannot be cancelled yet. We will try again as soon as the provider allows it.",
  NOT_PERMITTED: "Our account is not allowed to cancel this order.",
  INVALID_ORDER_ID: "This is not an order id of this provider, so nothing was sent.",
  REFUSED: "The provider refused to cancel this order.",
  PROVIDER_BUSY: "The provider is taking no more requests at the moment.",
  PROVIDER_UNAVAILABLE: "The provider could not be reached.",
  PROVIDER_REJECTED_CREDENTIALS: "The provider does not accept our credentials. Please contact support.",
  OUTCOME_UNKNOWN: "The provider gave no clear answer, so we do not know yet whether this order is cancelled.",
};

/** For an order that waits because its provider is paused. It stands alone, or behind the sentence of the problem that was before. */
export const pausedMessage =
  "Requests to this provider are paused at the moment; we will go on when they are started again.";
