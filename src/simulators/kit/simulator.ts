import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { ProviderName } from "../registry.ts";
import type { Answer } from "./answer.ts";
import { readBody } from "./body.ts";
import { applyFault, type Fault } from "./fault.ts";
import { createOrderBook, type NewOrder, type SimulatedOrder } from "./order-book.ts";
import type { Arrival, Call, Rules, RulesOptions } from "./rules.ts";

export type { Fault } from "./fault.ts";
export type { OrderState, SimulatedOrder } from "./order-book.ts";

export interface ReceivedRequest {
  /** When it had arrived completely, epoch ms. */
  at: number;
  method: string;
  /** The raw path with its query, as it arrived. */
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** What the request is for. */
  operation: Call["operation"];
  /** Which orders it names. */
  orderIds: string[];
  /** Both are absent until, and unless, an answer is written. */
  answeredAt?: number;
  status?: number;
  fault?: Fault;
}

/** The provider's side of its cancel API: a real HTTP server on the loopback interface. */
export interface Simulator {
  readonly provider: ProviderName;
  /** `http://127.0.0.1:port` */
  readonly baseUrl: string;
  /** The environment variables that point the service at it, credentials included. */
  readonly settings: Readonly<Record<string, string>>;
  readonly orders: ReadonlyMap<string, SimulatedOrder>;
  readonly received: readonly ReceivedRequest[];
  /** Requests that broke the provider's rate limit; without a fault they were answered 429. */
  readonly limitViolations: number;
  /** Adds an order, by default open, as old as its provider's rules say, and of amount "22000". */
  add(id: string, order?: NewOrder): void;
  /** `next` is asked for every request that arrives; undefined means no fault. */
  faults(next: ((request: ReceivedRequest) => Fault | undefined) | undefined): void;
  /** Empties `received`. */
  forget(): void;
  /** Destroys open sockets. */
  close(): Promise<void>;
}

export interface SimulatorOptions {
  /** The clock, epoch ms. */
  now?: () => number;
  /** 0, the default, takes any free port. */
  port?: number;
  /** How many received requests to keep, the latest ones; 10,000 by default. */
  remember?: number;
  /** How far a signed timestamp may be off. No page tells; 300,000 by default. */
  timestampToleranceMs?: number;
  /** Least time between two requests, ms, at a provider with a rate limit; the provider's own by default. */
  minIntervalMs?: number | undefined;
  /** Whether all its endpoints share one rate limit; each has its own by default. */
  jointLimit?: boolean | undefined;
}

export async function startSimulator(
  provider: ProviderName,
  rules: Rules,
  options: SimulatorOptions,
): Promise<Simulator> {
  const {
    now = Date.now,
    port = 0,
    remember = 10_000,
    timestampToleranceMs = 300_000,
    minIntervalMs,
    jointLimit,
  } = options;
  const rulesOptions: RulesOptions = { timestampToleranceMs, minIntervalMs, jointLimit };
  const limit = rules.createLimit?.(rulesOptions);
  const book = createOrderBook(now, rules.defaultOrderAgeMs);
  const received: ReceivedRequest[] = [];
  const closing = new AbortController();
  /** Orders whose cancel is on its way to take effect later. */
  const underWay = new Set<string>();
  let nextFault: ((request: ReceivedRequest) => Fault | undefined) | undefined;
  let limitViolations = 0;

  const server = createServer((request, response) => {
    // What can fail here is a client that went away while it was sending.
    exchange(request, response).catch((error: Error) => response.destroy(error));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    provider,
    baseUrl,
    settings: rules.settings(baseUrl, rulesOptions),
    orders: book.orders,
    received,
    get limitViolations() {
      return limitViolations;
    },
    add: book.add,
    faults(next) {
      nextFault = next;
    },
    forget() {
      received.length = 0;
    },
    async close() {
      if (!server.listening) return;
      closing.abort();
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };

  async function exchange(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrival = await arrive(request);
    if (arrival === undefined) {
      response.writeHead(413, { connection: "close" }).end();
      return;
    }
    const call = rules.read(arrival, book, rulesOptions);
    const record = remembered(arrival, call);
    const refusal = limit?.admits(arrival) === false ? limit.refusal : undefined;
    if (refusal !== undefined) limitViolations += 1;
    const fault = nextFault?.(record);
    if (fault !== undefined) record.fault = fault;
    const effect = {
      now: () => refusal ?? act(call),
      later: (afterMs: number) => void (refusal ?? actLater(call, afterMs)),
    };
    const answer = await applyFault(effect, fault, response, closing.signal);
    if (answer === undefined || response.destroyed) return;
    record.answeredAt = now();
    record.status = answer.status;
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  /** A cancel finds the orders that are under way closed. */
  function act(call: Call): Answer {
    const ids = call.operation === "cancel" ? call.orderIds.filter((id) => underWay.has(id)) : [];
    const orders = ids.flatMap((id) => book.orders.get(id) ?? []).filter(({ state }) => state === "open");
    for (const order of orders) order.state = "completed";
    const answer = call.answer();
    for (const order of orders) order.state = "open";
    return answer;
  }

  function actLater(call: Call, afterMs: number): void {
    const ids = call.operation === "cancel" ? call.orderIds : [];
    for (const id of ids) underWay.add(id);
    const takeEffect = () => {
      for (const id of ids) underWay.delete(id);
      call.answer();
    };
    sleep(afterMs, undefined, { signal: closing.signal }).then(takeEffect, () => {});
  }

  async function arrive(request: IncomingMessage): Promise<Arrival | undefined> {
    const bytes = await readBody(request);
    if (bytes === undefined) return undefined;
    const { method = "", url: path = "", headers } = request;
    return { at: now(), method, path, headers, bytes, body: bytes.toString("utf8") };
  }

  function remembered({ bytes: _, ...arrival }: Arrival, { operation, orderIds }: Call): ReceivedRequest {
    const record = { ...arrival, operation, orderIds };
    received.push(record);
    if (received.length > remember) received.shift();
    return record;
  }
}
