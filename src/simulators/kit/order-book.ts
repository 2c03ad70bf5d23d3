export type OrderState = "open" | "cancelled" | "completed";

export interface SimulatedOrder {
  id: string;
  state: OrderState;
  /** Epoch ms. */
  createdAt: number;
  /** As the provider prints it. */
  amount: string;
  /** How many cancel requests that passed authentication have named this order. */
  cancelRequests: number;
  /** When it became cancelled, epoch ms. */
  cancelledAt?: number;
}

export type NewOrder = Partial<Pick<SimulatedOrder, "state" | "createdAt" | "amount">>;

/** The orders one provider knows. */
export interface OrderBook {
  readonly orders: ReadonlyMap<string, SimulatedOrder>;
  /** Adds an order, or replaces the one of that id. */
  add(id: string, order?: NewOrder): void;
  /** Notes an authenticated cancel on every order it names; a name given twice counts once. */
  countCancel(ids: readonly string[]): void;
  cancel(order: SimulatedOrder): void;
}

export function createOrderBook(now: () => number, defaultOrderAgeMs: number): OrderBook {
  const orders = new Map<string, SimulatedOrder>();
  return {
    orders,
    add(id, { state = "open", createdAt = now() - defaultOrderAgeMs, amount = "22000" } = {}) {
      orders.set(id, { id, state, createdAt, amount, cancelRequests: 0 });
    },
    countCancel(ids) {
      for (const id of new Set(ids)) {
        const order = orders.get(id);
        if (order !== undefined) order.cancelRequests += 1;
      }
    },
    cancel(order) {
      order.state = "cancelled";
      order.cancelledAt = now();
    },
  };
}
