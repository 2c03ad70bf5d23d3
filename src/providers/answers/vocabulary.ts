import { isOfTwoAlphabets, plain, plainApart } from "./text.ts";
import {
  actWords,
  cancelledWords,
  doneOfActWords,
  notFoundWords,
  repeatedWords,
  tooLateWords,
  underWayOfActWords,
  underWayWords,
  type Word,
} from "./words.ts";

/** Whether one of these texts may say that the order is cancelled, by anybody and for any reason. */
export function saysCancelled(...texts: readonly string[]): boolean {
  return (
    texts.some((text) => actAlone.test(plain(text).trim())) ||
    says(texts, (text) => {
      const asserted = withoutDenials(text);
      return cancelled.test(asserted) || (anAct.test(asserted) && aDoneOfAct.test(asserted)) || isRepeated(text);
    })
  );
}

/** Whether one of them may say that a cancel of the order is under way. */
export function saysUnderWay(...texts: readonly string[]): boolean {
  return says(texts, (text) => {
    const asserted = withoutDenials(text);
    return underWay.test(asserted) || (anAct.test(asserted) && anUnderWayOfAct.test(asserted));
  });
}

/** Whether one of them speaks of cancelling at all; "payment in process" does not. */
export function isAboutCancelling(...texts: readonly string[]): boolean {
  return says(texts, isAct);
}

/** Whether one of them says that it is too late: the order went another way than to be cancelled. */
export function saysTooLate(...texts: readonly string[]): boolean {
  return says(texts, (text) => tooLate.test(text.replace(notTooLate, " ")));
}

export function saysNotFound(...texts: readonly string[]): boolean {
  return says(texts, (text) => notFound.test(text));
}

/** Whether one of them says that something is not so, not done, or went wrong. */
export function saysNo(...texts: readonly string[]): boolean {
  return says(texts, (text) => no.test(text) || withoutDenials(text) !== text);
}

/** Whether this text speaks of cancelling only to deny it. */
export function deniesCancelled(text: string): boolean {
  return isAboutCancelling(text) && !saysCancelled(text) && !saysUnderWay(text) && saysNo(text);
}

/**
 * Whether this text states that this very order is cancelled: a clause says so and nothing else. Before it a reason may stand, after
 * it only that the money is back. "Order will be cancelled", "cancelled orders" and "if …, the order is cancelled" do not state it.
 */
export function statesCancelled(text: string): boolean {
  if (text.length > longestRead || saysUnderWay(text) || saysTooLate(text) || saysNo(text)) return false;
  const read = plain(text).trim();
  if (conditional.test(read) || /[?:]/.test(read)) return false;
  const clauses = read.split(/[.,;!]+/).map((clause) => clause.trim());
  const stated = clauses.findIndex((clause) => statement.test(clause));
  return stated >= 0 && clauses.slice(stated + 1).every((clause) => clause === "" || moneyIsBack.test(clause));
}

const statement =
  /^((this|the|your) )?((payment )?request|order|payment|invoice|transaction)?( is| was| has been| has)?( already)?( been)? ?(cancell?ed|refunded)$/;
const moneyIsBack =
  /^((and|the|your|all) )*(funds|money|payment|sats|invoice|hold invoice|amount)( are| is| was| were| has been| have been)( automatically)?( returned| refunded| released)( back)?( to (you|your wallet))?( automatically)?$/;
const conditional =
  /\b(if|when|whenever|once|unless|until|till|while|after|before|otherwise|else|or|in case|as soon|soon|later|then|should|would|will|may|might|can|could|must|shall|to be|previous|earlier|last|other|another|others|some|any|each|every|all orders)\b/;

/**
 * Texts are read together, so that a code and its message count as one; but a word of one does not negate one of the other. Their
 * texts are short: in endless ones every word is taken to stand, because to read them would keep the process busy; and so it is in
 * words of two alphabets, which nobody can read.
 */
function says(texts: readonly string[], test: (text: string) => boolean): boolean {
  const together = texts.join(" ; ");
  if (together.length > longestRead || isOfTwoAlphabets(together)) return true;
  const read = plain(together);
  const parted = plainApart(together);
  return test(read) || (parted !== read && test(parted));
}

/** In characters. */
const longestRead = 10_000;

/** "Cannot be cancelled again" denies nothing. "Try again" asks for another request. */
function isRepeated(text: string): boolean {
  return repeated.test(text.replace(/\b(?:try|retry|trying|coba)(?: it)? (?:again|lagi)\b/g, " ")) && isAct(text);
}

function isAct(text: string): boolean {
  return anAct.test(text) || cancelled.test(text);
}

function withoutDenials(text: string): string {
  return denials.reduce((rest, denial) => rest.replace(denial, " "), text);
}

