import type { ReceivedRequest, Simulator } from "../../src/sandbox/simulator.ts";
import { type OrderText, orderText, readHistory } from "./client.ts";
import type { Load } from "./load.ts";
import { requestHeader } from "./preload.ts";
import { type Evidence, resentOrders } from "./resent.ts";

/** What the ledger says, held against what the providers know. */
export interface Report extends Broken {
  orders: number;
  /** How often each kind of disturbance happened. */
  disturbances: Readonly<Record<string, number>>;
  upstreamRequests: number;
  /** Complete answers of providers that instances have received. */
  answersReceived: number;
  /** How many orders ended how. */
  statuses: Readonly<Record<string, number>>;
  /** All that is known of the first orders that are counted as broken, for a reader. */
  failures: readonly object[];
}

/** Guarantees that did not hold, in numbers of orders. */
export interface Broken {
  /** Accepted by an instance, and unknown to the ledger in the end. */
  lost: number;
  /** CANCELLED, and not so at the provider. */
  falseCancelled: number;
  /** REJECTED, and cancelled at the provider. */
  falseRejected: number;
  /** Sent again although an answer had come. */
  resent: number;
  /** In a mutation that an instance left without an answer. */
  unanswered: number;
  /** Still PENDING when time was up. */
  unfinished: number;
  /** In requests, not in orders: those that broke Tronsave's limit. */
  limitViolations: number;
}

/** What a run must find. */
export const nothingBroken: Broken = {
  lost: 0,
  falseCancelled: 0,
  falseRejected: 0,
  resent: 0,
  unanswered: 0,
  unfinished: 0,
  limitViolations: 0,
};

export function isBroken(report: Broken): boolean {
  return Object.keys(nothingBroken).some((name) => report[name as keyof Broken] > 0);
}

export interface Findings {
  statuses: ReadonlyMap<OrderText, string>;
  load: Load;
  evidence: Evidence;
  disturbances: Readonly<Record<string, number>>;
  /** Where histories can be read. */
  url: string;
}

/** An order that is broken is printed with all its steps: some are enough to understand it. */
const mostFailures = 10;

export async function createReport({ statuses, load, evidence, disturbances, url }: Findings): Promise<Report> {
  const { simulators } = evidence;
  const broken = brokenOrders(statuses, load, evidence);
  const limitViolations = simulators.flatMap(violations);
  const described = Object.entries(broken).flatMap(([what, orders]) =>
    orders.slice(0, mostFailures).map(async (order) => ({
      what,
      order,
      record: await readHistory(url, order).catch(String),
      ...atProvider(simulators, order),
    })),
  );
  return {
    orders: load.orders,
    disturbances,
    upstreamRequests: simulators.reduce((sum, { received }) => sum + received.length, 0),
    answersReceived: evidence.answered.size,
    lost: broken.lost.length,
    falseCancelled: broken.falseCancelled.length,
    falseRejected: broken.falseRejected.length,
    resent: broken.resent.length,
    unanswered: broken.unanswered.length,
    unfinished: broken.unfinished.length,
    limitViolations: limitViolations.length,
    statuses: tally([...statuses.values()]),
    failures: [...(await Promise.all(described)), ...limitViolations.slice(0, mostFailures)],
  };
}

function brokenOrders(
  statuses: ReadonlyMap<OrderText, string>,
  load: Load,
  evidence: Evidence,
): Record<Exclude<keyof Broken, "limitViolations">, readonly OrderText[]> {
  const states = new Map(
    evidence.simulators.flatMap(({ provider, orders }) =>
      [...orders.values()].map(({ id, state }) => [orderText(provider, id), state] as const),
    ),
  );
  const those = (rule: (status: string, order: OrderText) => boolean) =>
    [...statuses].filter(([order, status]) => rule(status, order)).map(([order]) => order);
  return {
    lost: [...load.accepted].filter((order) => !statuses.has(order)),
    falseCancelled: those((status, order) => status === "CANCELLED" && states.get(order) !== "cancelled"),
    falseRejected: those((status, order) => status === "REJECTED" && states.get(order) === "cancelled"),
    resent: resentOrders(evidence),
    unanswered: load.unanswered,
    unfinished: those((status) => status === "PENDING"),
  };
}

/** Each with the request before it. */
function violations({ provider, received }: Simulator): object[] {
  return received.flatMap((request, index) =>
    request.status === 429
      ? [{ what: "limitViolations", provider, requests: received.slice(Math.max(0, index - 1), index + 1).map(brief) }]
      : [],
  );
}

function atProvider(simulators: readonly Simulator[], text: OrderText): object {
  const [provider, id = ""] = text.split(" ");
  const simulator = simulators.find((each) => each.provider === provider);
  const order = simulator?.orders.get(id);
  const requests = simulator?.received.filter(({ orderIds }) => orderIds.includes(id)) ?? [];
  return {
    stateAtProvider: order?.state ?? null,
    cancelledAt: order?.cancelledAt === undefined ? null : timeText(order.cancelledAt),
    requests: requests.map(brief),
  };
}

function brief({ at, answeredAt, operation, status, fault, orderIds, headers }: ReceivedRequest): object {
  return {
    at: timeText(at),
    answeredAt: answeredAt === undefined ? null : timeText(answeredAt),
    operation,
    status: status ?? null,
    fault: fault ?? null,
    orders: orderIds.length,
    number: headers[requestHeader] ?? null,
  };
}

function timeText(at: number): string {
  return new Date(at).toISOString();
}

function tally(words: readonly string[]): Record<string, number> {
  const groups = Map.groupBy(words, (word) => word);
  return Object.fromEntries([...groups].map(([word, { length }]) => [word, length]));
}
