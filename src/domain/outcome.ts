const refusalCodes = [
  "ORDER_NOT_FOUND",
  "TOO_LATE",
  "TOO_EARLY",
  "NOT_PERMITTED",
  "INVALID_ORDER_ID",
  "REFUSED",
  "PROVIDER_REJECTED_CREDENTIALS",
] as const;
const notProcessedCodes = ["PROVIDER_BUSY", "PROVIDER_UNAVAILABLE"] as const;
export const problemCodes = [...refusalCodes, ...notProcessedCodes, "OUTCOME_UNKNOWN"] as const;

/** Why an order is not cancelled (yet), in the words of our GraphQL schema. */
export type ProblemCode = (typeof problemCodes)[number];

/** The provider refused, or we are certain that it can only refuse. */
export type RefusalCode = (typeof refusalCodes)[number];

/** Why a cancel certainly had no effect although the provider did not refuse it. */
export type NotProcessedCode = (typeof notProcessedCodes)[number];

/** What the provider itself said, cleaned of secrets and of control characters, at most 300 characters each. */
export interface ProviderDetails {
  providerCode?: string;
  providerMessage?: string;
  /** Absent if no answer came. */
  httpStatus?: number;
  /** How the exchange failed; absent if an answer came. */
  failure?: ExchangeFailure;
  /** How far our clock is ahead of the provider's, ms; absent unless the provider refused a time that we had signed. */
  clockOffMs?: number;
}

export const exchangeFailures = [
  "DNS",
  "REFUSED",
  "TLS",
  "CONNECT_TIMEOUT",
  "PROXY",
  "TIMEOUT",
  "RESET",
  "TOO_LARGE",
] as const;

/**
 * How an exchange failed, for people. It never decides what counts as sent. `REFUSED`: the address refused the connection.
 * `RESET`: the connection ended before a complete answer. `TIMEOUT`: connected, and no complete answer in time.
 */
export type ExchangeFailure = (typeof exchangeFailures)[number];

/** The provider refused a request with this many orders as a whole, without looking at them. The caller sends its halves next. */
export type BatchRefused = { kind: "batchRefused"; orders: number };

/**
 * How one attempt to cancel one order ended. "The provider refused" is one value, "we do not know" is another. Two kinds may be
 * repeated without a look-up: `notSent` (not a byte was written) and `notProcessed` (the provider certainly did not act; the
 * term is from RFC 9113, 8.7).
 */
export type Outcome = ProviderDetails & {
  /** False if no request that cancels reached the provider: the answer to an earlier question was enough. */
  carried?: false;
} & (
    | { kind: "cancelled" }
    | {
        kind: "refused";
        code: RefusalCode;
        /** Only with TOO_EARLY: in how many ms from now the provider starts to accept the cancel. */
        opensInMs?: number;
        /** The provider's pages do not name this reason: the order is looked up once before the refusal is believed. */
        unproven?: true;
        /** The refusal may mean that the order is cancelled already: it never proves that the order still stands. */
        saysCancelled?: true;
        /** The provider's own check refuses the id as such: no request that named it can ever have had an effect. */
        malformedId?: true;
      }
    | { kind: "notSent" | "notProcessed"; code: NotProcessedCode; retryAfterMs?: number }
    | {
        kind: "unknown";
        /** It reads like a success, but contradicts itself, names another order, or names nothing. */
        unproven?: true;
      }
    | BatchRefused
  );

/**
 * How an order stands according to a look-up. `closed`: it exists or existed, is not cancelled and never will be, or the
 * provider knows no such order. `unclear`: the answer was readable but tells none of these. `unanswered`: no usable answer.
 */
export type LookupResult = ProviderDetails &
  (
    | { kind: "cancelled" }
    | {
        kind: "open";
        /** In how many ms the order ends by itself, if the answer tells. */
        closesInMs?: number;
      }
    | { kind: "closed"; code: RefusalCode }
    | {
        kind: "unclear";
        /** Its words may mean that the order is cancelled or being cancelled. */
        saysCancelled?: true;
        /** By a rule of the provider's page, the order has ended in this many ms: it is looked up once more then. */
        endsInMs?: number;
        /** By rules of the provider's page, in how many ms it starts to accept a cancel, and ends to. Both for readers only. */
        opensInMs?: number;
        closesInMs?: number;
      }
    | {
        kind: "unanswered";
        busy?: true;
        /** The provider's guard refused our key before it looked at an order. */
        keyRefused?: true;
        retryAfterMs?: number;
      }
    | BatchRefused
  );

/** How a look-up or an attempt ended, in the history, the log and the metrics; null if nothing stands in the way. */
export function problemCodeOf(answer: Outcome | LookupResult): ProblemCode | null {
  if ("code" in answer) return answer.code;
  if (answer.kind === "cancelled" || answer.kind === "open") return null;
  if (answer.kind !== "unanswered") return "OUTCOME_UNKNOWN";
  if (answer.busy) return "PROVIDER_BUSY";
  return answer.keyRefused ? "PROVIDER_REJECTED_CREDENTIALS" : "OUTCOME_UNKNOWN";
}

/** The outcomes of a cancel, and the results of a look-up, for one order. A batch that is refused as a whole is counted apart. */
export const outcomeKinds = {
  cancel: ["cancelled", "refused", "notSent", "notProcessed", "unknown"],
  lookup: ["cancelled", "open", "closed", "unclear", "unanswered"],
} as const satisfies { cancel: readonly Outcome["kind"][]; lookup: readonly LookupResult["kind"][] };
