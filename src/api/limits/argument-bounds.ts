import { badRequest, requestError } from "../errors.ts";

/** The least and the greatest value of each argument that is a number, by its name. */
export const argumentBounds: Readonly<Record<string, readonly [least: number, most: number]>> = {
  // More than a person reads at once.
  first: [1, 200],
  // More steps than a cancel can have that is retried and looked up for as long as the settings allow by default.
  last: [1, 200],
  // An hour: older minutes are for a monitoring system to keep.
  minutes: [1, 60],
  // Seconds; words of providers are kept for 15, or for an hour if they never change any more.
  maxAge: [0, 3600],
};

/**
 * Throws BAD_USER_INPUT if the number is out of its bounds. It is called before any part of the operation runs: after a cancel was
 * sent, such an error would say that nothing was. GraphQL itself refuses what is no number.
 */
export function checkBounds(name: string, value: unknown): void {
  const [least, most] = argumentBounds[name] ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (value !== null && !(typeof value === "number" && (value < least || value > most))) return;
  const message = `${name}: needs a whole number from ${least} to ${most}, got ${value}.`;
  throw requestError("BAD_USER_INPUT", message, badRequest);
}
