import { createHash, timingSafeEqual } from "node:crypto";

/** Whether a header holds the secret. Hashes are compared in constant time, so that nobody can measure parts of the secret. */
export function secretCheck(secret: string): (header: string | string[] | undefined) => boolean {
  const expected = hash(secret);
  return (header) => typeof header === "string" && timingSafeEqual(hash(header), expected);
}

function hash(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
