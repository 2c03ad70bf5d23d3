import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cancelledWords, tooLateWords, underWayWords } from "../../src/providers/answers/words.ts";
import { type Play, type PlayedAnswer, playToEnd } from "../support/play.ts";

/** Answers in one provider's own format, with any words in them. None of the look-ups says open, closed or cancelled. */
interface Format extends Pick<Play, "provider" | "settings" | "id"> {
  refusals: ((words: string) => PlayedAnswer)[];
  /** A success of its pages, with words beside it. */
  successes: ((words: string) => PlayedAnswer)[];
  /** The order in a state of this name, which no page has. */
  states: ((words: string) => PlayedAnswer)[];
}

const formats: Format[] = [
  finpay("always"),
  finpay("never"),
  {
    provider: "KWIKPAISA",
    settings: { KWIKPAISA_API_KEY: "key", KWIKPAISA_SECRET_KEY: "secret" },
    id: "7",
    refusals: [
      ...[400, 404, 409, 422].map((code) => (message: string) => answer(code, { status: false, code, message })),
      (errors) => answer(200, { status: "failed", code: "409", message: "Permission denied", errors: [{ errors }] }),
    ],
    successes: [
      (message) => answer(200, { code: "200", status: "success", message, return_data: { order_status: "CANCELLED" } }),
      (note) => answer(200, { code: "200", status: "success", return_data: { order_status: "CANCELLED", note } }),
    ],
    states: [
      (state) => answer(200, { code: "200", status: "success", return_data: { order_id: "7", order_status: state } }),
    ],
  },
  {
    provider: "ONRAMP",
    settings: { ONRAMP_API_KEY: "key", ONRAMP_API_SECRET: "secret" },
    id: "7",
    refusals: [400, 406, 409, 417, 428].flatMap((code) => [
      (error: string) => answer(code, { status: 0, code, error }),
      (error: string) => answer(200, { status: 0, code, error }),
    ]),
    successes: [(message) => answer(200, { status: 1, code: 200, message, data: { orderId: "7", status: -3 } })],
    states: [(status) => answer(200, { status: 1, code: 200, data: { orderId: 7, status } })],
  },
  {
    provider: "SMS4SATS",
    settings: { SMS4SATS_ENABLED: "true" },
    id: "7",
    refusals: [
      (reason) => answer(500, { status: "error", reason }),
      (reason) => answer(200, { status: "error", reason }),
    ],
    successes: [(error) => answer(200, { status: "OK", error }), (message) => answer(200, { status: "OK", message })],
    // It has no states. The order is ten minutes old.
    states: [() => answer(200, { status: "OK", paid: true, timestamp: now - 600_000 })],
  },
  {
    provider: "TRONSAVE",
    settings: { TRONSAVE_API_KEY: "key" },
    id: "7",
    refusals: [
      (fail_reason) => answer(200, { cancel_results: [{ order_id: "7", is_success: false, fail_reason }] }),
      (message) => answer(400, { error: true, message }),
      (message) => answer(400, { INVALID_PARAMS: message }),
    ],
    successes: [
      (fail_reason) => answer(200, { cancel_results: [{ order_id: "7", is_success: true, fail_reason }] }),
      (note) => answer(200, { cancel_results: [{ order_id: "7", is_success: true, fail_reason: null, note }] }),
    ],
    states: [(status) => answer(200, { results: [{ order_id: "7", status }] })],
  },
];

const now = 1_778_659_835_000;

