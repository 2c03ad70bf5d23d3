/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** The steps of a cancellation. */
export type CancellationEventKind =
  /** That request ended: with an answer, or with none. */
  | 'ATTEMPT_ENDED'
  /** The provider was asked how the order stands. */
  | 'LOOKED_UP'
  /** Somebody asked for the cancel. */
  | 'REQUESTED'
  /** It was UNCONFIRMED, and a person found out how it stands: `status`. */
  | 'RESOLVED'
  /** A request to the provider was about to leave. Twice in a row: it was sent again in halves, or could not leave in time. */
  | 'SENT'
  /** The cancellation ended with `status`. */
  | 'SETTLED';

/** Why an order is not cancelled (yet). */
export type CancellationProblemCode =
  /** It is cancelled. Only in `Order.cancellability`. */
  | 'ALREADY_CANCELLED'
  /** A cancel is under way: see `Order.cancellation`. Only in `Order.cancellability`. */
  | 'BEING_CANCELLED'
  /** This cannot be an id of this provider; nothing was sent. */
  | 'INVALID_ORDER_ID'
  /** The provider was not asked, or has not answered in time: ask again. Only in `Order.cancellability`. */
  | 'NOT_CHECKED'
  /** Our account may not cancel this order. */
  | 'NOT_PERMITTED'
  /** The provider knows no such order. */
  | 'ORDER_NOT_FOUND'
  /** The request was sent, but no readable answer came back. */
  | 'OUTCOME_UNKNOWN'
  /** The provider limits our rate; while PENDING, it is tried again. */
  | 'PROVIDER_BUSY'
  /** An operator has paused the provider: the order waits. Records do not hold it, so `cancellations(problemCode:)` finds none by it. */
  | 'PROVIDER_PAUSED'
  /** The provider refused our key or signature: an operator must act. */
  | 'PROVIDER_REJECTED_CREDENTIALS'
  /** The provider could not be reached, answered with an error before it acted, or gave nothing that the cancel needs. */
  | 'PROVIDER_UNAVAILABLE'
  /** Refused for another reason: see `providerMessage`. */
  | 'REFUSED'
  /** Not cancellable yet. While PENDING, it is tried again at `nextAttemptAt`. */
  | 'TOO_EARLY'
  /** Paid, matched, delivered, completed or expired: no longer cancellable. */
  | 'TOO_LATE';

/** How the circuit breaker of a provider stands, in the instance that answers. */
export type CancellationProviderCircuit =
  /** Requests flow. */
  | 'CLOSED'
  /** One request tries whether the provider is back. */
  | 'HALF_OPEN'
  /** The provider failed many times in a row: nothing is sent for some seconds. */
  | 'OPEN';

/** What a person found out about an UNCONFIRMED order. */
export type CancellationResolution =
  /** The provider told that the order is cancelled. */
  | 'CANCELLED'
  /** The provider told that the order stands. */
  | 'REJECTED';

/** How a cancellation stands. */
export type CancellationStatus =
  /** The provider confirmed it, to us or to a person who asked. */
  | 'CANCELLED'
  /** Recorded; the provider's final word is still to come. Ask again later. */
  | 'PENDING'
  /** The provider refused, or was certainly never asked. The order stands. */
  | 'REJECTED'
  /** No definite answer could be had: the order may or may not be cancelled. Never shown as success. Safe to request again. */
  | 'UNCONFIRMED';

/** How one exchange with a provider failed. Null if an answer came. */
export type ExchangeFailure =
  /** No connection came about in time. Nothing was sent. */
  | 'CONNECT_TIMEOUT'
  /** The provider's host name could not be resolved. Nothing was sent. */
  | 'DNS'
  /** The proxy in between did not let the request through. */
  | 'PROXY'
  /** The provider's address refused the connection. Nothing was sent. */
  | 'REFUSED'
  /** The connection ended before a complete answer. */
  | 'RESET'
  /** Connected, and no complete answer came in time. */
  | 'TIMEOUT'
  /** No secure connection could be agreed on. */
  | 'TLS'
  /** The answer was larger than what is read of one. */
  | 'TOO_LARGE';

