import type { IncomingHttpHeaders } from "node:http";
import type { Answer } from "./answer.ts";
import type { OrderBook } from "./order-book.ts";

export type Provider = "FINPAY" | "KWIKPAISA" | "ONRAMP" | "SMS4SATS" | "TRONSAVE";

/** One provider's page as code: everything in which the five simulators differ. */
export interface Rules {
  readonly provider: Provider;
  /** Age of an order that was added without a creation time. */
  readonly defaultOrderAgeMs: number;
  /** The environment that points the service at this simulator, credentials included. */
  settings(baseUrl: string): Record<string, string>;
  /** Understands a request. Has no effect: that is left to the call's `answer`. */
  read(request: Arrival, book: OrderBook): Call;
  /** Absent where the provider states no rate limit. */
  readonly limit?: {
    /** Asked once for every arrival, whatever becomes of it afterwards. */
    admits(request: Arrival): boolean;
    readonly refusal: Answer;
  };
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
