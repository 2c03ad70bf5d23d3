import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cancelledWords, tooLateWords, underWayWords } from "../../src/providers/answers/words.ts";
import { type Play, type PlayedAnswer, playToEnd } from "../support/play.ts";
import { fillIn, type Wordings } from "../support/wordings.ts";

interface Fixture extends Pick<Play, "provider" | "settings" | "now"> {
  endings: { id: string };
  wordings: Wordings;
}

const folder = new URL("../fixtures/", import.meta.url);
const formats = readdirSync(folder)
  .map((file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Fixture)
  .flatMap(({ provider, settings, now, endings, wordings }) =>
    (wordings.settings ?? [{}]).map((further) => {
      return { provider, settings: { ...settings, ...further }, now, id: endings.id, wordings };
    }),
  );

describe.each(formats)("$provider $settings.FINPAY_CANCEL_BODY", ({ wordings, ...provider }) => {
  const { refusals, successes, states } = wordings;

  it("refusals that hold a word of cancelled or under way: REJECTED only if a look-up says open or closed", async () => {
    const doubtful = textWith([...cancelledWords, ...underWayWords].map(({ word }) => word));
    const lookups = fc.array(answersOf(states, fc.constant("ON_HOLD")), { minLength: 1, maxLength: 4 });
    await never("REJECTED", fc.array(answersOf(refusals, doubtful), { minLength: 1, maxLength: 4 }), lookups);
  });

  it("states that hold such a word: a refusal without one does not end REJECTED either", async () => {
    const named = states.filter(({ json }) => JSON.stringify(json).includes("WORDS"));
    // sms4sats has no states.
    if (named.length === 0) return expect(provider.provider).toBe("SMS4SATS");
    const doubtful = textWith([...cancelledWords, ...underWayWords].map(({ word }) => word));
    // The words alone may be the name of a state that is known.
    const unknownState = doubtful.map((words) => `In ${words}`);
    const plain = fc.array(answersOf(refusals, fc.constant("no")), { minLength: 1, maxLength: 2 });
    await never("REJECTED", plain, fc.array(answersOf(named, unknownState), { minLength: 1, maxLength: 4 }));
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

  it.each([
    { error: "E-17" },
    { errors: [{ id: 17 }] },
    { success: false },
    { isCancelled: false },
    { pending: true },
    { code: 409 },
  ])("successes beside %o: CANCELLED only if a look-up says so", async (denial) => {
    const lookup = states.map((state) => fillIn(state, "ON_HOLD", [provider.id]));
    for (const success of successes) {
      const { status, json } = fillIn(success, "Done", [provider.id]);
      const cancel = [{ status, json: { ...(json as object), ...denial } }];
      expect(await playToEnd({ ...provider, cancel, lookup })).not.toMatchObject({ status: "CANCELLED" });
    }
  });

  async function never(status: string, cancels: fc.Arbitrary<PlayedAnswer[]>, lookups: fc.Arbitrary<PlayedAnswer[]>) {
    await fc.assert(
      fc.asyncProperty(cancels, lookups, async (cancel, lookup) => {
        expect(await playToEnd({ ...provider, cancel, lookup })).not.toMatchObject({ status });
      }),
      { numRuns: 150 },
    );
  }

  function answersOf(forms: readonly PlayedAnswer[], words: fc.Arbitrary<string>): fc.Arbitrary<PlayedAnswer> {
    return fc.tuple(fc.constantFrom(...forms), words).map(([form, text]) => fillIn(form, text, [provider.id]));
  }
});

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