/** Names an order. */
export type OrderKeyInput = {
  /** The provider's id of the order. */
  id: string | number;
  /** Where the order was placed. */
  provider: OrderProvider;
};

/** The third parties whose orders can be cancelled here. */
export type OrderProvider =
  /** Finpay (Finnet), an Indonesian payment gateway. Cancels transactions that are not paid yet. */
  | 'FINPAY'
  /** KwikPaisa, an Indian payment gateway. Cancels hosted checkout orders that are not paid yet. */
  | 'KWIKPAISA'
  /** Onramp.money, a crypto on-ramp. Cancels merchant widget orders, by order id or by intent hash. */
  | 'ONRAMP'
  /** sms4sats, SMS activation codes paid over Lightning. Cancels receive orders, two minutes old or more. */
  | 'SMS4SATS'
  /** Tronsave, a market for TRON energy. Cancels fast-charge orders, up to a hundred in one request. */
  | 'TRONSAVE';

export type CancelSelectedOrdersMutationVariables = Exact<{
  orders: Array<OrderKeyInput> | OrderKeyInput;
}>;


export type CancelSelectedOrdersMutation = { __typename: 'Mutation', cancelSelectedOrders: { __typename: 'CancelOrdersPayload', orders: Array<{ __typename: 'Order', provider: string, id: string, cancellation: { __typename: 'Cancellation', status: CancellationStatus, requestedAt: string, settledAt: string | null, nextAttemptAt: string | null, attempts: number, problem: { __typename: 'CancellationProblem', code: CancellationProblemCode, message: string, providerCode: string | null, providerMessage: string | null } | null } | null }> } };

export type ConsoleAttentionQueryVariables = Exact<{
  provider?: OrderProvider | null | undefined;
  first: number;
  after?: string | null | undefined;
  canRead: boolean;
}>;


export type ConsoleAttentionQuery = { __typename: 'Query', cancellationProviders: Array<{ __typename: 'CancellationProvider', provider: OrderProvider, configured: boolean, paused: boolean, pausedAt: string | null, pausedReason: string | null, circuit: CancellationProviderCircuit | null }>, cancellationCounts?: Array<{ __typename: 'CancellationCount', provider: OrderProvider, status: CancellationStatus, problemCode: CancellationProblemCode | null, count: number, oldestRequestedAt: string | null }>, cancellations?: { __typename: 'CancellationConnection', edges: Array<{ __typename: 'CancellationEdge', node: { __typename: 'Cancellation', status: CancellationStatus, requestedAt: string, settledAt: string | null, nextAttemptAt: string | null, attempts: number, order: { __typename: 'Order', provider: string, id: string }, problem: { __typename: 'CancellationProblem', code: CancellationProblemCode, message: string, providerCode: string | null, providerMessage: string | null } | null } }>, pageInfo: { __typename: 'CancellationPageInfo', hasNextPage: boolean, endCursor: string | null } } };

export type ConsoleCancellationFragment = { __typename: 'Cancellation', status: CancellationStatus, requestedAt: string, settledAt: string | null, nextAttemptAt: string | null, attempts: number, order: { __typename: 'Order', provider: string, id: string }, problem: { __typename: 'CancellationProblem', code: CancellationProblemCode, message: string, providerCode: string | null, providerMessage: string | null } | null };

export type ConsoleOrderQueryVariables = Exact<{
  provider: OrderProvider;
  orderId: string | number;
  canRead: boolean;
}>;


