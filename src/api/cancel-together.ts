import { type Cancellation, type OrderKey, orderKeyText } from "../domain/cancellation.ts";

/** The cancels that one GraphQL request asks for, in all its fields. They are recorded together, and wait together. */
export interface CancelTogether {
  /** Adds orders that were checked. */
  add(orders: readonly OrderKey[]): void;
  /** The records of these orders, in order. The first call starts the cancels of all that were added. */
  answer(orders: readonly OrderKey[]): Promise<Cancellation[]>;
}

export function createCancelTogether(
  cancel: (distinct: readonly OrderKey[]) => Promise<readonly Cancellation[]>,
): CancelTogether {
  const added = new Map<string, OrderKey>();
  let cancelling: Promise<Map<string, Cancellation>> | undefined;

  return {
    add: (orders) => {
      for (const { provider, orderId } of orders) added.set(orderKeyText({ provider, orderId }), { provider, orderId });
    },
    answer: async (orders) => {
      const unchecked = orders.some((order) => !added.has(orderKeyText(order)));
      if (unchecked) throw new Error("an order is to be cancelled that was not checked");
      if (orders.length === 0) return [];
      cancelling ??= cancel([...added.values()]).then(byKey);
      const records = await cancelling;
      return orders.flatMap((order) => records.get(orderKeyText(order)) ?? []);
    },
  };
}

function byKey(records: readonly Cancellation[]): Map<string, Cancellation> {
  return new Map(records.map((record) => [orderKeyText(record), record]));
}
