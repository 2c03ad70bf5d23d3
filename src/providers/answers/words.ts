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
  ...words("documented", "sms4sats get-order-status", "canceled | returned to your wallet | funds are returned"),
  ...words(
    "documented",
    "Tronsave fast-charge README: the deadline cancels and refunds",
    "refunded | expired | deadline",
  ),
  ...words("documented", "KwikPaisa retry-logic", "reversed"),
  ...words("documented", "sms4sats cancel-order: it releases the invoice", "released"),
  ...words("documented", "Onramp statusCode, 417: already deleted", "deleted"),
  ...words("plausible", "English", "void | voided | closed | terminated | withdrawn | aborted"),
  ...words("plausible", "English", "annulled | rescinded | nullified | lapsed | rolled back | money returned"),
  ...words("plausible", "English", "revoked | removed | invalidated | discarded | called off | no longer active"),
  ...words("plausible", "English", "nothing to cancel | no need to cancel | nothing to refund"),
  ...words("plausible", "English, shortened", "cxl | cxld | cncl | canc | cancl"),
  ...words("plausible", "English, misspelt", "canceld | cancelld | cancled | cancelleed | cancellled"),
  ...words("plausible", "Indonesian, for Finpay", "dibatalkan | batal | dikembalikan | ditutup | kedaluwarsa"),
  ...words("plausible", "Indonesian, for Finpay", "dihapus | hangus | dicabut"),
  ...words("plausible", "Indonesian, misspelt", "kadaluarsa | kadaluwarsa | kedaluarsa"),
  ...words("plausible", "Hindi-English, for KwikPaisa", "cancel ho gaya | cancel ho gayi | cancel ho gya"),
  ...words("plausible", "Hindi-English, for KwikPaisa", "cancel ho chuka | cancel ho chuki | cancel kar diya"),
  ...words("plausible", "Hindi-English, for KwikPaisa", "cancel kiya gaya | raddh | radd | nirast | refund ho gaya"),
  ...words("plausible", "Hindi-English, for KwikPaisa", "khatam ho gaya | band ho gaya | samapt"),
  ...words("plausible", "Hindi, for KwikPaisa", "रद्द | निरस्त | कैंसिल हो गया"),
  ...words("plausible", "Chinese, for Tronsave", "已取消 | 已被取消 | 已经取消 | 已撤销 | 已撤单 | 已退款 | 已退回"),
  ...words("plausible", "Chinese, for Tronsave", "已作废 | 已关闭 | 已过期 | 已失效 | 取消成功 | 退款成功"),
  ...words("plausible", "Chinese, for Tronsave", "已终止 | 已删除 | 已撤回"),
  ...words("plausible", "Chinese, traditional", "已撤銷 | 已撤單 | 已關閉 | 已過期 | 已經取消"),
];

/** They say so wherever they stand. */
export const underWayWords: readonly Word[] = [
  ...words("documented", "KwikPaisa retry-logic: asks to check again", "processing | queued"),
  ...words("documented", "KwikPaisa error-codes, 409", "duplicate request"),
  ...words("plausible", "English", "in process | in progress | being processed | cancelling | canceling"),
  ...words("plausible", "English", "being cancelled | being canceled | in queue | in the queue | under review"),
  ...words("plausible", "English", "awaiting approval | pending approval | pending cancellation | cancel pending"),
  ...words("plausible", "English of India, for KwikPaisa", "under process | under progress | under processing"),
  ...words(
    "plausible",
    "Indonesian, for Finpay",
    "sedang diproses | masih diproses | dalam proses | sedang berlangsung",
  ),
  ...words("plausible", "Hindi-English, for KwikPaisa", "ho raha hai | ho rahi hai | ho rha hai | process me hai"),
  ...words("plausible", "Hindi-English, for KwikPaisa", "process mein hai | chal raha hai | jari hai"),
  ...words("plausible", "Hindi, for KwikPaisa", "हो रहा है | हो रही है | प्रक्रिया में"),
  ...words(
    "plausible",
    "Chinese, for Tronsave",
    "取消中 | 正在取消 | 退款中 | 处理中 | 撤销中 | 待取消 | 审核中 | 申请中",
  ),
  ...words("plausible", "Chinese, traditional", "處理中 | 撤銷中 | 審核中"),
];

