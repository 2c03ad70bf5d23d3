import type { ReceivedRequest, Simulator } from "../../src/simulators/kit/simulator.ts";
import { type OrderRecord, type OrderText, readRecord } from "./client.ts";
import { requestHeader } from "./preload.ts";

/** What a reader needs to understand what went wrong: one line for each thing that happened, with its time. */
export interface Failure {
  what: string;
  order?: OrderText;
  record?: Omit<OrderRecord, "history"> | null;
  stateAtProvider?: string | null;
  /** By the clock of the ledger. */
  history?: readonly string[];
  /** What the provider received and answered. */
  requests: readonly string[];
  /** What was done to instances and database meanwhile, and shortly before. */
  disturbances?: readonly string[];
}

export interface Sources {
  /** Where records can be read. */
  url: string;
  simulators: readonly Simulator[];
  /** One line for each disturbance, which begins with its time. */
  log: readonly string[];
}

export async function describeOrder(what: string, text: OrderText, sources: Sources): Promise<Failure> {
  const [provider, id = ""] = text.split(" ");
  const simulator = sources.simulators.find((each) => each.provider === provider);
  const requests = simulator?.received.filter(({ orderIds }) => orderIds.includes(id)) ?? [];
  const { history = [], ...record } = (await readRecord(sources.url, text)) ?? { history: [] };
  const cancelledAt = simulator?.orders.get(id)?.cancelledAt;
  return {
    what,
    order: text,
    record: "status" in record ? record : null,
    stateAtProvider: simulator?.orders.get(id)?.state ?? null,
    history: history.map(eventLine),
    requests: [
      ...requests.map(requestLine),
      ...(cancelledAt === undefined ? [] : [`${timeText(cancelledAt)} the cancel took effect`]),
    ].toSorted(),
    disturbances: around(sources.log, requests),
  };
}

/** Requests that broke the limit, each with the one before it. */
export function describeViolations(simulators: readonly Simulator[]): Failure[] {
  return simulators.flatMap(({ received }) =>
    received.flatMap(({ status }, index) =>
      status === 429
        ? [{ what: "limitViolations", requests: received.slice(Math.max(0, index - 1), index + 1).map(requestLine) }]
        : [],
    ),
  );
}

function eventLine(event: OrderRecord["history"][number]): string {
  const { at, kind, attempt, status, problemCode, httpStatus, durationMs } = event;
  const details = [status, problemCode, httpStatus && `HTTP ${httpStatus}`, durationMs && `${durationMs} ms`];
  return [at, kind, `attempt ${attempt}`, ...details.filter(Boolean)].join(" ");
}

function requestLine({ at, answeredAt, operation, status, fault, orderIds, headers }: ReceivedRequest): string {
  const [instance] = String(headers[requestHeader]).split(" ");
  const answer = answeredAt === undefined ? "no answer" : `HTTP ${status} at ${timeText(answeredAt)}`;
  const about = orderIds.length > 1 ? ` of ${orderIds.length} orders` : "";
  return `${timeText(at)} ${operation}${about} from ${instance}: ${answer}${fault ? ` ${JSON.stringify(fault)}` : ""}`;
}

const shortlyMs = 20_000;

function around(log: readonly string[], requests: readonly ReceivedRequest[]): string[] {
  const times = requests.map(({ at }) => at);
  const from = timeText(Math.min(...times, Date.now()) - shortlyMs);
  const to = timeText(Math.max(...times, 0));
  return log.filter((line) => line >= from && line <= to);
}

function timeText(at: number): string {
  return new Date(at).toISOString();
}