export type ConsoleOrderQuery = { __typename: 'Query', cancellation?: { __typename: 'Cancellation', status: CancellationStatus, requestedAt: string, settledAt: string | null, nextAttemptAt: string | null, attempts: number, history: Array<{ __typename: 'CancellationEvent', at: string, kind: CancellationEventKind, attempt: number, status: CancellationStatus | null, problemCode: CancellationProblemCode | null, providerCode: string | null, providerMessage: string | null, httpStatus: number | null, durationMs: number | null, failure: ExchangeFailure | null, requestedBy: string | null, requestId: string | null, note: string | null }>, order: { __typename: 'Order', provider: string, id: string }, problem: { __typename: 'CancellationProblem', code: CancellationProblemCode, message: string, providerCode: string | null, providerMessage: string | null } | null } | null, cancellations?: { __typename: 'CancellationConnection', edges: Array<{ __typename: 'CancellationEdge', node: { __typename: 'Cancellation', status: CancellationStatus, requestedAt: string, settledAt: string | null, nextAttemptAt: string | null, attempts: number, history: Array<{ __typename: 'CancellationEvent', at: string, kind: CancellationEventKind, attempt: number, status: CancellationStatus | null, problemCode: CancellationProblemCode | null, providerCode: string | null, providerMessage: string | null, httpStatus: number | null, durationMs: number | null, failure: ExchangeFailure | null, requestedBy: string | null, requestId: string | null, note: string | null }>, order: { __typename: 'Order', provider: string, id: string }, problem: { __typename: 'CancellationProblem', code: CancellationProblemCode, message: string, providerCode: string | null, providerMessage: string | null } | null } }> }, cancellationProviders: Array<{ __typename: 'CancellationProvider', provider: OrderProvider, configured: boolean, paused: boolean, circuit: CancellationProviderCircuit | null }> };

export type ConsoleOrderStateFragment = { __typename: 'Cancellation', status: CancellationStatus, requestedAt: string, settledAt: string | null, nextAttemptAt: string | null, attempts: number, history: Array<{ __typename: 'CancellationEvent', at: string, kind: CancellationEventKind, attempt: number, status: CancellationStatus | null, problemCode: CancellationProblemCode | null, providerCode: string | null, providerMessage: string | null, httpStatus: number | null, durationMs: number | null, failure: ExchangeFailure | null, requestedBy: string | null, requestId: string | null, note: string | null }>, order: { __typename: 'Order', provider: string, id: string }, problem: { __typename: 'CancellationProblem', code: CancellationProblemCode, message: string, providerCode: string | null, providerMessage: string | null } | null };

export type ConsolePartFragment = { __typename: 'CancellationConnection', edges: Array<{ __typename: 'CancellationEdge', node: { __typename: 'Cancellation', status: CancellationStatus, requestedAt: string, settledAt: string | null, nextAttemptAt: string | null, attempts: number, order: { __typename: 'Order', provider: string, id: string }, problem: { __typename: 'CancellationProblem', code: CancellationProblemCode, message: string, providerCode: string | null, providerMessage: string | null } | null } }>, pageInfo: { __typename: 'CancellationPageInfo', hasNextPage: boolean, endCursor: string | null } };

