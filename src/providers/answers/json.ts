/**
 * Reads JSON with every number kept as the text that was printed: providers print the same id as a number here and as a
 * string there, and an amount of 22000.00 must be sent back with its zeros. Undefined if it is not JSON, or if an object has two
 * members of one name: which of them counts differs from reader to reader (RFC 8259, 4).
 */
export function parseJson(text: string): unknown {
  let members = -1;
  try {
    const value = JSON.parse(text, function (this: unknown, _name, inner, context?: { source?: string }) {
      if (!Array.isArray(this)) members++;
      // The text of a primitive as printed (ECMAScript 2026, in Node since 21).
      return typeof inner === "number" ? (context?.source ?? String(inner)) : inner;
    });
    return members === countNames(text) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The strings of a JSON text that a colon follows. */
function countNames(json: string): number {
  let names = 0;
  for (const [, colon] of json.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"\s*(:?)/g)) if (colon) names++;
  return names;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at this path of property names; undefined if any of them is missing. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => (isRecord(inner) ? inner[name] : undefined), value);
}

/** A token as it is compared, whatever its case; empty if it is no text. */
export function upper(value: unknown): string {
  return typeof value === "string" ? value.trim().toUpperCase() : "";
}

/** Whether this part of an answer names this order, or no order at all. The words about another order say nothing about this one. */
export function isAbout(part: unknown, orderId: string, name: "id" | "order_id" | "orderId" | "hash"): boolean {
  const named = at(part, name);
  return named === undefined || comparable(named) === comparable(orderId);
}

/**
 * An id as it is compared: MongoDB prints the 24 hexadecimal digits of an ObjectId in lower case, however they were sent, and
 * longer ones are as unlikely to differ in case only. Case may tell other ids apart.
 */
export function comparable(id: unknown): unknown {
  return typeof id === "string" && /^(0x)?[\da-f]{24,}$/i.test(id) ? id.toLowerCase() : id;
}
