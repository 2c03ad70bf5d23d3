import { describe, expect, it } from "vitest";
import { mayMeanCancelled } from "../../src/providers/answers/refusal.ts";
import {
  saysCancelled,
  saysNotFound,
  saysTooLate,
  saysUnderWay,
  statesCancelled,
} from "../../src/providers/answers/vocabulary.ts";
import {
  cancelledWords,
  doneOfActWords,
  notFoundWords,
  repeatedWords,
  tooLateWords,
  underWayOfActWords,
  underWayWords,
  type Word,
} from "../../src/providers/answers/words.ts";

it.each([
  "Order was cancelled before",
  "ORDER_ALREADY_CANCELED",
  "order--canceled",
  "void",
  "Transaction voided",
  "refunded",
  "payment reversed",
  "closed by merchant",
  "invoice released",
  "terminated",
  "Cancellation in progress",
  "cancelation in progress",
  "a cancel was requested already",
  "canceling is pending",
  "cancelling is pending",
  "duplicate cancel",
  "refund requested",
  "reversal pending",
  "Cannot cancel twice: cancel is in progress",
  "Cancelled orders cannot be cancelled",
  "can not be modified; it is cancelled",
  "The order may be cancelled",
  "Order will be cancelled",
  "must be cancelled first",
  "Transaction Expired",
  "Payment session expired",
])("%s: may tell of a cancellation", (providerMessage) => {
  expect(mayMeanCancelled(providerMessage)).toBe(true);
  expect(mayMeanCancelled(providerMessage, "409")).toBe(true);
});

it.each([
  "",
  "Order cannot be cancelled",
  "Order can not be canceled",
  "This order can't be cancelled",
  "This order can’t be cancelled",
  "Only pending orders can be cancelled",
  "can only be refunded",
  "can no longer be cancelled",
  "could not be cancelled",
  "couldn't be cancelled",
  "may not be cancelled",
  "must not be cancelled",
  "should not be cancelled",
  "will not be cancelled",
  "could not yet be cancelled",
  "may not longer be cancelled",
  "has not been canceled yet",
  "not yet been canceled",
  "is not cancelled",
  "isn't closed",
  "wasn't cancelled",
  "cannot cancel, already paid",
  "can not cancel, already paid",
  "can't cancel, already paid",
  "unable to cancel, already paid",
  "not able to cancel, already paid",
  "failed to cancel, already paid",
  "could not cancel, already paid",
  "did not refund, request pending",
  "do not cancel, already paid",
  "does not cancel, already paid",
  "may not cancel, already paid",
  "not cancel, already paid",
  "cancel failed, already paid",
  "cancel not permitted: approval pending",
  "cancellation is not allowed, already filled",
  "cancelation was refused, already filled",
  "refund denied, already filled",
  "reversal impossible, already filled",
  "cancellation rejected, already filled",
  "cancellation never possible, already filled",
  "please cancel on the website",
  "uncancelled",
  "voidable",
  "already matched",
  "timestamp has expired",
  "Request expired",
  "expired signature",
])("%s: tells of none", (providerMessage) => {
  expect(mayMeanCancelled(providerMessage)).toBe(false);
});

describe.each<[question: string, words: readonly Word[], says: (text: string) => boolean]>([
  ["says cancelled", cancelledWords, saysCancelled],
  ["says under way", underWayWords, saysUnderWay],
  ["says under way beside the act", underWayOfActWords, (text) => saysUnderWay(`cancel ${text}`)],
  ["says cancelled beside the act", doneOfActWords, (text) => saysCancelled(`cancel ${text}`)],
  ["says cancelled beside a denial", repeatedWords, (text) => saysCancelled(`cannot be cancelled ${text}`)],
  ["says too late", tooLateWords, saysTooLate],
  ["says not found", notFoundWords, saysNotFound],
])("%s", (_question, words, says) => {
  it.each(words)("$word ($source: $from)", ({ word }) => {
    const forms = [word, `Order ${word}.`, word.toUpperCase(), word.replaceAll(" ", "_"), word.replaceAll(" ", "-")];
    for (const form of forms) expect(`${form}: ${says(form)}`).toBe(`${form}: true`);
  });
});

it.each([
  ["belum bisa dibatalkan pada status awal", "Indonesian: cannot be cancelled yet"],
  ["Transaksi tidak dapat dibatalkan", "Indonesian: cannot be cancelled"],
  ["gagal membatalkan, sudah dibayar", "Indonesian: failed to cancel, paid already"],
  ["hanya transaksi baru yang dapat dibatalkan", "Indonesian: only new ones can be cancelled"],
  ["order cancel nahi ho sakta, already paid", "Hindi-English: cannot be cancelled"],
  ["ऑर्डर रद्द नहीं हो सकता", "Hindi: cannot be cancelled"],
  ["无法取消已完成的订单", "Chinese: a completed order cannot be cancelled"],
  ["取消失败", "Chinese: the cancel failed"],
  ["please wait 2 minutes before canceling", "English: too early"],
  ["Order cannot be cancelled or refunded", "English: two acts denied"],
  ["You can only cancel orders that are in Pending status", "Tronsave's page"],
  ["orderNotCancelled", "a code in camel case"],
  ["cancellation window closed", "English: too late"],
  ["The cancellation period has expired", "English: too late"],
])("%s: denies it, and so says neither cancelled nor under way (%s)", (text) => {
  expect(mayMeanCancelled(text)).toBe(false);
});

it.each([
  "PENDING_CANCEL",
  "pendingCancel",
  "cancel-requested",
  "Cancel",
  "Cancelling",
  "OrderCanceled",
  "orderCancelled",
])("%s: a code is read as its words", (code) => {
  expect(mayMeanCancelled(code)).toBe(true);
});

it.each(["Cancellation completed", "unpaid", "UN_PAID", "not matched yet", "not been paid", "belum dibayar"])(
  "%s: is not too late",
  (text) => {
    expect(saysTooLate(text)).toBe(false);
  },
);

it("a word of one text does not deny one of another", () => {
  expect(saysCancelled("cannot", "be cancelled")).toBe(true);
  expect(saysUnderWay("CANCEL", "requested")).toBe(true);
});

it("in a text that is too long to read, every word is taken to stand", () => {
  expect(saysCancelled("x".repeat(10_001))).toBe(true);
  expect(statesCancelled(`order is cancelled. ${"x".repeat(10_001)}`)).toBe(false);
});

it.each([
  "order is already canceled",
  "Order already cancelled.",
  "This order has been cancelled",
  "canceled",
  "No available number, payment request is canceled. Your funds are returned to your wallet automatically.",
])("%s: states that this order is cancelled", (text) => {
  expect(statesCancelled(text)).toBe(true);
});

it.each([
  "order will be canceled",
  "order may be canceled",
  "order is not canceled",
  "order cannot be canceled",
  "canceled orders are refunded",
  "another order is canceled",
  "order is canceled, but it was paid",
  "order is canceled; the refund failed",
  "cancel requested, order is canceled",
  "If no number is found, payment request is canceled",
  "After 21 minutes, the order is canceled",
  "Previous order: canceled",
  "Order 8: canceled",
  "order was canceled. It has been reactivated.",
  "Is the order canceled?",
  "order is canceled: false",
])("%s: does not", (text) => {
  expect(statesCancelled(text)).toBe(false);
});
