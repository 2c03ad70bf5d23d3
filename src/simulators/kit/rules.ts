import type { IncomingHttpHeaders } from "node:http";
import type { Answer } from "./answer.ts";
import type { OrderBook } from "./order-book.ts";
import type { SampleOrders } from "./sample-orders.ts";

/** One provider's page as code: everything in which a simulator differs from the others. */
export interface Rules {
  /** What it knows from the start. */
  readonly samples: SampleOrders;
  /** Age of an order that was added without a creation time. */
  readonly defaultOrderAgeMs: number;
  /** Whether sample orders stay as old as they are at the start: for a provider that cancels old orders by itself. */
  readonly samplesStayYoung?: true;
  /** The environment that points the service at this simulator, credentials included. */
  settings(baseUrl: string, options: RulesOptions): Record<string, string>;
  /** Understands a request. Has no effect: that is left to the call's `answer`. */
  read(request: Arrival, book: OrderBook, options: RulesOptions): Call;
  /** Absent if the provider states no rate limit. */
  createLimit?(options: RulesOptions): RateLimit;
}

export interface RulesOptions {
  /** How far a signed timestamp may be off. */
  timestampToleranceMs: number;
  /** Least time between two requests, at a provider with a rate limit; the provider's own unless given. */
  minIntervalMs?: number | undefined;
  /** Whether all endpoints share one rate limit; each has its own unless given. */
  jointLimit?: boolean | undefined;
}

export interface RateLimit {
  /** Called once for every arrival, also if it is refused for another reason. */
  admits(request: Arrival): boolean;
  readonly refusal: Answer;
}

/** A request that has arrived completely. */
export interface Arrival {
  /** Epoch ms. */
  at: number;
  method: string;
  /** The raw path with its query, as it arrived. */
  path: string;
  headers: IncomingHttpHeaders;
  /** The body's bytes: signatures cover these, not their decoding. */
  bytes: Buffer;
  body: string;
}

export interface Call {
  operation: "cancel" | "lookup" | "other";
  /** Which orders it names, whether or not the provider knows them. */
  orderIds: string[];
  /** Acts, then says how. */
  answer(): Answer;
}
