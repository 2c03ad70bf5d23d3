import type { LookupResult, Outcome, ProviderDetails, RefusalCode } from "../../domain/outcome.ts";
import { isAboutCancelling, saysCancelled, saysNo, saysNotFound, saysTooLate, saysUnderWay } from "./vocabulary.ts";

export type Refusal = Outcome & { kind: "refused" };

/** Refused for a reason that the provider's pages know. `heedWords` checks later whether its words say "cancelled". */
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
 * What an answer to a cancel means once its words are heard. A refusal that may speak of a cancellation, by a person on the
 * provider's dashboard, by its own timer or by an earlier request of ours, never proves that the order stands. A success whose
 * words take it back proves nothing.
 */
export function heedWords(outcome: Outcome, answer: unknown): Outcome {
  const details = wordsOf(outcome);
  const texts = [...Object.values(details), ...textsIn(answer)];
  if (outcome.kind === "refused" && mayMeanCancelled(...texts)) {
    // Then it was no guard that spoke: it has looked at the order.
    if (outcome.code === "PROVIDER_REJECTED_CREDENTIALS") return { kind: "unknown", ...details };
    return { ...outcome, ...refusedAsCancelled(outcome.code, details) };
  }
  return outcome.kind === "cancelled" && takesBack(texts) ? unprovenSuccess(details) : outcome;
}

/** The same for a look-up, whose `providerCode` is the state of the order. Its known states speak for themselves. */
export function heedState(result: LookupResult): LookupResult {
  const { providerCode = "", providerMessage = "" } = result;
  const doubtful: LookupResult = { ...wordsOf(result), kind: "unclear", saysCancelled: true };
  switch (result.kind) {
    case "unclear":
      return mayMeanCancelled(providerCode, providerMessage) ? { ...result, saysCancelled: true } : result;
    case "open":
      return isAboutCancelling(providerMessage) && mayMeanCancelled(providerMessage) ? doubtful : result;
    case "cancelled":
      return saysUnderWay(providerMessage) || isOnlyTooLate(providerMessage) ? doubtful : result;
    case "closed":
      return result.code === "ORDER_NOT_FOUND" && mayMeanCancelled(providerMessage) ? doubtful : result;
    default:
      return result;
  }
}

/** Whether these words may tell of a cancellation that happened or is under way. No page lists such words, so in doubt it is yes. */
export function mayMeanCancelled(...texts: readonly string[]): boolean {
  return saysCancelled(...texts) || saysUnderWay(...texts);
}

/** A success that contradicts itself, names another order or names nothing: it is looked up at once. */
export function unprovenSuccess(details: ProviderDetails = {}): Outcome {
  return { kind: "unknown", unproven: true, ...details };
}

/** Looks a success that proves nothing up, in the same attempt. Only what the look-up says of the order counts. */
export async function provenBy(outcome: Outcome, lookup: () => Promise<LookupResult>): Promise<Outcome> {
  if (outcome.kind !== "unknown" || !outcome.unproven) return outcome;
  const { unproven: _, ...unknown } = outcome;
  const result = await lookup();
  if (result.kind === "cancelled") return result;
  return result.kind === "closed" ? { ...result, kind: "refused" } : unknown;
}

/** All texts of a part of an answer, at any depth, without addresses: those may end in "/cancelled". */
export function textsIn(answer: unknown): string[] {
  const texts: string[] = [];
  const rest = [answer];
  while (rest.length > 0) {
    const value = rest.pop();
    if (typeof value === "string" && /\p{L}/u.test(value) && !/^\w+:\/\//.test(value)) texts.push(value);
    else if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) rest.push(inner);
  }
  return texts;
}

/** "Expired" may be why it is cancelled. */
function isOnlyTooLate(text: string): boolean {
  return saysTooLate(text) && !saysCancelled(text);
}

function takesBack(texts: readonly string[]): boolean {
  return saysUnderWay(...texts) || saysTooLate(...texts) || saysNotFound(...texts) || saysNo(...texts);
}

function wordsOf({ providerCode, providerMessage }: ProviderDetails): Record<string, string> {
  return { ...(providerCode ? { providerCode } : {}), ...(providerMessage ? { providerMessage } : {}) };
}
