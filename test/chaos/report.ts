import type { Fault } from "../../src/simulators/kit/simulator.ts";
import { isSettled, type OrderText, orderText } from "./client.ts";
import type { Disturbances } from "./disturbances.ts";
import { describeOrder, describeViolations, type Failure } from "./failures.ts";
import type { Load } from "./load.ts";
import type { Readers } from "./readers.ts";
import type { FailingReceiver } from "./receiver.ts";
import { type Evidence, resentOrders } from "./resent.ts";

/** What the ledger says, held against what the providers know. */
export interface Report extends Broken {
  orders: number;
  /** How often each kind of disturbance happened. */
  disturbances: Readonly<Record<string, number>>;
  upstreamRequests: number;
  /** How often the webhook's receiver was called; it failed half of the time. */
  webhooks: number;
  /** How many of them were not answered as they should be; `late`: lost, with an effect that came later. */
  faults: Readonly<Record<string, number>>;
  /** Complete answers of providers that instances have received. */
  answersReceived: number;
  /** How often readers heard of an order which state. */
  reads: Readonly<Record<string, number>>;
  /** How many orders ended how. */
  statuses: Readonly<Record<string, number>>;
  /** All that is known of the first orders that are counted as broken, for a reader. */
  failures: readonly Failure[];
}

/** Guarantees that did not hold, in numbers of orders. */
export interface Broken {
  /** Accepted by an instance, and unknown to the ledger in the end; or told to have ended, and ended otherwise. */
  lost: number;
  /** CANCELLED, and not so at the provider. */
  falseCancelled: number;
  /** REJECTED, and cancelled at the provider. */
  falseRejected: number;
  /** Sent again although an answer had come. */
  resent: number;
  /** Said to be not cancellable, or not yet, when a cancel would have cancelled it; and cancellable long after it was cancelled. */
  deniedWrongly: number;
  offeredWrongly: number;
  /** In a mutation that an instance left without an answer. */
  unanswered: number;
  /** Still PENDING when time was up. */
  unfinished: number;
  /** Settled, and not announced by a webhook that the receiver answered with success. */
  unannounced: number;
  /** In requests, not in orders: those that broke Tronsave's limit. */
  limitViolations: number;
}

/** What a run must find. */
export const nothingBroken: Broken = {
  lost: 0,
  falseCancelled: 0,
  falseRejected: 0,
  resent: 0,
  deniedWrongly: 0,
  offeredWrongly: 0,
  unanswered: 0,
  unfinished: 0,
  unannounced: 0,
  limitViolations: 0,
};

export function isBroken(report: Broken): boolean {
  return Object.keys(nothingBroken).some((name) => report[name as keyof Broken] > 0);
}

export interface Findings {
  statuses: ReadonlyMap<OrderText, string>;
  load: Load;
  readers: Readers;
  evidence: Evidence;
  receiver: Pick<FailingReceiver, "received" | "unannounced">;
  disturbances: Disturbances;
  /** Where histories can be read. */
  url: string;
}

/** An order that is broken is described with all its steps: some are enough to understand it. */
const mostFailures = 10;

export async function createReport(findings: Findings): Promise<Report> {
  const { statuses, load, readers, evidence, receiver, disturbances, url } = findings;
  const { simulators } = evidence;
  const broken = brokenOrders(findings);
  const described = Object.entries(broken).flatMap(([what, orders]) =>
    orders
      .slice(0, mostFailures)
      .map((order) => describeOrder(what, order, { url, simulators, log: disturbances.log })),
  );
  const failures = [...(await Promise.all(described)), ...describeViolations(simulators).slice(0, mostFailures)];
  return {
    orders: load.orders,
    disturbances: disturbances.counts,
    webhooks: receiver.received,
    upstreamRequests: simulators.reduce((sum, { received }) => sum + received.length, 0),
    faults: tally(
      simulators.flatMap(({ received }) => received.flatMap(({ fault }) => (fault ? faultName(fault) : []))),
    ),
    answersReceived: evidence.answered.size,
    lost: broken.lost.length,
    falseCancelled: broken.falseCancelled.length,
    falseRejected: broken.falseRejected.length,
    resent: broken.resent.length,
    deniedWrongly: broken.deniedWrongly.length,
    offeredWrongly: broken.offeredWrongly.length,
    unanswered: broken.unanswered.length,
    unfinished: broken.unfinished.length,
    unannounced: broken.unannounced.length,
    limitViolations: simulators.reduce((sum, { limitViolations }) => sum + limitViolations, 0),
    reads: readers.states,
    statuses: tally([...statuses.values()]),
    failures,
  };
}

function brokenOrders({
  statuses,
  load,
  readers,
  evidence,
  receiver,
}: Findings): Record<Exclude<keyof Broken, "limitViolations">, readonly OrderText[]> {
  const states = new Map(
    evidence.simulators.flatMap(({ provider, orders }) =>
      [...orders.values()].map(({ id, state }) => [orderText(provider, id), state] as const),
    ),
  );
  const those = (rule: (status: string, order: OrderText) => boolean) =>
    [...statuses].filter(([order, status]) => rule(status, order)).map(([order]) => order);
  return {
    lost: [...load.accepted].filter(([order, told]) => isLost(told, statuses.get(order))).map(([order]) => order),
    falseCancelled: those((status, order) => status === "CANCELLED" && states.get(order) !== "cancelled"),
    falseRejected: those((status, order) => status === "REJECTED" && states.get(order) === "cancelled"),
    resent: resentOrders(evidence),
    deniedWrongly: readers.deniedWrongly(),
    offeredWrongly: readers.offeredWrongly(),
    unanswered: load.unanswered,
    unfinished: those((status) => status === "PENDING"),
    unannounced: receiver.unannounced(statuses),
  };
}

function isLost(told: string, ended: string | undefined): boolean {
  return ended === undefined || (isSettled(told) && told !== ended);
}

function faultName(fault: Fault): string {
  return "effectAfterMs" in fault && fault.effectAfterMs ? "late" : fault.kind;
}

function tally(words: readonly string[]): Record<string, number> {
  const groups = Map.groupBy(words, (word) => word);
  return Object.fromEntries([...groups].map(([word, { length }]) => [word, length]));
}
