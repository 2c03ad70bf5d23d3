/* eslint-disable */
import * as types from './graphql.js';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "mutation CancelOrders($provider: OrderProvider!, $ids: [ID!]!) {\n  cancelOrders(provider: $provider, ids: $ids) {\n    orders {\n      ...OrderCancellation\n    }\n  }\n}": typeof types.CancelOrdersDocument,
    "mutation CancelSelectedOrders($orders: [OrderKeyInput!]!) {\n  cancelSelectedOrders(orders: $orders) {\n    orders {\n      ...OrderCancellation\n    }\n  }\n}": typeof types.CancelSelectedOrdersDocument,
    "query CancellationHistory($provider: OrderProvider!, $orderId: ID!) {\n  cancellation(provider: $provider, orderId: $orderId) {\n    status\n    history {\n      at\n      kind\n      attempt\n      status\n      problemCode\n      httpStatus\n      durationMs\n      failure\n      requestedBy\n      requestId\n      note\n    }\n  }\n}": typeof types.CancellationHistoryDocument,
    "query CancellationList($provider: OrderProvider, $status: CancellationStatus, $problemCode: CancellationProblemCode, $first: Int = 50, $after: String) {\n  cancellations(\n    provider: $provider\n    status: $status\n    problemCode: $problemCode\n    first: $first\n    after: $after\n  ) {\n    edges {\n      cursor\n      node {\n        order {\n          ...OrderCancellation\n        }\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}": typeof types.CancellationListDocument,
    "query CancellationProviders {\n  cancellationProviders {\n    provider\n    configured\n    sandbox\n    paused\n    pausedAt\n    pausedReason\n    circuit\n    maxBatchSize\n    minIntervalMs\n    statusLookup\n    cancellableWhen\n    cancellableAfterSeconds\n    autoCancelledAfterSeconds\n    documentationUrl\n  }\n}": typeof types.CancellationProvidersDocument,
    "subscription FollowSelectedOrders($orders: [OrderKeyInput!]!) {\n  selectedOrders(orders: $orders) {\n    ...OrderCancellation\n  }\n}": typeof types.FollowSelectedOrdersDocument,
    "fragment OrderCancellation on Order {\n  provider\n  id\n  cancellation {\n    status\n    problem {\n      code\n      message\n      providerCode\n      providerMessage\n    }\n    requestedAt\n    settledAt\n    nextAttemptAt\n    attempts\n  }\n}": typeof types.OrderCancellationFragmentDoc,
    "subscription OrderCancellations($provider: OrderProvider!, $ids: [ID!]!) {\n  orderCancellations(provider: $provider, ids: $ids) {\n    ...OrderCancellation\n  }\n}": typeof types.OrderCancellationsDocument,
    "query PollCancellation($provider: OrderProvider!, $orderId: ID!) {\n  cancellation(provider: $provider, orderId: $orderId) {\n    order {\n      ...OrderCancellation\n    }\n  }\n}": typeof types.PollCancellationDocument,
    "query SelectedOrders($orders: [OrderKeyInput!]!) {\n  selectedOrders(orders: $orders) {\n    ...OrderCancellation\n  }\n}": typeof types.SelectedOrdersDocument,
};
const documents: Documents = {
    "mutation CancelOrders($provider: OrderProvider!, $ids: [ID!]!) {\n  cancelOrders(provider: $provider, ids: $ids) {\n    orders {\n      ...OrderCancellation\n    }\n  }\n}": types.CancelOrdersDocument,
    "mutation CancelSelectedOrders($orders: [OrderKeyInput!]!) {\n  cancelSelectedOrders(orders: $orders) {\n    orders {\n      ...OrderCancellation\n    }\n  }\n}": types.CancelSelectedOrdersDocument,
    "query CancellationHistory($provider: OrderProvider!, $orderId: ID!) {\n  cancellation(provider: $provider, orderId: $orderId) {\n    status\n    history {\n      at\n      kind\n      attempt\n      status\n      problemCode\n      httpStatus\n      durationMs\n      failure\n      requestedBy\n      requestId\n      note\n    }\n  }\n}": types.CancellationHistoryDocument,
    "query CancellationList($provider: OrderProvider, $status: CancellationStatus, $problemCode: CancellationProblemCode, $first: Int = 50, $after: String) {\n  cancellations(\n    provider: $provider\n    status: $status\n    problemCode: $problemCode\n    first: $first\n    after: $after\n  ) {\n    edges {\n      cursor\n      node {\n        order {\n          ...OrderCancellation\n        }\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}": types.CancellationListDocument,
    "query CancellationProviders {\n  cancellationProviders {\n    provider\n    configured\n    sandbox\n    paused\n    pausedAt\n    pausedReason\n    circuit\n    maxBatchSize\n    minIntervalMs\n    statusLookup\n    cancellableWhen\n    cancellableAfterSeconds\n    autoCancelledAfterSeconds\n    documentationUrl\n  }\n}": types.CancellationProvidersDocument,
    "subscription FollowSelectedOrders($orders: [OrderKeyInput!]!) {\n  selectedOrders(orders: $orders) {\n    ...OrderCancellation\n  }\n}": types.FollowSelectedOrdersDocument,
    "fragment OrderCancellation on Order {\n  provider\n  id\n  cancellation {\n    status\n    problem {\n      code\n      message\n      providerCode\n      providerMessage\n    }\n    requestedAt\n    settledAt\n    nextAttemptAt\n    attempts\n  }\n}": types.OrderCancellationFragmentDoc,
    "subscription OrderCancellations($provider: OrderProvider!, $ids: [ID!]!) {\n  orderCancellations(provider: $provider, ids: $ids) {\n    ...OrderCancellation\n  }\n}": types.OrderCancellationsDocument,
    "query PollCancellation($provider: OrderProvider!, $orderId: ID!) {\n  cancellation(provider: $provider, orderId: $orderId) {\n    order {\n      ...OrderCancellation\n    }\n  }\n}": types.PollCancellationDocument,
    "query SelectedOrders($orders: [OrderKeyInput!]!) {\n  selectedOrders(orders: $orders) {\n    ...OrderCancellation\n  }\n}": types.SelectedOrdersDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation CancelOrders($provider: OrderProvider!, $ids: [ID!]!) {\n  cancelOrders(provider: $provider, ids: $ids) {\n    orders {\n      ...OrderCancellation\n    }\n  }\n}"): (typeof documents)["mutation CancelOrders($provider: OrderProvider!, $ids: [ID!]!) {\n  cancelOrders(provider: $provider, ids: $ids) {\n    orders {\n      ...OrderCancellation\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation CancelSelectedOrders($orders: [OrderKeyInput!]!) {\n  cancelSelectedOrders(orders: $orders) {\n    orders {\n      ...OrderCancellation\n    }\n  }\n}"): (typeof documents)["mutation CancelSelectedOrders($orders: [OrderKeyInput!]!) {\n  cancelSelectedOrders(orders: $orders) {\n    orders {\n      ...OrderCancellation\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query CancellationHistory($provider: OrderProvider!, $orderId: ID!) {\n  cancellation(provider: $provider, orderId: $orderId) {\n    status\n    history {\n      at\n      kind\n      attempt\n      status\n      problemCode\n      httpStatus\n      durationMs\n      failure\n      requestedBy\n      requestId\n      note\n    }\n  }\n}"): (typeof documents)["query CancellationHistory($provider: OrderProvider!, $orderId: ID!) {\n  cancellation(provider: $provider, orderId: $orderId) {\n    status\n    history {\n      at\n      kind\n      attempt\n      status\n      problemCode\n      httpStatus\n      durationMs\n      failure\n      requestedBy\n      requestId\n      note\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query CancellationList($provider: OrderProvider, $status: CancellationStatus, $problemCode: CancellationProblemCode, $first: Int = 50, $after: String) {\n  cancellations(\n    provider: $provider\n    status: $status\n    problemCode: $problemCode\n    first: $first\n    after: $after\n  ) {\n    edges {\n      cursor\n      node {\n        order {\n          ...OrderCancellation\n        }\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}"): (typeof documents)["query CancellationList($provider: OrderProvider, $status: CancellationStatus, $problemCode: CancellationProblemCode, $first: Int = 50, $after: String) {\n  cancellations(\n    provider: $provider\n    status: $status\n    problemCode: $problemCode\n    first: $first\n    after: $after\n  ) {\n    edges {\n      cursor\n      node {\n        order {\n          ...OrderCancellation\n        }\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query CancellationProviders {\n  cancellationProviders {\n    provider\n    configured\n    sandbox\n    paused\n    pausedAt\n    pausedReason\n    circuit\n    maxBatchSize\n    minIntervalMs\n    statusLookup\n    cancellableWhen\n    cancellableAfterSeconds\n    autoCancelledAfterSeconds\n    documentationUrl\n  }\n}"): (typeof documents)["query CancellationProviders {\n  cancellationProviders {\n    provider\n    configured\n    sandbox\n    paused\n    pausedAt\n    pausedReason\n    circuit\n    maxBatchSize\n    minIntervalMs\n    statusLookup\n    cancellableWhen\n    cancellableAfterSeconds\n    autoCancelledAfterSeconds\n    documentationUrl\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "subscription FollowSelectedOrders($orders: [OrderKeyInput!]!) {\n  selectedOrders(orders: $orders) {\n    ...OrderCancellation\n  }\n}"): (typeof documents)["subscription FollowSelectedOrders($orders: [OrderKeyInput!]!) {\n  selectedOrders(orders: $orders) {\n    ...OrderCancellation\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "fragment OrderCancellation on Order {\n  provider\n  id\n  cancellation {\n    status\n    problem {\n      code\n      message\n      providerCode\n      providerMessage\n    }\n    requestedAt\n    settledAt\n    nextAttemptAt\n    attempts\n  }\n}"): (typeof documents)["fragment OrderCancellation on Order {\n  provider\n  id\n  cancellation {\n    status\n    problem {\n      code\n      message\n      providerCode\n      providerMessage\n    }\n    requestedAt\n    settledAt\n    nextAttemptAt\n    attempts\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "subscription OrderCancellations($provider: OrderProvider!, $ids: [ID!]!) {\n  orderCancellations(provider: $provider, ids: $ids) {\n    ...OrderCancellation\n  }\n}"): (typeof documents)["subscription OrderCancellations($provider: OrderProvider!, $ids: [ID!]!) {\n  orderCancellations(provider: $provider, ids: $ids) {\n    ...OrderCancellation\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query PollCancellation($provider: OrderProvider!, $orderId: ID!) {\n  cancellation(provider: $provider, orderId: $orderId) {\n    order {\n      ...OrderCancellation\n    }\n  }\n}"): (typeof documents)["query PollCancellation($provider: OrderProvider!, $orderId: ID!) {\n  cancellation(provider: $provider, orderId: $orderId) {\n    order {\n      ...OrderCancellation\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query SelectedOrders($orders: [OrderKeyInput!]!) {\n  selectedOrders(orders: $orders) {\n    ...OrderCancellation\n  }\n}"): (typeof documents)["query SelectedOrders($orders: [OrderKeyInput!]!) {\n  selectedOrders(orders: $orders) {\n    ...OrderCancellation\n  }\n}"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;