/** A pattern for any of these. Words of Latin letters stand for themselves; Hindi and Chinese ones are found inside longer words. */
function anyOf(list: readonly Word[]): string {
  const all = list.map(({ word }) => word);
  const latin = all.filter((word) => /^[a-z' ]+$/.test(word)).toSorted((one, other) => other.length - one.length);
  const others = all.filter((word) => !latin.includes(word));
  return [`(?<!\\p{Script=Latin})(?:${latin.join("|")})(?!\\p{Script=Latin})`, ...others].join("|");
}

const cancelled = new RegExp(anyOf(cancelledWords), "u");
const underWay = new RegExp(anyOf(underWayWords), "u");
const anAct = new RegExp(anyOf(actWords), "u");
const actAlone = new RegExp(`^(?:${anyOf(actWords)})[.!]?$`, "u");
const anUnderWayOfAct = new RegExp(anyOf(underWayOfActWords), "u");
const aDoneOfAct = new RegExp(anyOf(doneOfActWords), "u");
const repeated = new RegExp(anyOf(repeatedWords), "u");
const tooLate = new RegExp(anyOf(tooLateWords), "u");
const notFound = new RegExp(anyOf(notFoundWords), "u");

/** "not paid yet", "unpaid", "belum dibayar", "cancellation completed". */
const notTooLate = new RegExp(
  `\\b(?:not|never|un|belum|tidak|\\w+n't)(?: yet| been| be| have)* (?:${anyOf(tooLateWords)})|(?:${anyOf(actWords)})(?: request)?(?: is| was| has been| already)* completed`,
  "gu",
);

const no =
  /\b(not|cannot|\w+n't|never|fail(s|ed|ure)?|errors?|reject(s|ed)?|refused|denied|declined|invalid|unable|impossible|unsuccessful|pending|tidak|belum|gagal|ditolak|bukan|nahi|nahin|nhi)\b|失败|失敗|拒绝|无法|無法|不能|不可|未|नहीं/u;

const listOf: Readonly<Record<string, string>> = {
  DONE: anyOf(cancelledWords),
  ACT: anyOf(actWords),
  UNDERWAY: anyOf(underWayWords),
  OFACT: anyOf(underWayOfActWords),
};

const notOrders = "timestamp|time stamp|token|signature|nonce|certificate|credentials?|key|otp|account";
const ended = "expired|revoked|removed|invalidated|deleted|closed|terminated|withdrawn";

/** What says the opposite: "cannot be cancelled or refunded", "not cancelled yet", "unable to cancel", "tidak dapat dibatalkan". */
const denials = [
  `\\b(?:can(?:not|'t)?\\b[^.,;:]{0,20}? be|(?:could|may|must|should|will)(?:n't| not)(?: yet| longer)? be|(?:not|never|\\w+n't)(?: yet| been| be| eligible to be| allowed to be)*) (?:DONE)(?: (?:or|and|nor) (?:DONE))*`,
  "\\b(?:cannot|can not|can't|unable to|not able to|failed to|(?:could|did|do|does|may) not|not|only\\b[^.,;:]{0,40}?) (?:ACT)",
  "\\b(?:ACT)(?: request)?(?: is| was| has been)? (?:not|never|failed|refused|rejected|denied|impossible)\\b",
  "\\b(?:ACT)(?: request)? (?:window|period|time)(?: is| was| has| has been| already)* (?:DONE)",
  "\\b(?:not|\\w+n't)(?: yet| been| be| currently)* (?:UNDERWAY|OFACT)",
  "\\b(?:tidak|belum|tak|gagal|bukan|jangan|hanya)(?: (?:dapat|bisa|boleh|berhasil|pernah|lagi|untuk|sedang))* (?:DONE|ACT|UNDERWAY)",
  "\\b(?:before|prior to|without|error|failed|problem)(?: while| when| in)? cancell?ing",
  "\\b(?:dapat|bisa|boleh) (?:DONE)",
  "(?:ACT)(?: ho| kar| kiya)? (?:nahi|nahin|nhi|na|mat|नहीं|नही)(?: (?:ho|hua|hui|kar|kiya|ja|saka|sakta|sakti|हो|किया|की|जा|सकता|सकती))*",
  "(?:रद्द|कैंसिल) (?:किया|की) जा सक",
  "(?:无法|無法|不能|不可以?|未能|尚未|没有|未|不)被?(?:取消|退款|撤销|撤銷)|(?:取消|退款|撤销)(?:失败|失敗)",
  // It is not the order that has ended. A payment session is one (KwikPaisa webhook-setup, read 2026-11-30).
  "\\b(?<!payment )(?:session|request)(?: \\w+){0,2} expired|expired session",
  `\\b(?:${notOrders})(?: is| was| has| been| already)* (?:${ended})|(?:${ended}) (?:${notOrders})`,
].map(
  (denial) =>
    new RegExp(
      denial.replace(/DONE|ACT|UNDERWAY|OFACT/g, (name) => listOf[name] ?? ""),
      "gu",
    ),
);
