/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
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
  /** This cannot be an id of this provider; nothing was sent. */
  | 'INVALID_ORDER_ID'
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

export type CancelOrdersMutationVariables = Exact<{
  provider: OrderProvider;
  ids: Array<string | number> | string | number;
}>;


export type CancelOrdersMutation = { __typename: 'Mutation', cancelOrders: { __typename: 'CancelOrdersPayload', orders: Array<{ __typename: 'Order', provider: string, id: string, cancellation: { __typename: 'Cancellation', status: CancellationStatus, requestedAt: string, settledAt: string | null, nextAttemptAt: string | null, attempts: number, problem: { __typename: 'CancellationProblem', code: CancellationProblemCode, message: string, providerCode: string | null, providerMessage: string | null } | null } | null }> } };

export type CancelSelectedOrdersMutationVariables = Exact<{
  orders: Array<OrderKeyInput> | OrderKeyInput;
}>;


export type CancelSelectedOrdersMutation = { __typename: 'Mutation', cancelSelectedOrders: { __typename: 'CancelOrdersPayload', orders: Array<{ __typename: 'Order', provider: string, id: string, cancellation: { __typename: 'Cancellation', status: CancellationStatus, requestedAt: string, settledAt: string | null, nextAttemptAt: string | null, attempts: number, problem: { __typename: 'CancellationProblem', code: CancellationProblemCode, message: string, providerCode: string | null, providerMessage: string | null } | null } | null }> } };

export type CancellationHistoryQueryVariables = Exact<{
  provider: OrderProvider;
  orderId: string | number;
}>;


export type CancellationHistoryQuery = { __typename: 'Query', cancellation: { __typename: 'Cancellation', status: CancellationStatus, history: Array<{ __typename: 'CancellationEvent', at: string, kind: CancellationEventKind, attempt: number, status: CancellationStatus | null, problemCode: CancellationProblemCode | null, httpStatus: number | null, durationMs: number | null, failure: ExchangeFailure | null, requestedBy: string | null, requestId: string | null, note: string | null }> } | null };

