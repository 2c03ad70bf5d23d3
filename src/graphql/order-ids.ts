import { requestError } from "./errors.ts";

/** Longest id that is accepted, in UTF-16 units. The longest documented ones have 64. */
const maxIdLength = 200;

/** Throws BAD_USER_INPUT that names the positions of ids that cannot be; nothing is sent or recorded then. */
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

/** Why this can be no order id, or undefined where it can. */
export function faultOf(id: string): string | undefined {
  if (id.trim() === "") return "is empty";
  if (id.length > maxIdLength) return `has ${id.length} characters, at most ${maxIdLength} are allowed`;
  if (/\p{Cc}/u.test(id)) return "holds control characters";
  if (!id.isWellFormed()) return "is not well-formed Unicode";
  return undefined;
}
