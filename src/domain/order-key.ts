import type { OrderKey } from "./cancellation.ts";

/** An order's key as one text, for maps. No provider's name holds a line break, so that two keys never share a text. */
export function orderKeyText({ provider, orderId }: OrderKey): string {
  return `${provider}\n${orderId}`;
}
