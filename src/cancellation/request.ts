/** A request that names orders: who makes it, and since when it waits. */
export interface OrdersRequest {
  requestedBy: string | null;
  requestId?: string | null;
  /** How long ago it arrived, ms: that counts as waiting. */
  ageMs?: number;
}
