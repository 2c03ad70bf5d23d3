import { expect, it } from "vitest";
import { mayMeanCancelled } from "../../src/providers/answers/refusal.ts";

it.each([
  ["a character without form", "already\u200bcancelled"],
  ["a control character", "can\u0000celled"],
  ["an accent", "cáncelled"],
  ["letters of full width", "ｃａｎｃｅｌｌｅｄ"],
  ["letters of two alphabets", "c\u0430ncelled"],
  ["an address's escapes", "order%20already%20cancelled"],
  ["an address's escapes of Chinese", "%E5%B7%B2%E5%8F%96%E6%B6%88"],
  ["HTML's escapes", "&#x5df2;&#21462;&#x6d88;"],
  ["JSON's escapes of Hindi", String.raw`\u0930\u0926\u094d\u0926`],
  ["JSON within JSON", '{"reason":"Order CANCELLED"}'],
  ["a digit", "CANCELLED2"],
  ["no space before it", "ORDERCANCELLED"],
  ["no space after it", "CANCELLEDBYUSER"],
  ["no space within it", "cancelrequested"],
  ["HTML", "<b>cancelled</b>"],
])("%s hides no word: %s", (_, text) => {
  expect(mayMeanCancelled(text)).toBe(true);
});

it.each([
  "Order cannot be cancelled again",
  "An order can not be cancelled a second time",
  "Transaksi tidak dapat dibatalkan lagi",
  "dobara cancel nahi ho sakta",
  "不能重复取消",
  "Cancellation was completed earlier",
  "the cancel succeeded before",
  "Pembatalan berhasil",
  "Cancel request exists",
  "Order not found or cancelled",
  "not cancelled by you but cancelled by admin",
  "API key revoked; order removed",
])("%s: may tell of a cancellation before", (text) => {
  expect(mayMeanCancelled(text)).toBe(true);
});

it.each([
  "This order can&#039;t be cancelled",
  "order%20cannot%20be%20cancelled",
  "NOTCANCELLED",
  "not\u200bcancelled",
  "uncancellable",
  "Cannot cancel, try again",
  "gagal membatalkan, coba lagi",
  "cancel request not completed",
  "API key has been revoked",
  "the account is closed",
])("%s: tells of none, however it is written", (text) => {
  expect(mayMeanCancelled(text)).toBe(false);
});