export type ConsolePendingQueryVariables = Exact<{
  provider: OrderProvider;
  problemCode?: CancellationProblemCode | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;


export type ConsolePendingQuery = { __typename: 'Query', cancellations: { __typename: 'CancellationConnection', edges: Array<{ __typename: 'CancellationEdge', node: { __typename: 'Cancellation', status: CancellationStatus, requestedAt: string, settledAt: string | null, nextAttemptAt: string | null, attempts: number, order: { __typename: 'Order', provider: string, id: string }, problem: { __typename: 'CancellationProblem', code: CancellationProblemCode, message: string, providerCode: string | null, providerMessage: string | null } | null } }>, pageInfo: { __typename: 'CancellationPageInfo', hasNextPage: boolean, endCursor: string | null } } };

export type ConsoleProvidersQueryVariables = Exact<{
  canRead: boolean;
}>;


export type ConsoleProvidersQuery = { __typename: 'Query', cancellationProviders: Array<{ __typename: 'CancellationProvider', provider: OrderProvider, configured: boolean, sandbox: boolean, paused: boolean, pausedAt: string | null, pausedReason: string | null, circuit: CancellationProviderCircuit | null, maxBatchSize: number, minIntervalMs: number | null, statusLookup: boolean, cancellableWhen: string, cancellableAfterSeconds: number | null, autoCancelledAfterSeconds: number | null, documentationUrl: string }>, cancellationCounts?: Array<{ __typename: 'CancellationCount', provider: OrderProvider, status: CancellationStatus, problemCode: CancellationProblemCode | null, count: number, oldestRequestedAt: string | null }>, cancellationRates?: Array<{ __typename: 'CancellationRate', provider: OrderProvider, status: CancellationStatus, minute: string, count: number }> };

export type ConsoleSearchQueryVariables = Exact<{
  id: string | number;
  text: string;
  first: number;
  afterInRequest?: string | null | undefined;
  afterOfCaller?: string | null | undefined;
}>;


export type ConsoleSearchQuery = { __typename: 'Query', byOrder: { __typename: 'CancellationConnection', edges: Array<{ __typename: 'CancellationEdge', node: { __typename: 'Cancellation', status: CancellationStatus, requestedAt: string, settledAt: string | null, nextAttemptAt: string | null, attempts: number, order: { __typename: 'Order', provider: string, id: string }, problem: { __typename: 'CancellationProblem', code: CancellationProblemCode, message: string, providerCode: string | null, providerMessage: string | null } | null } }>, pageInfo: { __typename: 'CancellationPageInfo', hasNextPage: boolean, endCursor: string | null } }, byRequest: { __typename: 'CancellationConnection', edges: Array<{ __typename: 'CancellationEdge', node: { __typename: 'Cancellation', status: CancellationStatus, requestedAt: string, settledAt: string | null, nextAttemptAt: string | null, attempts: number, order: { __typename: 'Order', provider: string, id: string }, problem: { __typename: 'CancellationProblem', code: CancellationProblemCode, message: string, providerCode: string | null, providerMessage: string | null } | null } }>, pageInfo: { __typename: 'CancellationPageInfo', hasNextPage: boolean, endCursor: string | null } }, byCaller: { __typename: 'CancellationConnection', edges: Array<{ __typename: 'CancellationEdge', node: { __typename: 'Cancellation', status: CancellationStatus, requestedAt: string, settledAt: string | null, nextAttemptAt: string | null, attempts: number, order: { __typename: 'Order', provider: string, id: string }, problem: { __typename: 'CancellationProblem', code: CancellationProblemCode, message: string, providerCode: string | null, providerMessage: string | null } | null } }>, pageInfo: { __typename: 'CancellationPageInfo', hasNextPage: boolean, endCursor: string | null } } };

export type OrderCancellationFragment = { __typename: 'Order', provider: string, id: string, cancellation: { __typename: 'Cancellation', status: CancellationStatus, requestedAt: string, settledAt: string | null, nextAttemptAt: string | null, attempts: number, problem: { __typename: 'CancellationProblem', code: CancellationProblemCode, message: string, providerCode: string | null, providerMessage: string | null } | null } | null };

export type RecheckCancellationsMutationVariables = Exact<{
  orders: Array<OrderKeyInput> | OrderKeyInput;
}>;


export type RecheckCancellationsMutation = { __typename: 'Mutation', recheckCancellations: { __typename: 'RecheckCancellationsPayload', orders: Array<{ __typename: 'Order', provider: string, id: string, cancellation: { __typename: 'Cancellation', status: CancellationStatus, requestedAt: string, settledAt: string | null, nextAttemptAt: string | null, attempts: number, problem: { __typename: 'CancellationProblem', code: CancellationProblemCode, message: string, providerCode: string | null, providerMessage: string | null } | null } | null }>, problems: Array<{ __typename: 'RecheckCancellationsProblem', code: CancellationProblemCode, message: string, order: { __typename: 'Order', provider: string, id: string } }> } };

export type ResolveCancellationsMutationVariables = Exact<{
  orders: Array<OrderKeyInput> | OrderKeyInput;
  status: CancellationResolution;
  note: string;
}>;


export type ResolveCancellationsMutation = { __typename: 'Mutation', resolveCancellations: { __typename: 'ResolveCancellationsPayload', orders: Array<{ __typename: 'Order', provider: string, id: string, cancellation: { __typename: 'Cancellation', status: CancellationStatus, requestedAt: string, settledAt: string | null, nextAttemptAt: string | null, attempts: number, problem: { __typename: 'CancellationProblem', code: CancellationProblemCode, message: string, providerCode: string | null, providerMessage: string | null } | null } | null }> } };

export type SetProviderPausedMutationVariables = Exact<{
  provider: OrderProvider;
  paused: boolean;
  reason?: string | null | undefined;
}>;


export type SetProviderPausedMutation = { __typename: 'Mutation', setProviderPaused: { __typename: 'SetProviderPausedPayload', provider: { __typename: 'CancellationProvider', provider: OrderProvider, paused: boolean, pausedAt: string | null, pausedReason: string | null } } };

export type ViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerQuery = { __typename: 'Query', viewer: { __typename: 'Viewer', subject: string | null, canCancel: boolean, canRead: boolean, canResolve: boolean, canManage: boolean, missingScopes: Array<string> } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const ConsoleCancellationFragmentDoc = new TypedDocumentString(`
    fragment ConsoleCancellation on Cancellation {
  __typename
  order {
    __typename
    provider
    id
  }
  status
  problem {
    __typename
    code
    message
    providerCode
    providerMessage
  }
  requestedAt
  settledAt
  nextAttemptAt
  attempts
}
    `, {"fragmentName":"ConsoleCancellation"}) as unknown as TypedDocumentString<ConsoleCancellationFragment, unknown>;
export const ConsoleOrderStateFragmentDoc = new TypedDocumentString(`
    fragment ConsoleOrderState on Cancellation {
  __typename
  ...ConsoleCancellation
  history(last: 200) {
    __typename
    at
    kind
    attempt
    status
    problemCode
    providerCode
    providerMessage
    httpStatus
    durationMs
    failure
    requestedBy
    requestId
    note
  }
}
    fragment ConsoleCancellation on Cancellation {
  __typename
  order {
    __typename
    provider
    id
  }
  status
  problem {
    __typename
    code
    message
    providerCode
    providerMessage
  }
  requestedAt
  settledAt
  nextAttemptAt
  attempts
}`, {"fragmentName":"ConsoleOrderState"}) as unknown as TypedDocumentString<ConsoleOrderStateFragment, unknown>;
export const ConsolePartFragmentDoc = new TypedDocumentString(`
    fragment ConsolePart on CancellationConnection {
  __typename
  edges {
    __typename
    node {
      __typename
      ...ConsoleCancellation
    }
  }
  pageInfo {
    __typename
    hasNextPage
    endCursor
  }
}
    fragment ConsoleCancellation on Cancellation {
  __typename
  order {
    __typename
    provider
    id
  }
  status
  problem {
    __typename
    code
    message
    providerCode
    providerMessage
  }
  requestedAt
  settledAt
  nextAttemptAt
  attempts
}`, {"fragmentName":"ConsolePart"}) as unknown as TypedDocumentString<ConsolePartFragment, unknown>;
export const OrderCancellationFragmentDoc = new TypedDocumentString(`
    fragment OrderCancellation on Order {
  __typename
  provider
  id
  cancellation {
    __typename
    status
    problem {
      __typename
      code
      message
      providerCode
      providerMessage
    }
    requestedAt
    settledAt
    nextAttemptAt
    attempts
  }
}
    `, {"fragmentName":"OrderCancellation"}) as unknown as TypedDocumentString<OrderCancellationFragment, unknown>;
export const CancelSelectedOrdersDocument = new TypedDocumentString(`
    mutation CancelSelectedOrders($orders: [OrderKeyInput!]!) {
  __typename
  cancelSelectedOrders(orders: $orders) {
    __typename
    orders {
      __typename
      ...OrderCancellation
    }
  }
}
    fragment OrderCancellation on Order {
  __typename
  provider
  id
  cancellation {
    __typename
    status
    problem {
      __typename
      code
      message
      providerCode
      providerMessage
    }
    requestedAt
    settledAt
    nextAttemptAt
    attempts
  }
}`) as unknown as TypedDocumentString<CancelSelectedOrdersMutation, CancelSelectedOrdersMutationVariables>;
export const ConsoleAttentionDocument = new TypedDocumentString(`
    query ConsoleAttention($provider: OrderProvider, $first: Int!, $after: String, $canRead: Boolean!) {
  __typename
  cancellationProviders {
    __typename
    provider
    configured
    paused
    pausedAt
    pausedReason
    circuit
  }
  cancellationCounts @include(if: $canRead) {
    __typename
    provider
    status
    problemCode
    count
    oldestRequestedAt
  }
  cancellations(
    status: UNCONFIRMED
    provider: $provider
    order: OLDEST_FIRST
    first: $first
    after: $after
  ) @include(if: $canRead) {
    __typename
    ...ConsolePart
  }
}
    fragment ConsoleCancellation on Cancellation {
  __typename
  order {
    __typename
    provider
    id
  }
  status
  problem {
    __typename
    code
    message
    providerCode
    providerMessage
  }
  requestedAt
  settledAt
  nextAttemptAt
  attempts
}
fragment ConsolePart on CancellationConnection {
  __typename
  edges {
    __typename
    node {
      __typename
      ...ConsoleCancellation
    }
  }
  pageInfo {
    __typename
    hasNextPage
    endCursor
  }
}`) as unknown as TypedDocumentString<ConsoleAttentionQuery, ConsoleAttentionQueryVariables>;
export const ConsoleOrderDocument = new TypedDocumentString(`
    query ConsoleOrder($provider: OrderProvider!, $orderId: ID!, $canRead: Boolean!) {
  __typename
  cancellation(provider: $provider, orderId: $orderId) @skip(if: $canRead) {
    __typename
    ...ConsoleOrderState
  }
  cancellations(provider: $provider, orderId: $orderId, first: 1) @include(if: $canRead) {
    __typename
    edges {
      __typename
      node {
        __typename
        ...ConsoleOrderState
      }
    }
  }
  cancellationProviders {
    __typename
    provider
    configured
    paused
    circuit
  }
}
    fragment ConsoleCancellation on Cancellation {
  __typename
  order {
    __typename
    provider
    id
  }
  status
  problem {
    __typename
    code
    message
    providerCode
    providerMessage
  }
  requestedAt
  settledAt
  nextAttemptAt
  attempts
}
fragment ConsoleOrderState on Cancellation {
  __typename
  ...ConsoleCancellation
  history(last: 200) {
    __typename
    at
    kind
    attempt
    status
    problemCode
    providerCode
    providerMessage
    httpStatus
    durationMs
    failure
    requestedBy
    requestId
    note
  }
}`) as unknown as TypedDocumentString<ConsoleOrderQuery, ConsoleOrderQueryVariables>;
export const ConsolePendingDocument = new TypedDocumentString(`
    query ConsolePending($provider: OrderProvider!, $problemCode: CancellationProblemCode, $first: Int!, $after: String) {
  __typename
  cancellations(
    status: PENDING
    provider: $provider
    problemCode: $problemCode
    order: OLDEST_FIRST
    first: $first
    after: $after
  ) {
    __typename
    ...ConsolePart
  }
}
    fragment ConsoleCancellation on Cancellation {
  __typename
  order {
    __typename
    provider
    id
  }
  status
  problem {
    __typename
    code
    message
    providerCode
    providerMessage
  }
  requestedAt
  settledAt
  nextAttemptAt
  attempts
}
fragment ConsolePart on CancellationConnection {
  __typename
  edges {
    __typename
    node {
      __typename
      ...ConsoleCancellation
    }
  }
  pageInfo {
    __typename
    hasNextPage
    endCursor
  }
}`) as unknown as TypedDocumentString<ConsolePendingQuery, ConsolePendingQueryVariables>;
export const ConsoleProvidersDocument = new TypedDocumentString(`
    query ConsoleProviders($canRead: Boolean!) {
  __typename
  cancellationProviders {
    __typename
    provider
    configured
    sandbox
    paused
    pausedAt
    pausedReason
    circuit
    maxBatchSize
    minIntervalMs
    statusLookup
    cancellableWhen
    cancellableAfterSeconds
    autoCancelledAfterSeconds
    documentationUrl
  }
  cancellationCounts @include(if: $canRead) {
    __typename
    provider
    status
    problemCode
    count
    oldestRequestedAt
  }
  cancellationRates(minutes: 15) @include(if: $canRead) {
    __typename
    provider
    status
    minute
    count
  }
}
    `) as unknown as TypedDocumentString<ConsoleProvidersQuery, ConsoleProvidersQueryVariables>;
export const ConsoleSearchDocument = new TypedDocumentString(`
    query ConsoleSearch($id: ID!, $text: String!, $first: Int!, $afterInRequest: String, $afterOfCaller: String) {
  __typename
  byOrder: cancellations(orderId: $id, first: $first) {
    __typename
    ...ConsolePart
  }
  byRequest: cancellations(
    requestId: $text
    first: $first
    after: $afterInRequest
  ) {
    __typename
    ...ConsolePart
  }
  byCaller: cancellations(
    requestedBy: $text
    first: $first
    after: $afterOfCaller
  ) {
    __typename
    ...ConsolePart
  }
}
    fragment ConsoleCancellation on Cancellation {
  __typename
  order {
    __typename
    provider
    id
  }
  status
  problem {
    __typename
    code
    message
    providerCode
    providerMessage
  }
  requestedAt
  settledAt
  nextAttemptAt
  attempts
}
fragment ConsolePart on CancellationConnection {
  __typename
  edges {
    __typename
    node {
      __typename
      ...ConsoleCancellation
    }
  }
  pageInfo {
    __typename
    hasNextPage
    endCursor
  }
}`) as unknown as TypedDocumentString<ConsoleSearchQuery, ConsoleSearchQueryVariables>;
export const RecheckCancellationsDocument = new TypedDocumentString(`
    mutation RecheckCancellations($orders: [OrderKeyInput!]!) {
  __typename
  recheckCancellations(orders: $orders) {
    __typename
    orders {
      __typename
      ...OrderCancellation
    }
    problems {
      __typename
      order {
        __typename
        provider
        id
      }
      code
      message
    }
  }
}
    fragment OrderCancellation on Order {
  __typename
  provider
  id
  cancellation {
    __typename
    status
    problem {
      __typename
      code
      message
      providerCode
      providerMessage
    }
    requestedAt
    settledAt
    nextAttemptAt
    attempts
  }
}`) as unknown as TypedDocumentString<RecheckCancellationsMutation, RecheckCancellationsMutationVariables>;
export const ResolveCancellationsDocument = new TypedDocumentString(`
    mutation ResolveCancellations($orders: [OrderKeyInput!]!, $status: CancellationResolution!, $note: String!) {
  __typename
  resolveCancellations(orders: $orders, status: $status, note: $note) {
    __typename
    orders {
      __typename
      ...OrderCancellation
    }
  }
}
    fragment OrderCancellation on Order {
  __typename
  provider
  id
  cancellation {
    __typename
    status
    problem {
      __typename
      code
      message
      providerCode
      providerMessage
    }
    requestedAt
    settledAt
    nextAttemptAt
    attempts
  }
}`) as unknown as TypedDocumentString<ResolveCancellationsMutation, ResolveCancellationsMutationVariables>;
export const SetProviderPausedDocument = new TypedDocumentString(`
    mutation SetProviderPaused($provider: OrderProvider!, $paused: Boolean!, $reason: String) {
  __typename
  setProviderPaused(provider: $provider, paused: $paused, reason: $reason) {
    __typename
    provider {
      __typename
      provider
      paused
      pausedAt
      pausedReason
    }
  }
}
    `) as unknown as TypedDocumentString<SetProviderPausedMutation, SetProviderPausedMutationVariables>;
export const ViewerDocument = new TypedDocumentString(`
    query Viewer {
  __typename
  viewer {
    __typename
    subject
    canCancel
    canRead
    canResolve
    canManage
    missingScopes
  }
}
    `) as unknown as TypedDocumentString<ViewerQuery, ViewerQueryVariables>;