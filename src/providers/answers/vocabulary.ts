/**
 * The words by which providers say how an order stands. Every answer is read with these lists: refusals, the states of
 * look-ups, and messages beside a success. In doubt a word counts: it only makes the order be looked up.
 *
 * `documented`: a page of a provider has the word. `observed`: somebody saw the provider send it. `plausible`: neither, but
 * the provider's language or its kind of business uses it.
 */
export interface Word {
  word: string;
  source: "documented" | "observed" | "plausible";
  /** Where it comes from. Pages were read on 2026-11-21 and 2026-11-30. */
  from: string;
}

export const cancelledWords: readonly Word[] = [
  ...words("documented", "KwikPaisa check-status, Onramp getOrder, Finpay cancel-order", "cancelled"),
  ...words("documented", "sms4sats get-order-status", "canceled", "returned to your wallet", "funds are returned"),
  ...words(
    "documented",
    "Tronsave fast-charge README: the deadline cancels and refunds",
    "refunded",
    "expired",
    "deadline",
  ),
  ...words("documented", "KwikPaisa retry-logic", "reversed"),
  ...words("documented", "sms4sats cancel-order: it releases the invoice", "released"),
  ...words("documented", "Onramp statusCode, 417: already deleted", "deleted"),
  ...words("plausible", "English", "void", "voided", "closed", "terminated", "withdrawn", "aborted"),
  ...words("plausible", "English", "annulled", "rescinded", "nullified", "lapsed", "rolled back", "money returned"),
  ...words("plausible", "English, misspelt", "canceld", "cancelld", "cancled", "cancelleed", "cancellled"),
  ...words("plausible", "Indonesian, for Finpay", "dibatalkan", "batal", "dikembalikan", "ditutup", "kedaluwarsa"),
  ...words("plausible", "Indonesian, misspelt", "kadaluarsa", "kadaluwarsa", "kedaluarsa"),
  ...words("plausible", "Hindi-English, for KwikPaisa", "cancel ho gaya", "cancel ho gayi", "cancel ho gya"),
  ...words("plausible", "Hindi-English, for KwikPaisa", "cancel ho chuka", "cancel ho chuki", "cancel kar diya"),
  ...words(
    "plausible",
    "Hindi-English, for KwikPaisa",
    "cancel kiya gaya",
    "raddh",
    "radd",
    "nirast",
    "refund ho gaya",
  ),
  ...words("plausible", "Hindi, for KwikPaisa", "रद्द", "निरस्त", "कैंसिल हो गया"),
  ...words(
    "plausible",
    "Chinese, for Tronsave",
    "已取消",
    "已被取消",
    "已经取消",
    "已撤销",
    "已撤单",
    "已退款",
    "已退回",
  ),
  ...words("plausible", "Chinese, for Tronsave", "已作废", "已关闭", "已过期", "已失效", "取消成功", "退款成功"),
  ...words("plausible", "Chinese, traditional", "已撤銷", "已撤單", "已關閉", "已過期", "已經取消"),
];

/** They say so wherever they stand. */
export const underWayWords: readonly Word[] = [
  ...words("documented", "KwikPaisa retry-logic: asks to check again", "processing", "queued"),
  ...words("documented", "KwikPaisa error-codes, 409", "duplicate request"),
  ...words("plausible", "English", "in process", "in progress", "being processed", "cancelling", "canceling"),
  ...words("plausible", "English", "being cancelled", "being canceled", "in queue", "in the queue", "under review"),
  ...words("plausible", "English", "awaiting approval", "pending approval", "pending cancellation", "cancel pending"),
  ...words("plausible", "English of India, for KwikPaisa", "under process", "under progress", "under processing"),
  ...words(
    "plausible",
    "Indonesian, for Finpay",
    "sedang diproses",
    "masih diproses",
    "dalam proses",
    "sedang berlangsung",
  ),
  ...words("plausible", "Hindi-English, for KwikPaisa", "ho raha hai", "ho rahi hai", "ho rha hai", "process me hai"),
  ...words("plausible", "Hindi-English, for KwikPaisa", "process mein hai", "chal raha hai", "jari hai"),
  ...words("plausible", "Hindi, for KwikPaisa", "हो रहा है", "हो रही है", "प्रक्रिया में"),
  ...words(
    "plausible",
    "Chinese, for Tronsave",
    "取消中",
    "正在取消",
    "退款中",
    "处理中",
    "撤销中",
    "待取消",
    "审核中",
    "申请中",
  ),
  ...words("plausible", "Chinese, traditional", "處理中", "撤銷中", "審核中"),
];

