import { registerEnumType } from "type-graphql";
import { type ProviderName, providerNames, providers } from "../providers/registry.ts";

export const OrderProvider = enumOf(providerNames);
registerEnumType(OrderProvider, {
  name: "OrderProvider",
  description: "The third parties whose orders can be cancelled here.",
  valuesConfig: described(
    Object.fromEntries(providerNames.map((name) => [name, providers[name].description])) as Record<
      ProviderName,
      string
    >,
  ),
});

const statuses = {
  PENDING: "Recorded; the provider's final word is still to come. Ask again later.",
  CANCELLED: "The provider confirmed it, to us or to a person who asked.",
  REJECTED: "The provider refused, or was certainly never asked. The order stands.",
  UNCONFIRMED:
    "No definite answer could be had: the order may or may not be cancelled. Never shown as success. Safe to request again.",
};
export const CancellationStatus = enumOf(namesOf(statuses));
registerEnumType(CancellationStatus, {
  name: "CancellationStatus",
  description: "How a cancellation stands.",
  valuesConfig: described(statuses),
});

const resolutions = {
  CANCELLED: "The provider told that the order is cancelled.",
  REJECTED: "The provider told that the order stands.",
};
export const CancellationResolution = enumOf(namesOf(resolutions));
registerEnumType(CancellationResolution, {
  name: "CancellationResolution",
  description: "What a person found out about an UNCONFIRMED order.",
  valuesConfig: described(resolutions),
});

const orders = {
  NEWEST_FIRST: "Those first whose orders were first asked for last.",
  OLDEST_FIRST: "Those first whose orders were first asked for before all others.",
};
export const CancellationOrder = enumOf(namesOf(orders));
registerEnumType(CancellationOrder, {
  name: "CancellationOrder",
  description: "How a list of cancellations is sorted: by when their orders were first asked for.",
  valuesConfig: described(orders),
});

const problemCodes = {
  ORDER_NOT_FOUND: "The provider knows no such order.",
  TOO_LATE: "Paid, matched, delivered, completed or expired: no longer cancellable.",
  TOO_EARLY: "Not cancellable yet. While PENDING, it is tried again at `nextAttemptAt`.",
  NOT_PERMITTED: "Our account may not cancel this order.",
  INVALID_ORDER_ID: "This cannot be an id of this provider; nothing was sent.",
  REFUSED: "Refused for another reason: see `providerMessage`.",
  PROVIDER_BUSY: "The provider limits our rate; while PENDING, it is tried again.",
  PROVIDER_PAUSED:
    "An operator has paused the provider: the order waits. Records do not hold it, so `cancellations(problemCode:)` finds none by it.",
  PROVIDER_UNAVAILABLE:
    "The provider could not be reached, answered with an error before it acted, or gave nothing that the cancel needs.",
  PROVIDER_REJECTED_CREDENTIALS: "The provider refused our key or signature: an operator must act.",
  OUTCOME_UNKNOWN: "The request was sent, but no readable answer came back.",
  ALREADY_CANCELLED: "It is cancelled. Only in `Order.cancellability`.",
  BEING_CANCELLED: "A cancel is under way: see `Order.cancellation`. Only in `Order.cancellability`.",
  NOT_CHECKED: "The provider was not asked, or has not answered in time: ask again. Only in `Order.cancellability`.",
};
export const CancellationProblemCode = enumOf(namesOf(problemCodes));
registerEnumType(CancellationProblemCode, {
  name: "CancellationProblemCode",
  description: "Why an order is not cancelled (yet).",
  valuesConfig: described(problemCodes),
});

const eventKinds = {
  REQUESTED: "Somebody asked for the cancel.",
  SENT: "A request to the provider was about to leave. Twice in a row: it was sent again in halves, or could not leave in time.",
  ATTEMPT_ENDED: "That request ended: with an answer, or with none.",
  LOOKED_UP: "The provider was asked how the order stands.",
  SETTLED: "The cancellation ended with `status`.",
  RESOLVED: "It was UNCONFIRMED, and a person found out how it stands: `status`.",
};
export const CancellationEventKind = enumOf(namesOf(eventKinds));
registerEnumType(CancellationEventKind, {
  name: "CancellationEventKind",
  description: "The steps of a cancellation.",
  valuesConfig: described(eventKinds),
});

const exchangeFailures = {
  DNS: "The provider's host name could not be resolved. Nothing was sent.",
  REFUSED: "The provider's address refused the connection. Nothing was sent.",
  TLS: "No secure connection could be agreed on.",
  CONNECT_TIMEOUT: "No connection came about in time. Nothing was sent.",
  PROXY: "The proxy in between did not let the request through.",
  TIMEOUT: "Connected, and no complete answer came in time.",
  RESET: "The connection ended before a complete answer.",
  TOO_LARGE: "The answer was larger than what is read of one.",
};
export const ExchangeFailure = enumOf(namesOf(exchangeFailures));
registerEnumType(ExchangeFailure, {
  name: "ExchangeFailure",
  description: "How one exchange with a provider failed. Null if an answer came.",
  valuesConfig: described(exchangeFailures),
});

const circuitStates = {
  CLOSED: "Requests flow.",
  OPEN: "The provider failed many times in a row: nothing is sent for some seconds.",
  HALF_OPEN: "One request tries whether the provider is back.",
};
export const ProviderCircuit = enumOf(namesOf(circuitStates));
registerEnumType(ProviderCircuit, {
  name: "CancellationProviderCircuit",
  description: "How the circuit breaker of a provider stands, in the instance that answers.",
  valuesConfig: described(circuitStates),
});

/** Enum values must equal their names in GraphQL: type-graphql passes on values, and federation compares names. */
function enumOf<Name extends string>(names: readonly Name[]): { readonly [Key in Name]: Key } {
  return Object.fromEntries(names.map((name) => [name, name])) as { [Key in Name]: Key };
}

function described<Name extends string>(texts: Readonly<Record<Name, string>>) {
  return Object.fromEntries(namesOf(texts).map((name) => [name, { description: texts[name] }])) as Record<
    Name,
    { description: string }
  >;
}

function namesOf<Name extends string>(texts: Readonly<Record<Name, string>>): Name[] {
  return Object.keys(texts) as Name[];
}
