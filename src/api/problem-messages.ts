import type { Cancellation } from "../domain/cancellation.ts";
import type { ProblemCode } from "../domain/outcome.ts";
import { type ProviderName, providers } from "../providers/registry.ts";

/** One sentence per problem, for a frontend to show: no jargon, no blame, and what to do if the reader can do something. */
export const sentences: Readonly<Record<ProblemCode, string>> = {
  ORDER_NOT_FOUND: "The provider knows no order with this id.",
  TOO_LATE: "It is too late: this order can no longer be cancelled.",
  TOO_EARLY: "This order cannot be cancelled yet.",
  NOT_PERMITTED: "Our account is not allowed to cancel this order.",
  INVALID_ORDER_ID: "This is not an order id of this provider, so nothing was sent.",
  REFUSED: "The provider refused to cancel this order.",
  PROVIDER_BUSY: "The provider is taking no more requests at the moment.",
  PROVIDER_UNAVAILABLE: "The provider could not be reached, or its answer could not be used.",
  PROVIDER_REJECTED_CREDENTIALS: "The provider does not accept our credentials. Please contact support.",
  OUTCOME_UNKNOWN: "The provider gave no clear answer, so we do not know whether this order is cancelled.",
};

/** What follows while PENDING: these sentences must not sound final. */
const whilePending: Partial<Record<ProblemCode, string>> = {
  TOO_EARLY: "We will try again as soon as the provider allows it.",
  PROVIDER_BUSY: "We will try again.",
  PROVIDER_UNAVAILABLE: "We will try again.",
  OUTCOME_UNKNOWN: "We are asking again.",
};

/** For an order that waits because its provider is paused. It stands alone, or behind the sentence of the problem that was before. */
export const pausedMessage =
  "Requests to this provider are paused at the moment; we will go on when they are started again.";

/** The sentence for this code in a cancellation that stands so. */
export function problemMessage(
  code: ProblemCode,
  { status, provider }: Pick<Cancellation, "status" | "provider">,
): string {
  const sentence = sentences[code];
  if (status === "PENDING") return `${sentence} ${whilePending[code] ?? "We are making sure of it."}`;
  return status === "UNCONFIRMED" ? `${sentence}${ownRule(provider)}` : sentence;
}

/** A rule of the provider's page is no word about one order, but it helps a person to judge. */
function ownRule(provider: string): string {
  const seconds = providers[provider as ProviderName]?.autoCancelledAfterSeconds ?? null;
  if (seconds === null) return "";
  return ` The provider's page says that such orders are cancelled by themselves ${seconds / 60} minutes after they were made; of this order it did not say so.`;
}