/** They say so only beside a word for the act of cancelling: "pending orders" says nothing, "cancel pending" does. */
const underWayOfAct = alternatives([
  ..."already twice duplicate pending progress process processed requested initiated submitted accepted".split(" "),
  ..."received scheduled queued sudah telah diajukan diterima menunggu diproses pehle".split(" "),
]);
const act = alternatives([
  ..."cancel cancellation cancelation cancelling canceling refund reversal pembatalan membatalkan batalkan".split(" "),
  ..."radd raddh 取消 退款 撤销 रद्द".split(" "),
]);

export const tooLateWords: readonly Word[] = [
  ...words("documented", "Tronsave cancel-order and track-order", "matched", "completed"),
  ...words("documented", "KwikPaisa check-status, Finpay cancel-order", "paid"),
  ...words("documented", "Finpay status-check-payment-gateway", "captured"),
  ...words("documented", "sms4sats cancel-order", "delivered", "settled"),
  ...words("documented", "Onramp getOrder", "payment received"),
  ...words("documented", "KwikPaisa webhook-setup: payment.expired", "expired"),
  ...words("plausible", "English", "fulfilled", "too late", "no longer", "any more", "anymore"),
  ...words("plausible", "Indonesian, for Finpay", "sudah dibayar", "telah dibayar", "lunas", "kedaluwarsa"),
  ...words("plausible", "Hindi-English, for KwikPaisa", "paid ho gaya", "paid ho chuka", "bhugtan ho gaya"),
  ...words("plausible", "Chinese, for Tronsave", "已匹配", "已完成", "已支付", "已付款", "已成交", "已结算"),
];

export const notFoundWords: readonly Word[] = [
  ...words("documented", "KwikPaisa cancel-order, 404", "not found"),
  ...words("documented", "Onramp statusCode, 417", "doesn't exist", "does not exist"),
  ...words("plausible", "English", "no such order", "no order", "unknown order", "invalid orderid", "invalid order id"),
  ...words("plausible", "Indonesian, for Finpay", "tidak ditemukan"),
  ...words("plausible", "Chinese, for Tronsave", "不存在", "未找到", "找不到"),
];

/** Whether one of these texts may say that the order is cancelled, by anybody and for any reason. */
export function saysCancelled(...texts: readonly string[]): boolean {
  return says(texts, (text) => cancelled.test(withoutDenials(text)) || actAlone.test(text.trim()));
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
  return says(texts, (text) => anAct.test(text) || cancelled.test(text));
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

/**
 * Whether this text states that this very order is cancelled: a clause says so and nothing else, and no other part of the text
 * takes it back. "Order will be cancelled" and "cancelled orders" do not.
 */
export function statesCancelled(text: string): boolean {
  if (saysUnderWay(text) || saysTooLate(text) || saysNo(text)) return false;
  return says([text], (plain) => plain.split(/[.,;:!]+/).some((clause) => statement.test(clause.trim())));
}

const statement =
  /^((this|the|your) )?((payment )?request|order|payment|invoice|transaction)?( is| was| has been| has)?( already)?( been)? ?(cancell?ed|refunded)$/;

/**
 * Texts are read alone and together, so that a code and its message count as one; but a word of one does not negate one of the
 * other. Their texts are short: in endless ones every word is taken to stand, because to read them would keep the process busy.
 */
function says(texts: readonly string[], test: (text: string) => boolean): boolean {
  const together = texts.join(" ; ");
  if (together.length > longestRead) return true;
  return [...new Set([...texts, together])].some((text) => test(plain(text)) || test(plain(apart(text))));
}

/** In characters. */
const longestRead = 10_000;

/** PENDING_CANCEL and pendingCancel are read as words. */
function apart(text: string): string {
  return text.replace(/(?<=\p{Ll}\p{Ll})(?=\p{Lu}\p{Ll}\p{Ll})/gu, " ");
}

function plain(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/\p{Cf}/gu, "")
    .toLowerCase()
    .replaceAll("’", "'")
    .replace(/[\s_/-]+/g, " ");
}

function withoutDenials(text: string): string {
  return denials.reduce((rest, denial) => rest.replace(denial, " "), text);
}

