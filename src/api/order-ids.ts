import type { OrderKey } from "../domain/cancellation.ts";
import type { ProviderName } from "../providers/registry.ts";
import { requestError } from "./errors.ts";

/** An order that a request names. */
export interface NamedOrder extends OrderKey {
  /** Where in the arguments, as `ids[3]`. */
  place: string;
}

export function namedByIds({ provider, ids }: { provider: ProviderName; ids: readonly string[] }): NamedOrder[] {
  return ids.map((orderId, index) => ({ provider, orderId, place: `ids[${index}]` }));
}

export function namedByKeys({ orders }: { orders: readonly { provider: ProviderName; id: string }[] }): NamedOrder[] {
  return orders.map(({ provider, id }, index) => ({ provider, orderId: id, place: `orders[${index}].id` }));
}

/** Longest id that is accepted, in UTF-16 units. The longest documented ones have 64. */
const maxIdLength = 200;

/** Throws BAD_USER_INPUT with the places of impossible ids. Then nothing is sent or recorded. */
export function checkOrderIds(orders: readonly NamedOrder[], maxIds: number): void {
  checkNumber(orders.length, maxIds);
  const faults = orders.flatMap(({ orderId, place }) => {
    const fault = faultOf(orderId);
    return fault ? [`${place} ${fault}`] : [];
  });
  if (faults.length === 0) return;
  throw requestError("BAD_USER_INPUT", `${listed(faults, ";")}. Nothing was sent.`);
}

/** `count`: of the ids in all fields of the request together. */
export function checkNumber(count: number, maxIds: number): void {
  if (count <= maxIds) return;
  throw requestError(
    "BAD_USER_INPUT",
    `ids: at most ${maxIds} ids are allowed in one request, got ${count}. Nothing was sent.`,
  );
}

/** Why this text cannot be an order id; undefined if it can. */
export function faultOf(id: string): string | undefined {
  if (id.trim() === "") return "is empty";
  if (id.length > maxIdLength) return `has ${id.length} characters, at most ${maxIdLength} are allowed`;
  if (/\p{Cc}/u.test(id)) return "holds control characters";
  if (!id.isWellFormed()) return "is not well-formed Unicode";
  return undefined;
}

/** The first ten of these texts, and how many more there are. */
export function listed(texts: readonly string[], separator: "," | ";" = ","): string {
  const first = texts.slice(0, 10).join(`${separator} `);
  if (texts.length <= 10) return first;
  return `${first}${separator === ";" ? ";" : ""} and ${texts.length - 10} more`;
}
