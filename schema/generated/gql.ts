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
    "query CancellationCounts {\n  cancellationCounts {\n    provider\n    status\n    problemCode\n    count\n    oldestRequestedAt\n  }\n}": typeof types.CancellationCountsDocument,
    "query CancellationHistory($provider: OrderProvider!, $orderId: ID!) {\n  cancellation(provider: $provider, orderId: $orderId) {\n    status\n    history {\n      at\n      kind\n      attempt\n      status\n      problemCode\n      httpStatus\n      durationMs\n      failure\n      requestedBy\n      requestId\n      note\n    }\n  }\n}": typeof types.CancellationHistoryDocument,
    "query CancellationList($provider: OrderProvider, $status: CancellationStatus, $problemCode: CancellationProblemCode, $orderId: ID, $requestedBy: String, $requestId: String, $settledBefore: DateTime, $order: CancellationOrder = NEWEST_FIRST, $first: Int = 50, $after: String) {\n  cancellations(\n    provider: $provider\n    status: $status\n    problemCode: $problemCode\n    orderId: $orderId\n    requestedBy: $requestedBy\n    requestId: $requestId\n    settledBefore: $settledBefore\n    order: $order\n    first: $first\n    after: $after\n  ) {\n    edges {\n      cursor\n      node {\n        order {\n          ...OrderCancellation\n        }\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}": typeof types.CancellationListDocument,
    "query CancellationProviders {\n  cancellationProviders {\n    provider\n    configured\n    sandbox\n    paused\n    pausedAt\n    pausedReason\n    circuit\n    maxBatchSize\n    minIntervalMs\n    statusLookup\n    cancellableWhen\n    cancellableAfterSeconds\n    autoCancelledAfterSeconds\n    documentationUrl\n  }\n}": typeof types.CancellationProvidersDocument,
    "query CancellationRates($minutes: Int = 15) {\n  cancellationRates(minutes: $minutes) {\n    provider\n    status\n    minute\n    count\n  }\n}": typeof types.CancellationRatesDocument,
    "query ConsoleAttention($provider: OrderProvider, $first: Int!, $after: String, $canRead: Boolean!) {\n  cancellationProviders {\n    provider\n    configured\n    paused\n    pausedAt\n    pausedReason\n    circuit\n  }\n  cancellationCounts @include(if: $canRead) {\n    provider\n    status\n    problemCode\n    count\n    oldestRequestedAt\n  }\n  cancellations(\n    status: UNCONFIRMED\n    provider: $provider\n    order: OLDEST_FIRST\n    first: $first\n    after: $after\n  ) @include(if: $canRead) {\n    ...ConsolePart\n  }\n}": typeof types.ConsoleAttentionDocument,
    "fragment ConsoleCancellation on Cancellation {\n  order {\n    provider\n    id\n  }\n  status\n  problem {\n    code\n    message\n    providerCode\n    providerMessage\n  }\n  requestedAt\n  settledAt\n  nextAttemptAt\n  attempts\n}": typeof types.ConsoleCancellationFragmentDoc,
    "query ConsoleOrder($provider: OrderProvider!, $orderId: ID!, $canRead: Boolean!) {\n  cancellation(provider: $provider, orderId: $orderId) @skip(if: $canRead) {\n    ...ConsoleOrderState\n  }\n  cancellations(provider: $provider, orderId: $orderId, first: 1) @include(if: $canRead) {\n    edges {\n      node {\n        ...ConsoleOrderState\n      }\n    }\n  }\n  cancellationProviders {\n    provider\n    configured\n    paused\n    circuit\n  }\n}\n\nfragment ConsoleOrderState on Cancellation {\n  ...ConsoleCancellation\n  history(last: 200) {\n    at\n    kind\n    attempt\n    status\n    problemCode\n    providerCode\n    providerMessage\n    httpStatus\n    durationMs\n    failure\n    requestedBy\n    requestId\n    note\n  }\n}": typeof types.ConsoleOrderDocument,
    "fragment ConsolePart on CancellationConnection {\n  edges {\n    node {\n      ...ConsoleCancellation\n    }\n  }\n  pageInfo {\n    hasNextPage\n    endCursor\n  }\n}": typeof types.ConsolePartFragmentDoc,
    "query ConsolePending($provider: OrderProvider!, $problemCode: CancellationProblemCode, $first: Int!, $after: String) {\n  cancellations(\n    status: PENDING\n    provider: $provider\n    problemCode: $problemCode\n    order: OLDEST_FIRST\n    first: $first\n    after: $after\n  ) {\n    ...ConsolePart\n  }\n}": typeof types.ConsolePendingDocument,
    "query ConsoleProviders($canRead: Boolean!) {\n  cancellationProviders {\n    provider\n    configured\n    sandbox\n    paused\n    pausedAt\n    pausedReason\n    circuit\n    maxBatchSize\n    minIntervalMs\n    statusLookup\n    cancellableWhen\n    cancellableAfterSeconds\n    autoCancelledAfterSeconds\n    documentationUrl\n  }\n  cancellationCounts @include(if: $canRead) {\n    provider\n    status\n    problemCode\n    count\n    oldestRequestedAt\n  }\n  cancellationRates(minutes: 15) @include(if: $canRead) {\n    provider\n    status\n    minute\n    count\n  }\n}": typeof types.ConsoleProvidersDocument,
    "query ConsoleSearch($id: ID!, $text: String!, $first: Int!, $afterInRequest: String, $afterOfCaller: String) {\n  byOrder: cancellations(orderId: $id, first: $first) {\n    ...ConsolePart\n  }\n  byRequest: cancellations(\n    requestId: $text\n    first: $first\n    after: $afterInRequest\n  ) {\n    ...ConsolePart\n  }\n  byCaller: cancellations(\n    requestedBy: $text\n    first: $first\n    after: $afterOfCaller\n  ) {\n    ...ConsolePart\n  }\n}": typeof types.ConsoleSearchDocument,
    "subscription FollowSelectedOrders($orders: [OrderKeyInput!]!) {\n  selectedOrders(orders: $orders) {\n    ...OrderCancellation\n  }\n}": typeof types.FollowSelectedOrdersDocument,
    "fragment OrderCancellability on Order {\n  provider\n  id\n  cancellability {\n    state\n    reason\n    message\n    checkedAt\n    cancellableFrom\n    cancellableUntil\n  }\n}": typeof types.OrderCancellabilityFragmentDoc,
    "fragment OrderCancellation on Order {\n  provider\n  id\n  cancellation {\n    status\n    problem {\n      code\n      message\n      providerCode\n      providerMessage\n    }\n    requestedAt\n    settledAt\n    nextAttemptAt\n    attempts\n  }\n}": typeof types.OrderCancellationFragmentDoc,
    "subscription OrderCancellations($provider: OrderProvider!, $ids: [ID!]!) {\n  orderCancellations(provider: $provider, ids: $ids) {\n    ...OrderCancellation\n  }\n}": typeof types.OrderCancellationsDocument,
    "query PollCancellation($provider: OrderProvider!, $orderId: ID!) {\n  cancellation(provider: $provider, orderId: $orderId) {\n    order {\n      ...OrderCancellation\n    }\n  }\n}": typeof types.PollCancellationDocument,
    "mutation RecheckCancellations($orders: [OrderKeyInput!]!) {\n  recheckCancellations(orders: $orders) {\n    orders {\n      ...OrderCancellation\n    }\n    problems {\n      order {\n        provider\n        id\n      }\n      code\n      message\n    }\n  }\n}": typeof types.RecheckCancellationsDocument,
    "mutation ResolveCancellations($orders: [OrderKeyInput!]!, $status: CancellationResolution!, $note: String!) {\n  resolveCancellations(orders: $orders, status: $status, note: $note) {\n    orders {\n      ...OrderCancellation\n    }\n  }\n}": typeof types.ResolveCancellationsDocument,
    "query SelectedCancellability($orders: [OrderKeyInput!]!) {\n  selectedOrders(orders: $orders) {\n    ...OrderCancellability\n  }\n}": typeof types.SelectedCancellabilityDocument,
    "query SelectedOrders($orders: [OrderKeyInput!]!) {\n  selectedOrders(orders: $orders) {\n    ...OrderCancellation\n  }\n}": typeof types.SelectedOrdersDocument,
    "mutation SetProviderPaused($provider: OrderProvider!, $paused: Boolean!, $reason: String) {\n  setProviderPaused(provider: $provider, paused: $paused, reason: $reason) {\n    provider {\n      provider\n      paused\n      pausedAt\n      pausedReason\n    }\n  }\n}": typeof types.SetProviderPausedDocument,
    "query Viewer {\n  viewer {\n    subject\n    canCancel\n    canRead\n    canResolve\n    canManage\n    missingScopes\n  }\n}": typeof types.ViewerDocument,
};
const documents: Documents = {
    "mutation CancelOrders($provider: OrderProvider!, $ids: [ID!]!) {\n  cancelOrders(provider: $provider, ids: $ids) {\n    orders {\n      ...OrderCancellation\n    }\n  }\n}": types.CancelOrdersDocument,
    "mutation CancelSelectedOrders($orders: [OrderKeyInput!]!) {\n  cancelSelectedOrders(orders: $orders) {\n    orders {\n      ...OrderCancellation\n    }\n  }\n}": types.CancelSelectedOrdersDocument,
    "query CancellationCounts {\n  cancellationCounts {\n    provider\n    status\n    problemCode\n    count\n    oldestRequestedAt\n  }\n}": types.CancellationCountsDocument,
    "query CancellationHistory($provider: OrderProvider!, $orderId: ID!) {\n  cancellation(provider: $provider, orderId: $orderId) {\n    status\n    history {\n      at\n      kind\n      attempt\n      status\n      problemCode\n      httpStatus\n      durationMs\n      failure\n      requestedBy\n      requestId\n      note\n    }\n  }\n}": types.CancellationHistoryDocument,
    "query CancellationList($provider: OrderProvider, $status: CancellationStatus, $problemCode: CancellationProblemCode, $orderId: ID, $requestedBy: String, $requestId: String, $settledBefore: DateTime, $order: CancellationOrder = NEWEST_FIRST, $first: Int = 50, $after: String) {\n  cancellations(\n    provider: $provider\n    status: $status\n    problemCode: $problemCode\n    orderId: $orderId\n    requestedBy: $requestedBy\n    requestId: $requestId\n    settledBefore: $settledBefore\n    order: $order\n    first: $first\n    after: $after\n  ) {\n    edges {\n      cursor\n      node {\n        order {\n          ...OrderCancellation\n        }\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}": types.CancellationListDocument,
    "query CancellationProviders {\n  cancellationProviders {\n    provider\n    configured\n    sandbox\n    paused\n    pausedAt\n    pausedReason\n    circuit\n    maxBatchSize\n    minIntervalMs\n    statusLookup\n    cancellableWhen\n    cancellableAfterSeconds\n    autoCancelledAfterSeconds\n    documentationUrl\n  }\n}": types.CancellationProvidersDocument,
    "query CancellationRates($minutes: Int = 15) {\n  cancellationRates(minutes: $minutes) {\n    provider\n    status\n    minute\n    count\n  }\n}": types.CancellationRatesDocument,
    "query ConsoleAttention($provider: OrderProvider, $first: Int!, $after: String, $canRead: Boolean!) {\n  cancellationProviders {\n    provider\n    configured\n    paused\n    pausedAt\n    pausedReason\n    circuit\n  }\n  cancellationCounts @include(if: $canRead) {\n    provider\n    status\n    problemCode\n    count\n    oldestRequestedAt\n  }\n  cancellations(\n    status: UNCONFIRMED\n    provider: $provider\n    order: OLDEST_FIRST\n    first: $first\n    after: $after\n  ) @include(if: $canRead) {\n    ...ConsolePart\n  }\n}": types.ConsoleAttentionDocument,
    "fragment ConsoleCancellation on Cancellation {\n  order {\n    provider\n    id\n  }\n  status\n  problem {\n    code\n    message\n    providerCode\n    providerMessage\n  }\n  requestedAt\n  settledAt\n  nextAttemptAt\n  attempts\n}": types.ConsoleCancellationFragmentDoc,
    "query ConsoleOrder($provider: OrderProvider!, $orderId: ID!, $canRead: Boolean!) {\n  cancellation(provider: $provider, orderId: $orderId) @skip(if: $canRead) {\n    ...ConsoleOrderState\n  }\n  cancellations(provider: $provider, orderId: $orderId, first: 1) @include(if: $canRead) {\n    edges {\n      node {\n        ...ConsoleOrderState\n      }\n    }\n  }\n  cancellationProviders {\n    provider\n    configured\n    paused\n    circuit\n  }\n}\n\nfragment ConsoleOrderState on Cancellation {\n  ...ConsoleCancellation\n  history(last: 200) {\n    at\n    kind\n    attempt\n    status\n    problemCode\n    providerCode\n    providerMessage\n    httpStatus\n    durationMs\n    failure\n    requestedBy\n    requestId\n    note\n  }\n}": types.ConsoleOrderDocument,
    "fragment ConsolePart on CancellationConnection {\n  edges {\n    node {\n      ...ConsoleCancellation\n    }\n  }\n  pageInfo {\n    hasNextPage\n    endCursor\n  }\n}": types.ConsolePartFragmentDoc,
    "query ConsolePending($provider: OrderProvider!, $problemCode: CancellationProblemCode, $first: Int!, $after: String) {\n  cancellations(\n    status: PENDING\n    provider: $provider\n    problemCode: $problemCode\n    order: OLDEST_FIRST\n    first: $first\n    after: $after\n  ) {\n    ...ConsolePart\n  }\n}": types.ConsolePendingDocument,
    "query ConsoleProviders($canRead: Boolean!) {\n  cancellationProviders {\n    provider\n    configured\n    sandbox\n    paused\n    pausedAt\n    pausedReason\n    circuit\n    maxBatchSize\n    minIntervalMs\n    statusLookup\n    cancellableWhen\n    cancellableAfterSeconds\n    autoCancelledAfterSeconds\n    documentationUrl\n  }\n  cancellationCounts @include(if: $canRead) {\n    provider\n    status\n    problemCode\n    count\n    oldestRequestedAt\n  }\n  cancellationRates(minutes: 15) @include(if: $canRead) {\n    provider\n    status\n    minute\n    count\n  }\n}": types.ConsoleProvidersDocument,
    "query ConsoleSearch($id: ID!, $text: String!, $first: Int!, $afterInRequest: String, $afterOfCaller: String) {\n  byOrder: cancellations(orderId: $id, first: $first) {\n    ...ConsolePart\n  }\n  byRequest: cancellations(\n    requestId: $text\n    first: $first\n    after: $afterInRequest\n  ) {\n    ...ConsolePart\n  }\n  byCaller: cancellations(\n    requestedBy: $text\n    first: $first\n    after: $afterOfCaller\n  ) {\n    ...ConsolePart\n  }\n}": types.ConsoleSearchDocument,
    "subscription FollowSelectedOrders($orders: [OrderKeyInput!]!) {\n  selectedOrders(orders: $orders) {\n    ...OrderCancellation\n  }\n}": types.FollowSelectedOrdersDocument,
    "fragment OrderCancellability on Order {\n  provider\n  id\n  cancellability {\n    state\n    reason\n    message\n    checkedAt\n    cancellableFrom\n    cancellableUntil\n  }\n}": types.OrderCancellabilityFragmentDoc,
    "fragment OrderCancellation on Order {\n  provider\n  id\n  cancellation {\n    status\n    problem {\n      code\n      message\n      providerCode\n      providerMessage\n    }\n    requestedAt\n    settledAt\n    nextAttemptAt\n    attempts\n  }\n}": types.OrderCancellationFragmentDoc,
    "subscription OrderCancellations($provider: OrderProvider!, $ids: [ID!]!) {\n  orderCancellations(provider: $provider, ids: $ids) {\n    ...OrderCancellation\n  }\n}": types.OrderCancellationsDocument,
    "query PollCancellation($provider: OrderProvider!, $orderId: ID!) {\n  cancellation(provider: $provider, orderId: $orderId) {\n    order {\n      ...OrderCancellation\n    }\n  }\n}": types.PollCancellationDocument,
    "mutation RecheckCancellations($orders: [OrderKeyInput!]!) {\n  recheckCancellations(orders: $orders) {\n    orders {\n      ...OrderCancellation\n    }\n    problems {\n      order {\n        provider\n        id\n      }\n      code\n      message\n    }\n  }\n}": types.RecheckCancellationsDocument,
    "mutation ResolveCancellations($orders: [OrderKeyInput!]!, $status: CancellationResolution!, $note: String!) {\n  resolveCancellations(orders: $orders, status: $status, note: $note) {\n    orders {\n      ...OrderCancellation\n    }\n  }\n}": types.ResolveCancellationsDocument,
    "query SelectedCancellability($orders: [OrderKeyInput!]!) {\n  selectedOrders(orders: $orders) {\n    ...OrderCancellability\n  }\n}": types.SelectedCancellabilityDocument,
    "query SelectedOrders($orders: [OrderKeyInput!]!) {\n  selectedOrders(orders: $orders) {\n    ...OrderCancellation\n  }\n}": types.SelectedOrdersDocument,
    "mutation SetProviderPaused($provider: OrderProvider!, $paused: Boolean!, $reason: String) {\n  setProviderPaused(provider: $provider, paused: $paused, reason: $reason) {\n    provider {\n      provider\n      paused\n      pausedAt\n      pausedReason\n    }\n  }\n}": types.SetProviderPausedDocument,
    "query Viewer {\n  viewer {\n    subject\n    canCancel\n    canRead\n    canResolve\n    canManage\n    missingScopes\n  }\n}": types.ViewerDocument,
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
export function graphql(source: "query CancellationCounts {\n  cancellationCounts {\n    provider\n    status\n    problemCode\n    count\n    oldestRequestedAt\n  }\n}"): (typeof documents)["query CancellationCounts {\n  cancellationCounts {\n    provider\n    status\n    problemCode\n    count\n    oldestRequestedAt\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query CancellationHistory($provider: OrderProvider!, $orderId: ID!) {\n  cancellation(provider: $provider, orderId: $orderId) {\n    status\n    history {\n      at\n      kind\n      attempt\n      status\n      problemCode\n      httpStatus\n      durationMs\n      failure\n      requestedBy\n      requestId\n      note\n    }\n  }\n}"): (typeof documents)["query CancellationHistory($provider: OrderProvider!, $orderId: ID!) {\n  cancellation(provider: $provider, orderId: $orderId) {\n    status\n    history {\n      at\n      kind\n      attempt\n      status\n      problemCode\n      httpStatus\n      durationMs\n      failure\n      requestedBy\n      requestId\n      note\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query CancellationList($provider: OrderProvider, $status: CancellationStatus, $problemCode: CancellationProblemCode, $orderId: ID, $requestedBy: String, $requestId: String, $settledBefore: DateTime, $order: CancellationOrder = NEWEST_FIRST, $first: Int = 50, $after: String) {\n  cancellations(\n    provider: $provider\n    status: $status\n    problemCode: $problemCode\n    orderId: $orderId\n    requestedBy: $requestedBy\n    requestId: $requestId\n    settledBefore: $settledBefore\n    order: $order\n    first: $first\n    after: $after\n  ) {\n    edges {\n      cursor\n      node {\n        order {\n          ...OrderCancellation\n        }\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}"): (typeof documents)["query CancellationList($provider: OrderProvider, $status: CancellationStatus, $problemCode: CancellationProblemCode, $orderId: ID, $requestedBy: String, $requestId: String, $settledBefore: DateTime, $order: CancellationOrder = NEWEST_FIRST, $first: Int = 50, $after: String) {\n  cancellations(\n    provider: $provider\n    status: $status\n    problemCode: $problemCode\n    orderId: $orderId\n    requestedBy: $requestedBy\n    requestId: $requestId\n    settledBefore: $settledBefore\n    order: $order\n    first: $first\n    after: $after\n  ) {\n    edges {\n      cursor\n      node {\n        order {\n          ...OrderCancellation\n        }\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query CancellationProviders {\n  cancellationProviders {\n    provider\n    configured\n    sandbox\n    paused\n    pausedAt\n    pausedReason\n    circuit\n    maxBatchSize\n    minIntervalMs\n    statusLookup\n    cancellableWhen\n    cancellableAfterSeconds\n    autoCancelledAfterSeconds\n    documentationUrl\n  }\n}"): (typeof documents)["query CancellationProviders {\n  cancellationProviders {\n    provider\n    configured\n    sandbox\n    paused\n    pausedAt\n    pausedReason\n    circuit\n    maxBatchSize\n    minIntervalMs\n    statusLookup\n    cancellableWhen\n    cancellableAfterSeconds\n    autoCancelledAfterSeconds\n    documentationUrl\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query CancellationRates($minutes: Int = 15) {\n  cancellationRates(minutes: $minutes) {\n    provider\n    status\n    minute\n    count\n  }\n}"): (typeof documents)["query CancellationRates($minutes: Int = 15) {\n  cancellationRates(minutes: $minutes) {\n    provider\n    status\n    minute\n    count\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query ConsoleAttention($provider: OrderProvider, $first: Int!, $after: String, $canRead: Boolean!) {\n  cancellationProviders {\n    provider\n    configured\n    paused\n    pausedAt\n    pausedReason\n    circuit\n  }\n  cancellationCounts @include(if: $canRead) {\n    provider\n    status\n    problemCode\n    count\n    oldestRequestedAt\n  }\n  cancellations(\n    status: UNCONFIRMED\n    provider: $provider\n    order: OLDEST_FIRST\n    first: $first\n    after: $after\n  ) @include(if: $canRead) {\n    ...ConsolePart\n  }\n}"): (typeof documents)["query ConsoleAttention($provider: OrderProvider, $first: Int!, $after: String, $canRead: Boolean!) {\n  cancellationProviders {\n    provider\n    configured\n    paused\n    pausedAt\n    pausedReason\n    circuit\n  }\n  cancellationCounts @include(if: $canRead) {\n    provider\n    status\n    problemCode\n    count\n    oldestRequestedAt\n  }\n  cancellations(\n    status: UNCONFIRMED\n    provider: $provider\n    order: OLDEST_FIRST\n    first: $first\n    after: $after\n  ) @include(if: $canRead) {\n    ...ConsolePart\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "fragment ConsoleCancellation on Cancellation {\n  order {\n    provider\n    id\n  }\n  status\n  problem {\n    code\n    message\n    providerCode\n    providerMessage\n  }\n  requestedAt\n  settledAt\n  nextAttemptAt\n  attempts\n}"): (typeof documents)["fragment ConsoleCancellation on Cancellation {\n  order {\n    provider\n    id\n  }\n  status\n  problem {\n    code\n    message\n    providerCode\n    providerMessage\n  }\n  requestedAt\n  settledAt\n  nextAttemptAt\n  attempts\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query ConsoleOrder($provider: OrderProvider!, $orderId: ID!, $canRead: Boolean!) {\n  cancellation(provider: $provider, orderId: $orderId) @skip(if: $canRead) {\n    ...ConsoleOrderState\n  }\n  cancellations(provider: $provider, orderId: $orderId, first: 1) @include(if: $canRead) {\n    edges {\n      node {\n        ...ConsoleOrderState\n      }\n    }\n  }\n  cancellationProviders {\n    provider\n    configured\n    paused\n    circuit\n  }\n}\n\nfragment ConsoleOrderState on Cancellation {\n  ...ConsoleCancellation\n  history(last: 200) {\n    at\n    kind\n    attempt\n    status\n    problemCode\n    providerCode\n    providerMessage\n    httpStatus\n    durationMs\n    failure\n    requestedBy\n    requestId\n    note\n  }\n}"): (typeof documents)["query ConsoleOrder($provider: OrderProvider!, $orderId: ID!, $canRead: Boolean!) {\n  cancellation(provider: $provider, orderId: $orderId) @skip(if: $canRead) {\n    ...ConsoleOrderState\n  }\n  cancellations(provider: $provider, orderId: $orderId, first: 1) @include(if: $canRead) {\n    edges {\n      node {\n        ...ConsoleOrderState\n      }\n    }\n  }\n  cancellationProviders {\n    provider\n    configured\n    paused\n    circuit\n  }\n}\n\nfragment ConsoleOrderState on Cancellation {\n  ...ConsoleCancellation\n  history(last: 200) {\n    at\n    kind\n    attempt\n    status\n    problemCode\n    providerCode\n    providerMessage\n    httpStatus\n    durationMs\n    failure\n    requestedBy\n    requestId\n    note\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "fragment ConsolePart on CancellationConnection {\n  edges {\n    node {\n      ...ConsoleCancellation\n    }\n  }\n  pageInfo {\n    hasNextPage\n    endCursor\n  }\n}"): (typeof documents)["fragment ConsolePart on CancellationConnection {\n  edges {\n    node {\n      ...ConsoleCancellation\n    }\n  }\n  pageInfo {\n    hasNextPage\n    endCursor\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query ConsolePending($provider: OrderProvider!, $problemCode: CancellationProblemCode, $first: Int!, $after: String) {\n  cancellations(\n    status: PENDING\n    provider: $provider\n    problemCode: $problemCode\n    order: OLDEST_FIRST\n    first: $first\n    after: $after\n  ) {\n    ...ConsolePart\n  }\n}"): (typeof documents)["query ConsolePending($provider: OrderProvider!, $problemCode: CancellationProblemCode, $first: Int!, $after: String) {\n  cancellations(\n    status: PENDING\n    provider: $provider\n    problemCode: $problemCode\n    order: OLDEST_FIRST\n    first: $first\n    after: $after\n  ) {\n    ...ConsolePart\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query ConsoleProviders($canRead: Boolean!) {\n  cancellationProviders {\n    provider\n    configured\n    sandbox\n    paused\n    pausedAt\n    pausedReason\n    circuit\n    maxBatchSize\n    minIntervalMs\n    statusLookup\n    cancellableWhen\n    cancellableAfterSeconds\n    autoCancelledAfterSeconds\n    documentationUrl\n  }\n  cancellationCounts @include(if: $canRead) {\n    provider\n    status\n    problemCode\n    count\n    oldestRequestedAt\n  }\n  cancellationRates(minutes: 15) @include(if: $canRead) {\n    provider\n    status\n    minute\n    count\n  }\n}"): (typeof documents)["query ConsoleProviders($canRead: Boolean!) {\n  cancellationProviders {\n    provider\n    configured\n    sandbox\n    paused\n    pausedAt\n    pausedReason\n    circuit\n    maxBatchSize\n    minIntervalMs\n    statusLookup\n    cancellableWhen\n    cancellableAfterSeconds\n    autoCancelledAfterSeconds\n    documentationUrl\n  }\n  cancellationCounts @include(if: $canRead) {\n    provider\n    status\n    problemCode\n    count\n    oldestRequestedAt\n  }\n  cancellationRates(minutes: 15) @include(if: $canRead) {\n    provider\n    status\n    minute\n    count\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query ConsoleSearch($id: ID!, $text: String!, $first: Int!, $afterInRequest: String, $afterOfCaller: String) {\n  byOrder: cancellations(orderId: $id, first: $first) {\n    ...ConsolePart\n  }\n  byRequest: cancellations(\n    requestId: $text\n    first: $first\n    after: $afterInRequest\n  ) {\n    ...ConsolePart\n  }\n  byCaller: cancellations(\n    requestedBy: $text\n    first: $first\n    after: $afterOfCaller\n  ) {\n    ...ConsolePart\n  }\n}"): (typeof documents)["query ConsoleSearch($id: ID!, $text: String!, $first: Int!, $afterInRequest: String, $afterOfCaller: String) {\n  byOrder: cancellations(orderId: $id, first: $first) {\n    ...ConsolePart\n  }\n  byRequest: cancellations(\n    requestId: $text\n    first: $first\n    after: $afterInRequest\n  ) {\n    ...ConsolePart\n  }\n  byCaller: cancellations(\n    requestedBy: $text\n    first: $first\n    after: $afterOfCaller\n  ) {\n    ...ConsolePart\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "subscription FollowSelectedOrders($orders: [OrderKeyInput!]!) {\n  selectedOrders(orders: $orders) {\n    ...OrderCancellation\n  }\n}"): (typeof documents)["subscription FollowSelectedOrders($orders: [OrderKeyInput!]!) {\n  selectedOrders(orders: $orders) {\n    ...OrderCancellation\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "fragment OrderCancellability on Order {\n  provider\n  id\n  cancellability {\n    state\n    reason\n    message\n    checkedAt\n    cancellableFrom\n    cancellableUntil\n  }\n}"): (typeof documents)["fragment OrderCancellability on Order {\n  provider\n  id\n  cancellability {\n    state\n    reason\n    message\n    checkedAt\n    cancellableFrom\n    cancellableUntil\n  }\n}"];
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
export function graphql(source: "mutation RecheckCancellations($orders: [OrderKeyInput!]!) {\n  recheckCancellations(orders: $orders) {\n    orders {\n      ...OrderCancellation\n    }\n    problems {\n      order {\n        provider\n        id\n      }\n      code\n      message\n    }\n  }\n}"): (typeof documents)["mutation RecheckCancellations($orders: [OrderKeyInput!]!) {\n  recheckCancellations(orders: $orders) {\n    orders {\n      ...OrderCancellation\n    }\n    problems {\n      order {\n        provider\n        id\n      }\n      code\n      message\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation ResolveCancellations($orders: [OrderKeyInput!]!, $status: CancellationResolution!, $note: String!) {\n  resolveCancellations(orders: $orders, status: $status, note: $note) {\n    orders {\n      ...OrderCancellation\n    }\n  }\n}"): (typeof documents)["mutation ResolveCancellations($orders: [OrderKeyInput!]!, $status: CancellationResolution!, $note: String!) {\n  resolveCancellations(orders: $orders, status: $status, note: $note) {\n    orders {\n      ...OrderCancellation\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query SelectedCancellability($orders: [OrderKeyInput!]!) {\n  selectedOrders(orders: $orders) {\n    ...OrderCancellability\n  }\n}"): (typeof documents)["query SelectedCancellability($orders: [OrderKeyInput!]!) {\n  selectedOrders(orders: $orders) {\n    ...OrderCancellability\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query SelectedOrders($orders: [OrderKeyInput!]!) {\n  selectedOrders(orders: $orders) {\n    ...OrderCancellation\n  }\n}"): (typeof documents)["query SelectedOrders($orders: [OrderKeyInput!]!) {\n  selectedOrders(orders: $orders) {\n    ...OrderCancellation\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation SetProviderPaused($provider: OrderProvider!, $paused: Boolean!, $reason: String) {\n  setProviderPaused(provider: $provider, paused: $paused, reason: $reason) {\n    provider {\n      provider\n      paused\n      pausedAt\n      pausedReason\n    }\n  }\n}"): (typeof documents)["mutation SetProviderPaused($provider: OrderProvider!, $paused: Boolean!, $reason: String) {\n  setProviderPaused(provider: $provider, paused: $paused, reason: $reason) {\n    provider {\n      provider\n      paused\n      pausedAt\n      pausedReason\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Viewer {\n  viewer {\n    subject\n    canCancel\n    canRead\n    canResolve\n    canManage\n    missingScopes\n  }\n}"): (typeof documents)["query Viewer {\n  viewer {\n    subject\n    canCancel\n    canRead\n    canResolve\n    canManage\n    missingScopes\n  }\n}"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;