/** They say so only beside a word for the act of cancelling: "pending orders" says nothing, "cancel pending" does. */
export const underWayOfActWords: readonly Word[] = [
  ...words("plausible", "English", "already | duplicate | pending | progress | process | processed | requested"),
  ...words("plausible", "English", "initiated | submitted | accepted | received | scheduled | queued"),
  ...words("plausible", "English", "raised | placed | logged | registered | recorded | acknowledged | exists | sent"),
  ...words("plausible", "English", "started | begun | ongoing | underway | under way | running | awaiting | awaits"),
  ...words("plausible", "Indonesian, for Finpay", "sudah | telah | diajukan | diterima | menunggu | diproses"),
  ...words("plausible", "Hindi-English, for KwikPaisa", "pehle"),
];

/** They say that it is cancelled, but only beside a word for the act of cancelling: "order completed" says the opposite. */
export const doneOfActWords: readonly Word[] = [
  ...words("plausible", "English", "completed | complete | done | succeeded | successful | successfully | confirmed"),
  ...words("plausible", "English", "executed | effective | performed | finished | finalised | finalized"),
  ...words("plausible", "Indonesian, for Finpay", "berhasil | selesai | sukses"),
  ...words("plausible", "Hindi-English, for KwikPaisa", "ho gaya | ho gayi | ho chuka | ho chuki | safal"),
  ...words("plausible", "Chinese, for Tronsave", "成功 | 已完成"),
];

/** A second cancel is refused because of the first: they say so beside a word of cancelling, even in a denial. */
export const repeatedWords: readonly Word[] = [
  ...words("plausible", "English", "twice | again | a second time | second cancel | more than once | once more"),
  ...words("plausible", "Indonesian, for Finpay", "lagi | dua kali | kembali"),
  ...words("plausible", "Hindi-English and Hindi, for KwikPaisa", "dobara | phir se | fir se | दोबारा | फिर से"),
  ...words("plausible", "Chinese, for Tronsave", "重复 | 重複 | 再次"),
];

/** The act of cancelling. */
export const actWords: readonly Word[] = [
  ...words("documented", "all five", "cancel"),
  ...words("plausible", "English", "cancellation | cancelation | cancelling | canceling | refund | reversal"),
  ...words("plausible", "Indonesian, for Finpay", "pembatalan | membatalkan | batalkan"),
  ...words("plausible", "Hindi-English and Hindi, for KwikPaisa", "radd | raddh | रद्द"),
  ...words("plausible", "Chinese, for Tronsave", "取消 | 退款 | 撤销"),
];

export const tooLateWords: readonly Word[] = [
  ...words("documented", "Tronsave cancel-order and track-order", "matched | completed"),
  ...words("documented", "KwikPaisa check-status, Finpay cancel-order", "paid"),
  ...words("documented", "Finpay status-check-payment-gateway", "captured"),
  ...words("documented", "sms4sats cancel-order", "delivered | settled"),
  ...words("documented", "Onramp getOrder", "payment received"),
  ...words("documented", "KwikPaisa webhook-setup: payment.expired", "expired"),
  ...words("plausible", "English", "fulfilled | too late | no longer | any more | anymore"),
  ...words("plausible", "Indonesian, for Finpay", "sudah dibayar | telah dibayar | lunas | kedaluwarsa"),
  ...words("plausible", "Hindi-English, for KwikPaisa", "paid ho gaya | paid ho chuka | bhugtan ho gaya"),
  ...words("plausible", "Chinese, for Tronsave", "已匹配 | 已完成 | 已支付 | 已付款 | 已成交 | 已结算"),
];

export const notFoundWords: readonly Word[] = [
  ...words("documented", "KwikPaisa cancel-order, 404", "not found"),
  ...words("documented", "Onramp statusCode, 417", "doesn't exist | does not exist"),
  ...words("plausible", "English", "no such order | no order | unknown order | invalid orderid | invalid order id"),
  ...words("plausible", "Indonesian, for Finpay", "tidak ditemukan"),
  ...words("plausible", "Chinese, for Tronsave", "不存在 | 未找到 | 找不到"),
];

function words(source: Word["source"], from: string, list: string): Word[] {
  return list.split(" | ").map((word) => ({ word, source, from }));
}
