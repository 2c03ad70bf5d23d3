import type { LookupResult, Outcome, ProviderDetails, RefusalCode } from "../../domain/outcome.ts";
import { isRecord } from "./json.ts";
import {
  deniesCancelled,
  isAboutCancelling,
  saysCancelled,
  saysNo,
  saysNotFound,
  saysTooLate,
  saysUnderWay,
  statesCancelled,
} from "./vocabulary.ts";

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
  const names = setNamesIn(answer);
  if (outcome.kind === "refused" && (mayMeanCancelled(...texts) || names.some((name) => mayMeanCancelled(name)))) {
    // Then it was no guard that spoke: it has looked at the order.
    if (outcome.code === "PROVIDER_REJECTED_CREDENTIALS") return { kind: "unknown", ...details };
    return { ...outcome, ...refusedAsCancelled(outcome.code, details) };
  }
  const isTakenBack = outcome.kind === "cancelled" && (takesBack(texts) || takesBack(names) || deniesSuccess(answer));
  return isTakenBack ? unprovenSuccess(details) : outcome;
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
      return contradicts(providerMessage) ? doubtful : result;
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
function textsIn(answer: unknown): string[] {
  const values = membersOf(answer).map(([, value]) => value);
  const texts = values.filter((value) => typeof value === "string");
  return texts.filter((text) => /[^\d.]/.test(text) && !/^\w+:\/\/\S*$/.test(text));
}

/**
 * Names that speak of cancelling and have a value, as in `"refundRequested": true` and `"cancelled_at": "13-05-2026"`. Others are
 * there without meaning anything: look-ups have `paid`.
 */
function setNamesIn(answer: unknown): string[] {
  const set = membersOf(answer).filter(([name, value]) => isAboutCancelling(name) && !isUnset(value));
  return set.map(([name]) => name);
}

/** Whether a member of it says no to the success: `"cancelled": false`, an `error`, a code of HTTP's errors. */
function deniesSuccess(answer: unknown): boolean {
  return membersOf(answer).some(([name, value]) => {
    if (isFalse(value)) return saysCancelled(name) || /^(is_?)?(success|succeeded|successful|ok)$/i.test(name);
    if (/^(errors?|failed|failure|pending)$/i.test(name)) return !isUnset(value) && !isEmpty(value) && !tellsEnd(value);
    return /^(status_?|error_?)?code$/i.test(name) && Number(value) >= 400 && Number(value) < 600;
  });
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** sms4sats tells the end of an order by an `error` beside `OK`. */
function tellsEnd(error: unknown): boolean {
  return typeof error === "string" && statesCancelled(error);
}

function isUnset(value: unknown): boolean {
  return value === undefined || value === null || value === "" || isFalse(value);
}

/** Numbers are text, as printed. */
function isFalse(value: unknown): boolean {
  return value === false || (typeof value === "string" && /^(false|no|0+(\.0+)?)$/i.test(value));
}

/** Names with their values, at any depth. What stands in a list has no name. */
function membersOf(answer: unknown): [name: string, value: unknown][] {
  const members: [string, unknown][] = [["", answer]];
  // Grows while it is read.
  for (const [, value] of members) {
    if (Array.isArray(value)) for (const inner of value) members.push(["", inner]);
    else if (isRecord(value)) for (const member of Object.entries(value)) members.push(member);
  }
  return members;
}

/** Whether the words beside a cancelled state speak against it. "Expired" may be why it is cancelled. */
function contradicts(text: string): boolean {
  return saysUnderWay(text) || (saysTooLate(text) && !saysCancelled(text)) || deniesCancelled(text);
}

function takesBack(texts: readonly string[]): boolean {
  return saysUnderWay(...texts) || saysTooLate(...texts) || saysNotFound(...texts) || saysNo(...texts);
}

function wordsOf({ providerCode, providerMessage }: ProviderDetails): Record<string, string> {
  return { ...(providerCode ? { providerCode } : {}), ...(providerMessage ? { providerMessage } : {}) };
}