describe.each(formats)("$provider $settings.FINPAY_CANCEL_BODY", ({ refusals, successes, states, ...provider }) => {
  it("refusals that hold a word of cancelled or under way: REJECTED only if a look-up says open or closed", async () => {
    const doubtful = textWith([...cancelledWords, ...underWayWords].map(({ word }) => word));
    const lookups = fc.array(answersOf(states, fc.constant("ON_HOLD")), { minLength: 1, maxLength: 4 });
    await never("REJECTED", fc.array(answersOf(refusals, doubtful), { minLength: 1, maxLength: 4 }), lookups);
  });

  it("states that hold such a word: a refusal without one does not end REJECTED either", async () => {
    if (provider.provider === "SMS4SATS") return expect(states).toHaveLength(1);
    const doubtful = textWith([...cancelledWords, ...underWayWords].map(({ word }) => word));
    // The words alone may be the name of a state that is known.
    const unknownState = doubtful.map((words) => `In ${words}`);
    const plain = fc.array(answersOf(refusals, fc.constant("no")), { minLength: 1, maxLength: 2 });
    await never("REJECTED", plain, fc.array(answersOf(states, unknownState), { minLength: 1, maxLength: 4 }));
  });

  it("successes that contradict themselves: CANCELLED only if a look-up says so", async () => {
    const others = [
      "cannot be cancelled",
      "not cancelled",
      "failed",
      "tidak dapat dibatalkan",
      "cancel nahi hua",
      "取消失败",
    ];
    const contrary = textWith([...[...underWayWords, ...tooLateWords].map(({ word }) => word), ...others]);
    const lookups = fc.array(answersOf(states, fc.constant("ON_HOLD")), { minLength: 1, maxLength: 4 });
    await never("CANCELLED", fc.array(answersOf(successes, contrary), { minLength: 1, maxLength: 4 }), lookups);
  });

  async function never(status: string, cancels: fc.Arbitrary<PlayedAnswer[]>, lookups: fc.Arbitrary<PlayedAnswer[]>) {
    await fc.assert(
      fc.asyncProperty(cancels, lookups, async (cancel, lookup) => {
        expect(await playToEnd({ ...provider, now, cancel, lookup })).not.toMatchObject({ status });
      }),
      { numRuns: 150 },
    );
  }
});

function finpay(cancelBody: "always" | "never"): Format {
  const success = { responseCode: "2000000", responseMessage: "Request has been processed successfully" };
  const order = { id: "7", amount: "22000" };
  return {
    provider: "FINPAY",
    settings: { FINPAY_MERCHANT_ID: "id", FINPAY_MERCHANT_KEY: "key", FINPAY_CANCEL_BODY: cancelBody },
    id: "7",
    refusals: ["4000000", "4030000", "4030015", "4040100", "4040101", "4090000"].flatMap((responseCode) => [
      (responseMessage: string) => answer(Number(responseCode.slice(0, 3)), { responseCode, responseMessage }),
      (detail: string) => answer(200, { responseCode, responseMessage: "Refused", data: { detail } }),
    ]),
    successes: [
      (responseMessage) => answer(200, { ...success, responseMessage }),
      (status) => answer(200, { ...success, data: { result: { payment: { status } } } }),
      (statusDesc) => answer(200, { ...success, data: { result: { payment: { statusDesc } } } }),
    ],
    states: [
      (status) => answer(200, { ...success, data: { order, result: { payment: { status, statusDesc: "Status" } } } }),
      (statusDesc) => answer(200, { ...success, data: { order, result: { payment: { status: "X", statusDesc } } } }),
    ],
  };
}

function answer(status: number, json: unknown): PlayedAnswer {
  return { status, json };
}

function answersOf(
  forms: ((words: string) => PlayedAnswer)[],
  words: fc.Arbitrary<string>,
): fc.Arbitrary<PlayedAnswer> {
  return fc.tuple(fc.constantFrom(...forms), words).map(([form, text]) => form(text));
}

/** One of these words anywhere in a text, in any case, and joined as codes are. */
function textWith(words: readonly string[]): fc.Arbitrary<string> {
  const filler = fc.constantFrom(
    "",
    "Order ",
    "ID 4711: ",
    "Transaksi ini ",
    "订单",
    "aapka order ",
    "STATUS_",
    "...",
    "(",
    "\n",
  );
  return fc
    .tuple(
      filler,
      fc.constantFrom(...words),
      filler,
      fc.constantFrom(" ", "_", "-"),
      fc.nat(),
      fc.constantFrom(...disguises),
    )
    .map(([before, word, after, gap, bits, disguise]) =>
      disguise(`${before}${inCase(word, bits).replaceAll(" ", gap)} ${after}`),
    );
}

/** How a text may be written otherwise. */
const disguises: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => [...text].join("\u200b"),
  (text) => text.replace(/[a-z]/gi, (letter) => String.fromCodePoint(letter.charCodeAt(0) + 0xfee0)),
  (text) => [...text].map((letter) => `&#${letter.codePointAt(0)};`).join(""),
  (text) => text.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
  encodeURIComponent,
  (text) => JSON.stringify({ errors: [{ text }] }),
  (text) => `https://example.com/help ${text}`,
];

/** Each letter in upper case if its bit is set. */
function inCase(word: string, bits: number): string {
  return [...word].map((letter, at) => ((bits >> (at % 31)) & 1 ? letter.toUpperCase() : letter)).join("");
}