export type CancellationListQueryVariables = Exact<{
  provider?: OrderProvider | null | undefined;
  status?: CancellationStatus | null | undefined;
  problemCode?: CancellationProblemCode | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type CancellationListQuery = { __typename: 'Query', cancellations: { __typename: 'CancellationConnection', edges: Array<{ __typename: 'CancellationEdge', cursor: string, node: { __typename: 'Cancellation', order: { __typename: 'Order', provider: string, id: string, cancellation: { __typename: 'Cancellation', status: CancellationStatus, requestedAt: string, settledAt: string | null, nextAttemptAt: string | null, attempts: number, problem: { __typename: 'CancellationProblem', code: CancellationProblemCode, message: string, providerCode: string | null, providerMessage: string | null } | null } | null } } }>, pageInfo: { __typename: 'CancellationPageInfo', hasNextPage: boolean, endCursor: string | null } } };

export type CancellationProvidersQueryVariables = Exact<{ [key: string]: never; }>;


export type CancellationProvidersQuery = { __typename: 'Query', cancellationProviders: Array<{ __typename: 'CancellationProvider', provider: OrderProvider, configured: boolean, sandbox: boolean, paused: boolean, pausedAt: string | null, pausedReason: string | null, circuit: CancellationProviderCircuit | null, maxBatchSize: number, minIntervalMs: number | null, statusLookup: boolean, cancellableWhen: string, cancellableAfterSeconds: number | null, autoCancelledAfterSeconds: number | null, documentationUrl: string }> };

export type FollowSelectedOrdersSubscriptionVariables = Exact<{
  orders: Array<OrderKeyInput> | OrderKeyInput;
}>;


export type FollowSelectedOrdersSubscription = { selectedOrders: { __typename: 'Order', provider: string, id: string, cancellation: { __typename: 'Cancellation', status: CancellationStatus, requestedAt: string, settledAt: string | null, nextAttemptAt: string | null, attempts: number, problem: { __typename: 'CancellationProblem', code: CancellationProblemCode, message: string, providerCode: string | null, providerMessage: string | null } | null } | null } };

export type OrderCancellationFragment = { __typename: 'Order', provider: string, id: string, cancellation: { __typename: 'Cancellation', status: CancellationStatus, requestedAt: string, settledAt: string | null, nextAttemptAt: string | null, attempts: number, problem: { __typename: 'CancellationProblem', code: CancellationProblemCode, message: string, providerCode: string | null, providerMessage: string | null } | null } | null };

export type OrderCancellationsSubscriptionVariables = Exact<{
  provider: OrderProvider;
  ids: Array<string | number> | string | number;
}>;


export type OrderCancellationsSubscription = { orderCancellations: { __typename: 'Order', provider: string, id: string, cancellation: { __typename: 'Cancellation', status: CancellationStatus, requestedAt: string, settledAt: string | null, nextAttemptAt: string | null, attempts: number, problem: { __typename: 'CancellationProblem', code: CancellationProblemCode, message: string, providerCode: string | null, providerMessage: string | null } | null } | null } };

export type PollCancellationQueryVariables = Exact<{
  provider: OrderProvider;
  orderId: string | number;
}>;


export type PollCancellationQuery = { __typename: 'Query', cancellation: { __typename: 'Cancellation', order: { __typename: 'Order', provider: string, id: string, cancellation: { __typename: 'Cancellation', status: CancellationStatus, requestedAt: string, settledAt: string | null, nextAttemptAt: string | null, attempts: number, problem: { __typename: 'CancellationProblem', code: CancellationProblemCode, message: string, providerCode: string | null, providerMessage: string | null } | null } | null } } | null };

export type SelectedOrdersQueryVariables = Exact<{
  orders: Array<OrderKeyInput> | OrderKeyInput;
}>;


export type SelectedOrdersQuery = { __typename: 'Query', selectedOrders: Array<{ __typename: 'Order', provider: string, id: string, cancellation: { __typename: 'Cancellation', status: CancellationStatus, requestedAt: string, settledAt: string | null, nextAttemptAt: string | null, attempts: number, problem: { __typename: 'CancellationProblem', code: CancellationProblemCode, message: string, providerCode: string | null, providerMessage: string | null } | null } | null }> };

export const OrderCancellationFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OrderCancellation"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Order"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"provider"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"cancellation"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"problem"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"providerCode"}},{"kind":"Field","name":{"kind":"Name","value":"providerMessage"}}]}},{"kind":"Field","name":{"kind":"Name","value":"requestedAt"}},{"kind":"Field","name":{"kind":"Name","value":"settledAt"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"attempts"}}]}}]}}]} as unknown as DocumentNode<OrderCancellationFragment, unknown>;
export const CancelOrdersDocument = {"__meta__":{"hash":"sha256:e5ccd5c9b0131c249188366ad6bc73fe3a63b9b4cf8db3b5c7f8960c7e2dbf90"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CancelOrders"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"provider"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"OrderProvider"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"cancelOrders"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"provider"},"value":{"kind":"Variable","name":{"kind":"Name","value":"provider"}}},{"kind":"Argument","name":{"kind":"Name","value":"ids"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"orders"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"OrderCancellation"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OrderCancellation"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Order"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"provider"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"cancellation"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"problem"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"providerCode"}},{"kind":"Field","name":{"kind":"Name","value":"providerMessage"}}]}},{"kind":"Field","name":{"kind":"Name","value":"requestedAt"}},{"kind":"Field","name":{"kind":"Name","value":"settledAt"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"attempts"}}]}}]}}]} as unknown as DocumentNode<CancelOrdersMutation, CancelOrdersMutationVariables>;
export const CancelSelectedOrdersDocument = {"__meta__":{"hash":"sha256:dd8224866209bb7589f5a54b80f5c01479daff2dfc8b2e5d27d6b9877c8fc997"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CancelSelectedOrders"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"orders"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"OrderKeyInput"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"cancelSelectedOrders"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"orders"},"value":{"kind":"Variable","name":{"kind":"Name","value":"orders"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"orders"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"OrderCancellation"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OrderCancellation"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Order"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"provider"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"cancellation"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"problem"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"providerCode"}},{"kind":"Field","name":{"kind":"Name","value":"providerMessage"}}]}},{"kind":"Field","name":{"kind":"Name","value":"requestedAt"}},{"kind":"Field","name":{"kind":"Name","value":"settledAt"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"attempts"}}]}}]}}]} as unknown as DocumentNode<CancelSelectedOrdersMutation, CancelSelectedOrdersMutationVariables>;
export const CancellationHistoryDocument = {"__meta__":{"hash":"sha256:bc592c36a991ce86c283bd4f3eae5309174b9b0cde784ec83b594e635d3ad72c"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"CancellationHistory"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"provider"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"OrderProvider"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"orderId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"cancellation"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"provider"},"value":{"kind":"Variable","name":{"kind":"Name","value":"provider"}}},{"kind":"Argument","name":{"kind":"Name","value":"orderId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"orderId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"history"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"attempt"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"problemCode"}},{"kind":"Field","name":{"kind":"Name","value":"httpStatus"}},{"kind":"Field","name":{"kind":"Name","value":"durationMs"}},{"kind":"Field","name":{"kind":"Name","value":"failure"}},{"kind":"Field","name":{"kind":"Name","value":"requestedBy"}},{"kind":"Field","name":{"kind":"Name","value":"requestId"}},{"kind":"Field","name":{"kind":"Name","value":"note"}}]}}]}}]}}]} as unknown as DocumentNode<CancellationHistoryQuery, CancellationHistoryQueryVariables>;
export const CancellationListDocument = {"__meta__":{"hash":"sha256:afb9b7c21b47f5736f0dc29c83cf375383114e5a0b74c3ee82298991d1ec9ae6"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"CancellationList"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"provider"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"OrderProvider"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"status"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"CancellationStatus"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"problemCode"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"CancellationProblemCode"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}},"defaultValue":{"kind":"IntValue","value":"50"}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"cancellations"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"provider"},"value":{"kind":"Variable","name":{"kind":"Name","value":"provider"}}},{"kind":"Argument","name":{"kind":"Name","value":"status"},"value":{"kind":"Variable","name":{"kind":"Name","value":"status"}}},{"kind":"Argument","name":{"kind":"Name","value":"problemCode"},"value":{"kind":"Variable","name":{"kind":"Name","value":"problemCode"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"order"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"OrderCancellation"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OrderCancellation"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Order"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"provider"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"cancellation"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"problem"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"providerCode"}},{"kind":"Field","name":{"kind":"Name","value":"providerMessage"}}]}},{"kind":"Field","name":{"kind":"Name","value":"requestedAt"}},{"kind":"Field","name":{"kind":"Name","value":"settledAt"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"attempts"}}]}}]}}]} as unknown as DocumentNode<CancellationListQuery, CancellationListQueryVariables>;
export const CancellationProvidersDocument = {"__meta__":{"hash":"sha256:07a590d22cec5d854c669b119d0e11702fc2fe78baa2b95a7818e6d2d1d0fc61"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"CancellationProviders"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"cancellationProviders"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"provider"}},{"kind":"Field","name":{"kind":"Name","value":"configured"}},{"kind":"Field","name":{"kind":"Name","value":"sandbox"}},{"kind":"Field","name":{"kind":"Name","value":"paused"}},{"kind":"Field","name":{"kind":"Name","value":"pausedAt"}},{"kind":"Field","name":{"kind":"Name","value":"pausedReason"}},{"kind":"Field","name":{"kind":"Name","value":"circuit"}},{"kind":"Field","name":{"kind":"Name","value":"maxBatchSize"}},{"kind":"Field","name":{"kind":"Name","value":"minIntervalMs"}},{"kind":"Field","name":{"kind":"Name","value":"statusLookup"}},{"kind":"Field","name":{"kind":"Name","value":"cancellableWhen"}},{"kind":"Field","name":{"kind":"Name","value":"cancellableAfterSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"autoCancelledAfterSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"documentationUrl"}}]}}]}}]} as unknown as DocumentNode<CancellationProvidersQuery, CancellationProvidersQueryVariables>;
export const FollowSelectedOrdersDocument = {"__meta__":{"hash":"sha256:0b2383865077bd51a706b5444c40f31539a8742ccf3e6ab902a10f00fbff7152"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"FollowSelectedOrders"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"orders"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"OrderKeyInput"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"selectedOrders"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"orders"},"value":{"kind":"Variable","name":{"kind":"Name","value":"orders"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"OrderCancellation"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OrderCancellation"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Order"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"provider"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"cancellation"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"problem"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"providerCode"}},{"kind":"Field","name":{"kind":"Name","value":"providerMessage"}}]}},{"kind":"Field","name":{"kind":"Name","value":"requestedAt"}},{"kind":"Field","name":{"kind":"Name","value":"settledAt"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"attempts"}}]}}]}}]} as unknown as DocumentNode<FollowSelectedOrdersSubscription, FollowSelectedOrdersSubscriptionVariables>;
export const OrderCancellationsDocument = {"__meta__":{"hash":"sha256:1a959214b6a7d2c678d5be7ff9685b2b9da7e2070061359ab90a07eb2edae114"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"OrderCancellations"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"provider"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"OrderProvider"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"orderCancellations"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"provider"},"value":{"kind":"Variable","name":{"kind":"Name","value":"provider"}}},{"kind":"Argument","name":{"kind":"Name","value":"ids"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"OrderCancellation"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OrderCancellation"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Order"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"provider"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"cancellation"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"problem"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"providerCode"}},{"kind":"Field","name":{"kind":"Name","value":"providerMessage"}}]}},{"kind":"Field","name":{"kind":"Name","value":"requestedAt"}},{"kind":"Field","name":{"kind":"Name","value":"settledAt"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"attempts"}}]}}]}}]} as unknown as DocumentNode<OrderCancellationsSubscription, OrderCancellationsSubscriptionVariables>;
export const PollCancellationDocument = {"__meta__":{"hash":"sha256:01f03dedaa8a066eee589d5d4ad032f251208deb3b89f34e97cfc826237cb8c9"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"PollCancellation"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"provider"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"OrderProvider"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"orderId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"cancellation"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"provider"},"value":{"kind":"Variable","name":{"kind":"Name","value":"provider"}}},{"kind":"Argument","name":{"kind":"Name","value":"orderId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"orderId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"order"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"OrderCancellation"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OrderCancellation"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Order"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"provider"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"cancellation"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"problem"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"providerCode"}},{"kind":"Field","name":{"kind":"Name","value":"providerMessage"}}]}},{"kind":"Field","name":{"kind":"Name","value":"requestedAt"}},{"kind":"Field","name":{"kind":"Name","value":"settledAt"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"attempts"}}]}}]}}]} as unknown as DocumentNode<PollCancellationQuery, PollCancellationQueryVariables>;
export const SelectedOrdersDocument = {"__meta__":{"hash":"sha256:357e953cfb34a2c2b45751c2131d79715c1f10aadf9e9671e90e132c956be048"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"SelectedOrders"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"orders"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"OrderKeyInput"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"selectedOrders"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"orders"},"value":{"kind":"Variable","name":{"kind":"Name","value":"orders"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"OrderCancellation"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OrderCancellation"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Order"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"provider"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"cancellation"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"problem"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"providerCode"}},{"kind":"Field","name":{"kind":"Name","value":"providerMessage"}}]}},{"kind":"Field","name":{"kind":"Name","value":"requestedAt"}},{"kind":"Field","name":{"kind":"Name","value":"settledAt"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"attempts"}}]}}]}}]} as unknown as DocumentNode<SelectedOrdersQuery, SelectedOrdersQueryVariables>;