function words(source: Word["source"], from: string, ...list: readonly string[]): Word[] {
  return list.map((word) => ({ word, source, from }));
}

function anyOf(list: readonly Word[]): string {
  return alternatives(list.map(({ word }) => word));
}

/** Words of Latin letters stand for themselves; Hindi and Chinese ones are found inside longer words. */
function alternatives(list: readonly string[]): string {
  const whole = list.filter((word) => /^[a-z' ]+$/.test(word));
  const parts = list.filter((word) => !whole.includes(word));
  const longestFirst = whole.toSorted((one, other) => other.length - one.length);
  return [`(?<![\\p{Script=Latin}\\p{N}])(?:${longestFirst.join("|")})(?![\\p{Script=Latin}\\p{N}])`, ...parts].join(
    "|",
  );
}

const cancelled = new RegExp(anyOf(cancelledWords), "u");
const underWay = new RegExp(anyOf(underWayWords), "u");
const anAct = new RegExp(act, "u");
const actAlone = new RegExp(`^(?:${act}|batal)[.!]?$`, "u");
const anUnderWayOfAct = new RegExp(underWayOfAct, "u");
const tooLate = new RegExp(anyOf(tooLateWords), "u");
const notFound = new RegExp(anyOf(notFoundWords), "u");

/** "not paid yet", "unpaid", "belum dibayar". */
const notTooLate = new RegExp(
  `\\b(?:not|never|un|belum|tidak|\\w+n't)(?: yet| been| be| have)* (?:${anyOf(tooLateWords)})`,
  "gu",
);

const no =
  /\b(not|cannot|\w+n't|never|fail(s|ed|ure)?|errors?|reject(s|ed)?|refused|denied|declined|invalid|unable|impossible|unsuccessful|pending|tidak|belum|gagal|ditolak|bukan|nahi|nahin|nhi)\b|失败|失敗|拒绝|无法|無法|不能|不可|未|नहीं/u;

const listOf: Readonly<Record<string, string>> = {
  DONE: anyOf(cancelledWords),
  ACT: act,
  UNDERWAY: anyOf(underWayWords),
  OFACT: underWayOfAct,
};

/** What says the opposite: "cannot be cancelled or refunded", "not cancelled yet", "unable to cancel", "tidak dapat dibatalkan". */
const denials = [
  `\\b(?:can(?:not|'t)?\\b[^.,;:]{0,20}? be|(?:could|may|must|should|will)(?:n't| not)(?: yet| longer)? be|(?:not|never|\\w+n't)(?: yet| been| be| eligible to be| allowed to be)*) (?:DONE)(?: (?:or|and|nor) (?:DONE))*`,
  "\\b(?:cannot|can not|can't|unable to|not able to|failed to|(?:could|did|do|does|may) not|not|only\\b[^.,;:]{0,40}?) (?:ACT)",
  "\\b(?:ACT)(?: request)?(?: is| was| has been)? (?:not|never|failed|refused|rejected|denied|impossible)\\b",
  "\\b(?:not|\\w+n't)(?: yet| been| be| currently)* (?:UNDERWAY|OFACT)",
  "\\b(?:tidak|belum|tak|gagal|bukan|jangan|hanya)(?: (?:dapat|bisa|boleh|berhasil|pernah|lagi|untuk|sedang))* (?:DONE|ACT|UNDERWAY)",
  "\\b(?:before|prior to|without|error|failed|problem)(?: while| when| in)? cancell?ing",
  "\\b(?:dapat|bisa|boleh) (?:DONE)",
  "(?:ACT)(?: ho| kar| kiya)? (?:nahi|nahin|nhi|na|mat|नहीं|नही)(?: \\S+){0,3}",
  "(?:रद्द|कैंसिल) (?:किया|की) जा सक",
  "(?:无法|無法|不能|不可以?|未能|尚未|没有|未|不)被?(?:取消|退款|撤销|撤銷)|(?:取消|退款|撤销)(?:失败|失敗)",
  // It is not the order that has expired.
  "\\b(?:timestamp|time stamp|token|signature|session|nonce|certificate|credentials?|key|otp)(?: \\w+){0,2} expired|expired (?:timestamp|token|signature|session|key)",
].map(
  (denial) =>
    new RegExp(
      denial.replace(/DONE|ACT|UNDERWAY|OFACT/g, (name) => listOf[name] ?? ""),
      "gu",
    ),
);
