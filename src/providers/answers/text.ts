/** A text as its words are compared: in lower case, with one space between words, and without what hides them. */
export function plain(text: string): string {
  return lower(readable(text));
}

/** The same with words parted that are written together: pendingCancel, ORDERCANCELLED, cancelrequested. */
export function plainApart(text: string): string {
  return lower(
    readable(text)
      .replace(/(?<=\p{Ll}\p{Ll})(?=\p{Lu}\p{Ll}\p{Ll})/gu, " ")
      .replace(/(?<=\p{L})(?<!un|non)(?=cancel|refunded|expired|dibatalkan)/giu, " ")
      .replace(/(?<=cancell?(?:ed|ing|ation)|refunded|expired|dibatalkan)(?=\p{L})/giu, " ")
      .replace(/(?<=cancel)(?=\p{L})(?![laei])/giu, " "),
  );
}

/** Whether letters of Latin stand in one word with letters of Cyrillic or Greek that may look like them. */
export function isOfTwoAlphabets(text: string): boolean {
  return /\p{Script=Latin}[\p{Script=Cyrillic}\p{Script=Greek}]|[\p{Script=Cyrillic}\p{Script=Greek}]\p{Script=Latin}/u.test(
    text,
  );
}

const named: Readonly<Record<string, string>> = { nbsp: " ", amp: "&", quot: '"', apos: "'", lt: "<", gt: ">" };

/**
 * What HTML, addresses and JSON within JSON have escaped. PHP, in which several providers are written, escapes quotes for HTML
 * and all but ASCII in JSON.
 */
function decoded(text: string): string {
  return text
    .replace(/\\u([\da-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\[nrtbf]/g, " ")
    .replace(/(?:%[\da-f]{2})+/gi, (escaped) => Buffer.from(escaped.replaceAll("%", ""), "hex").toString())
    .replace(/&#(?:x([\da-f]{1,6})|(\d{1,7}));/gi, (escaped, hex?: string, digits?: string) => {
      const point = hex ? Number.parseInt(hex, 16) : Number(digits);
      return point <= 0x10ffff ? String.fromCodePoint(point) : escaped;
    })
    .replace(/&(\w+);/g, (escaped, name: string) => named[name] ?? escaped);
}

/** Without escapes, accents of Latin letters, and characters that have no form. */
function readable(text: string): string {
  return decoded(text)
    .replace(/\s+/g, " ")
    .normalize("NFKD")
    .replace(/\p{C}|[\u0300-\u036f]|[\ufe00-\ufe0f]/gu, "")
    .normalize("NFC");
}

function lower(text: string): string {
  return text
    .toLowerCase()
    .replace(/[\s_/-]+/g, " ")
    .replaceAll("’", "'");
}
