import type { CancellationProblemCode, CancellationStatus, ExchangeFailure } from "./generated/graphql.ts";

/** What people read in the place of the graph's names. */
export const statusWords: Readonly<Record<CancellationStatus, string>> = {
  PENDING: "Pending",
  CANCELLED: "Cancelled",
  REJECTED: "Rejected",
  UNCONFIRMED: "Unconfirmed",
};

export const problemWords: Readonly<Record<CancellationProblemCode, string>> = {
  ALREADY_CANCELLED: "Already cancelled",
  BEING_CANCELLED: "Being cancelled",
  INVALID_ORDER_ID: "Not an id of this provider",
  NOT_CHECKED: "Not checked",
  NOT_PERMITTED: "Our account may not",
  ORDER_NOT_FOUND: "Order not found",
  OUTCOME_UNKNOWN: "Outcome unknown",
  PROVIDER_BUSY: "Provider limits our rate",
  PROVIDER_PAUSED: "Provider is paused",
  PROVIDER_REJECTED_CREDENTIALS: "Our key was refused",
  PROVIDER_UNAVAILABLE: "Provider unavailable",
  REFUSED: "Refused",
  TOO_EARLY: "Too early",
  TOO_LATE: "Too late",
};

export const failureWords: Readonly<Record<ExchangeFailure, string>> = {
  CONNECT_TIMEOUT: "no connection in time",
  DNS: "host name not found",
  PROXY: "stopped by the proxy",
  REFUSED: "connection refused",
  RESET: "connection lost before an answer",
  TIMEOUT: "no answer in time",
  TLS: "no secure connection",
  TOO_LARGE: "answer too large",
};

/** A provider that is not here is shown by its name in the graph. */
export const providerWords: Readonly<Record<string, string>> = {
  FINPAY: "Finpay",
  KWIKPAISA: "KwikPaisa",
  ONRAMP: "Onramp.money",
  SMS4SATS: "sms4sats",
  TRONSAVE: "Tronsave",
};

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** Counting in the ledger ends there. */
const mostCounted = 10_000;

export function showCount(count: number): string {
  return `${count.toLocaleString("en")}${count >= mostCounted ? "+" : ""}`;
}
