import { type Answer, post } from "../support/post.ts";

/** Names an order in one text: its provider and its id, with a blank between. */
export type OrderText = string;

interface Data {
  cancelOrders?: { orders: { id: string; cancellation: { status: string } | null }[] };
  _entities?: (EntityOrder | null)[];
  cancellation?: OrderRecord | null;
}

interface EntityOrder {
  provider: string;
  id: string;
  cancellation: Waiting | null;
  cancellability: { state: string; reason: string | null } | null;
}

interface Waiting {
  status: string;
  nextAttemptAt: string | null;
}

export function orderText(provider: string, id: string): OrderText {
  return `${provider} ${id}`;
}

/** Rejects if no answer comes in time: an instance may be frozen. */
export function ask(url: string, query: string, variables: object, withinMs = 20_000): Promise<Answer<Data>> {
  return post(url, { query, variables }, { signal: AbortSignal.timeout(withinMs) });
}

/** An order of sms4sats that is in doubt is looked up once more when its page's 21 minutes are over; no run lasts so long, ms. */
const longerThanARunMs = 5 * 60_000;

/** Status by order, WAITING if nothing happens during a run any more; what has no record is missing. */
export async function readStatuses(url: string, orders: readonly OrderText[]): Promise<Map<OrderText, string>> {
  const query =
    "query($representations:[_Any!]!){_entities(representations:$representations){...on Order{provider id cancellation{status nextAttemptAt}}}}";
  const statuses = new Map<OrderText, string>();
  for (let start = 0; start < orders.length; start += 200) {
    const representations = orders.slice(start, start + 200).map((order) => {
      const [provider, id] = order.split(" ");
      return { __typename: "Order", provider, id };
    });
    const { data } = await ask(url, query, { representations });
    if (!data?._entities) throw new Error("the ledger could not be read");
    for (const order of data._entities) {
      if (order?.cancellation) statuses.set(orderText(order.provider, order.id), statusOf(order.cancellation));
    }
  }
  return statuses;
}

export function isSettled(status: string): boolean {
  return status !== "PENDING" && status !== "WAITING";
}

function statusOf({ status, nextAttemptAt }: Waiting): string {
  const isLate = nextAttemptAt !== null && Date.parse(nextAttemptAt) - Date.now() > longerThanARunMs;
  return status === "PENDING" && isLate ? "WAITING" : status;
}

/** What the ledger knows of one order. */
export interface OrderRecord {
  status: string;
  attempts: number;
  problem: { code: string; providerCode: string | null; providerMessage: string | null } | null;
  history: {
    at: string;
    kind: string;
    attempt: number;
    status: string | null;
    problemCode: string | null;
    httpStatus: number | null;
    durationMs: number | null;
  }[];
}

export async function readRecord(url: string, order: OrderText): Promise<OrderRecord | undefined> {
  const [provider, id] = order.split(" ");
  const query = `{cancellation(provider:${provider},orderId:"${id}"){status attempts problem{code providerCode providerMessage}
    history(last:200){at kind attempt status problemCode httpStatus durationMs}}}`;
  const { data } = await ask(url, query, {});
  return data?.cancellation ?? undefined;
}
