import { requestError } from "./errors.ts";

/** Longest id that is accepted, in UTF-16 units. The longest documented ones have 64. */
const maxIdLength = 200;

/** Throws BAD_USER_INPUT with the positions of impossible ids. Then nothing is sent or recorded. */
export function checkOrderIds(ids: readonly string[], maxIds: number): void {
  if (ids.length > maxIds) {
    throw requestError("BAD_USER_INPUT", `ids: at most ${maxIds} ids are allowed in one request, got ${ids.length}.`);
  }
  const faults = ids.flatMap((id, position) => {
    const fault = faultOf(id);
    return fault ? [`ids[${position}] ${fault}`] : [];
  });
  if (faults.length === 0) return;
  const more = faults.length > 10 ? [`and ${faults.length - 10} more`] : [];
  throw requestError("BAD_USER_INPUT", `${[...faults.slice(0, 10), ...more].join("; ")}. Nothing was sent.`);
}

/** Why this text cannot be an order id; undefined if it can. */
export function faultOf(id: string): string | undefined {
  if (id.trim() === "") return "is empty";
  if (id.length > maxIdLength) return `has ${id.length} characters, at most ${maxIdLength} are allowed`;
  if (/\p{Cc}/u.test(id)) return "holds control characters";
  if (!id.isWellFormed()) return "is not well-formed Unicode";
  return undefined;
}
