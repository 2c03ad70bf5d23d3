import type { Outcome, ProviderDetails, RefusalCode } from "../../domain/outcome.ts";

export type Refusal = Outcome & { kind: "refused" };

/** Refused for a reason that the provider's pages know. `classifyCancel` checks later whether its words say "cancelled". */
export function refused(code: RefusalCode, details: ProviderDetails = {}): Refusal {
  return { kind: "refused", code, ...details };
}

/** Refused for any other reason: looked up once before it is believed. */
export function refusedUnproven(code: RefusalCode, details: ProviderDetails): Refusal {
  return { ...refused(code, details), unproven: true };
}

/** Refused for a reason that may be the cancellation itself: it never proves that the order stands. */
export function refusedAsCancelled(code: RefusalCode, details: ProviderDetails): Refusal {
  return { ...refusedUnproven(code, details), saysCancelled: true };
}

/** The look-up that followed has proven it, whatever its words. */
export function withoutDoubt({ unproven: _, saysCancelled: __, ...refusal }: Refusal): Refusal {
  return refusal;
}

/**
 * Whether these words may tell of a cancellation that happened or is under way: by a person on the provider's dashboard,
 * by its own timer, by an earlier request of ours. No page lists such words, so in doubt it is yes. What only says the
 * opposite ("cannot be cancelled", "not cancelled yet") is no.
 */
export function mayMeanCancelled({ providerCode = "", providerMessage = "" }: ProviderDetails): boolean {
  const words = `${providerCode} ${providerMessage}`
    .slice(0, longestRead)
    .toLowerCase()
    .replace(/[_-]+/g, " ")
    .replaceAll("’", "'");
  const asserted = words.replace(notDone, " ").replace(cannotDo, " ");
  return done.test(asserted) || (action.test(asserted) && underWay.test(asserted));
}

/** Their sentences are short; an endless one must not keep the process busy, characters. */
const longestRead = 1000;

const done = /\b(cancell?ed|void(ed)?|refunded|reversed|closed|released|terminated)\b/;
const action = /\b(cancel|cancell?ing|cancell?ation|refund|reversal)\b/;
const underWay = /\b(already|twice|duplicate|pending|progress|requested)\b/;

/** "can no longer be cancelled", "can only be refunded", "could not be voided", "not been canceled yet", "isn't closed". */
const notDone =
  /\b(can(not|'t)?\b[^.,;:]{0,20}? be|(could|may|must|should|will)(n't| not)( yet| longer)? be|(not|\w+n't)( yet| been| be)*) (cancell?ed|voided|refunded|reversed|closed|released|terminated)\b/g;

/** "cannot cancel", "unable to cancel", "cancellation is not allowed". */
const cannotDo =
  /\b(cannot|can not|can't|unable to|not able to|failed to|(could|did|do|does|may) not|not) (cancel|refund)\b|\b(cancel|cancell?ation|refund|reversal)( is| was)? (not|never|failed|refused|rejected|denied|impossible)\b/g;
