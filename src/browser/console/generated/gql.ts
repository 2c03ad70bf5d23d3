/* eslint-disable */
import * as types from './graphql.js';



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
    "mutation CancelSelectedOrders($orders: [OrderKeyInput!]!) {\n  cancelSelectedOrders(orders: $orders) {\n    orders {\n      ...OrderCancellation\n    }\n  }\n}": typeof types.CancelSelectedOrdersDocument,
    "query ConsoleAttention($provider: OrderProvider, $first: Int!, $after: String, $canRead: Boolean!) {\n  cancellationProviders {\n    provider\n    configured\n    paused\n    pausedAt\n    pausedReason\n    circuit\n  }\n  cancellationCounts @include(if: $canRead) {\n    provider\n    status\n    problemCode\n    count\n    oldestRequestedAt\n  }\n  cancellations(\n    status: UNCONFIRMED\n    provider: $provider\n    order: OLDEST_FIRST\n    first: $first\n    after: $after\n  ) @include(if: $canRead) {\n    ...ConsolePart\n  }\n}": typeof types.ConsoleAttentionDocument,
    "fragment ConsoleCancellation on Cancellation {\n  order {\n    provider\n    id\n  }\n  status\n  problem {\n    code\n    message\n    providerCode\n    providerMessage\n  }\n  requestedAt\n  settledAt\n  nextAttemptAt\n  attempts\n}": typeof types.ConsoleCancellationFragmentDoc,
    "query ConsoleOrder($provider: OrderProvider!, $orderId: ID!, $canRead: Boolean!) {\n  cancellation(provider: $provider, orderId: $orderId) @skip(if: $canRead) {\n    ...ConsoleOrderState\n  }\n  cancellations(provider: $provider, orderId: $orderId, first: 1) @include(if: $canRead) {\n    edges {\n      node {\n        ...ConsoleOrderState\n      }\n    }\n  }\n  cancellationProviders {\n    provider\n    configured\n    paused\n    circuit\n  }\n}\n\nfragment ConsoleOrderState on Cancellation {\n  ...ConsoleCancellation\n  history(last: 200) {\n    at\n    kind\n    attempt\n    status\n    problemCode\n    providerCode\n    providerMessage\n    httpStatus\n    durationMs\n    failure\n    requestedBy\n    requestId\n    note\n  }\n}": typeof types.ConsoleOrderDocument,
    "fragment ConsolePart on CancellationConnection {\n  edges {\n    node {\n      ...ConsoleCancellation\n    }\n  }\n  pageInfo {\n    hasNextPage\n    endCursor\n  }\n}": typeof types.ConsolePartFragmentDoc,
    "query ConsolePending($provider: OrderProvider!, $problemCode: CancellationProblemCode, $first: Int!, $after: String) {\n  cancellations(\n    status: PENDING\n    provider: $provider\n    problemCode: $problemCode\n    order: OLDEST_FIRST\n    first: $first\n    after: $after\n  ) {\n    ...ConsolePart\n  }\n}": typeof types.ConsolePendingDocument,
    "query ConsoleProviders($canRead: Boolean!) {\n  cancellationProviders {\n    provider\n    configured\n    sandbox\n    paused\n    pausedAt\n    pausedReason\n    circuit\n    maxBatchSize\n    minIntervalMs\n    statusLookup\n    cancellableWhen\n    cancellableAfterSeconds\n    autoCancelledAfterSeconds\n    documentationUrl\n  }\n  cancellationCounts @include(if: $canRead) {\n    provider\n    status\n    problemCode\n    count\n    oldestRequestedAt\n  }\n  cancellationRates(minutes: 15) @include(if: $canRead) {\n    provider\n    status\n    minute\n    count\n  }\n}": typeof types.ConsoleProvidersDocument,
    "query ConsoleSearch($id: ID!, $text: String!, $first: Int!, $afterInRequest: String, $afterOfCaller: String) {\n  byOrder: cancellations(orderId: $id, first: $first) {\n    ...ConsolePart\n  }\n  byRequest: cancellations(\n    requestId: $text\n    first: $first\n    after: $afterInRequest\n  ) {\n    ...ConsolePart\n  }\n  byCaller: cancellations(\n    requestedBy: $text\n    first: $first\n    after: $afterOfCaller\n  ) {\n    ...ConsolePart\n  }\n}": typeof types.ConsoleSearchDocument,
    "fragment OrderCancellation on Order {\n  provider\n  id\n  cancellation {\n    status\n    problem {\n      code\n      message\n      providerCode\n      providerMessage\n    }\n    requestedAt\n    settledAt\n    nextAttemptAt\n    attempts\n  }\n}": typeof types.OrderCancellationFragmentDoc,
    "mutation RecheckCancellations($orders: [OrderKeyInput!]!) {\n  recheckCancellations(orders: $orders) {\n    orders {\n      ...OrderCancellation\n    }\n    problems {\n      order {\n        provider\n        id\n      }\n      code\n      message\n    }\n  }\n}": typeof types.RecheckCancellationsDocument,
    "mutation ResolveCancellations($orders: [OrderKeyInput!]!, $status: CancellationResolution!, $note: String!) {\n  resolveCancellations(orders: $orders, status: $status, note: $note) {\n    orders {\n      ...OrderCancellation\n    }\n  }\n}": typeof types.ResolveCancellationsDocument,
    "mutation SetProviderPaused($provider: OrderProvider!, $paused: Boolean!, $reason: String) {\n  setProviderPaused(provider: $provider, paused: $paused, reason: $reason) {\n    provider {\n      provider\n      paused\n      pausedAt\n      pausedReason\n    }\n  }\n}": typeof types.SetProviderPausedDocument,
    "query Viewer {\n  viewer {\n    subject\n    canCancel\n    canRead\n    canResolve\n    canManage\n    missingScopes\n  }\n}": typeof types.ViewerDocument,
};
const documents: Documents = {
    "mutation CancelSelectedOrders($orders: [OrderKeyInput!]!) {\n  cancelSelectedOrders(orders: $orders) {\n    orders {\n      ...OrderCancellation\n    }\n  }\n}": types.CancelSelectedOrdersDocument,
    "query ConsoleAttention($provider: OrderProvider, $first: Int!, $after: String, $canRead: Boolean!) {\n  cancellationProviders {\n    provider\n    configured\n    paused\n    pausedAt\n    pausedReason\n    circuit\n  }\n  cancellationCounts @include(if: $canRead) {\n    provider\n    status\n    problemCode\n    count\n    oldestRequestedAt\n  }\n  cancellations(\n    status: UNCONFIRMED\n    provider: $provider\n    order: OLDEST_FIRST\n    first: $first\n    after: $after\n  ) @include(if: $canRead) {\n    ...ConsolePart\n  }\n}": types.ConsoleAttentionDocument,
    "fragment ConsoleCancellation on Cancellation {\n  order {\n    provider\n    id\n  }\n  status\n  problem {\n    code\n    message\n    providerCode\n    providerMessage\n  }\n  requestedAt\n  settledAt\n  nextAttemptAt\n  attempts\n}": types.ConsoleCancellationFragmentDoc,
    "query ConsoleOrder($provider: OrderProvider!, $orderId: ID!, $canRead: Boolean!) {\n  cancellation(provider: $provider, orderId: $orderId) @skip(if: $canRead) {\n    ...ConsoleOrderState\n  }\n  cancellations(provider: $provider, orderId: $orderId, first: 1) @include(if: $canRead) {\n    edges {\n      node {\n        ...ConsoleOrderState\n      }\n    }\n  }\n  cancellationProviders {\n    provider\n    configured\n    paused\n    circuit\n  }\n}\n\nfragment ConsoleOrderState on Cancellation {\n  ...ConsoleCancellation\n  history(last: 200) {\n    at\n    kind\n    attempt\n    status\n    problemCode\n    providerCode\n    providerMessage\n    httpStatus\n    durationMs\n    failure\n    requestedBy\n    requestId\n    note\n  }\n}": types.ConsoleOrderDocument,
    "fragment ConsolePart on CancellationConnection {\n  edges {\n    node {\n      ...ConsoleCancellation\n    }\n  }\n  pageInfo {\n    hasNextPage\n    endCursor\n  }\n}": types.ConsolePartFragmentDoc,
    "query ConsolePending($provider: OrderProvider!, $problemCode: CancellationProblemCode, $first: Int!, $after: String) {\n  cancellations(\n    status: PENDING\n    provider: $provider\n    problemCode: $problemCode\n    order: OLDEST_FIRST\n    first: $first\n    after: $after\n  ) {\n    ...ConsolePart\n  }\n}": types.ConsolePendingDocument,
    "query ConsoleProviders($canRead: Boolean!) {\n  cancellationProviders {\n    provider\n    configured\n    sandbox\n    paused\n    pausedAt\n    pausedReason\n    circuit\n    maxBatchSize\n    minIntervalMs\n    statusLookup\n    cancellableWhen\n    cancellableAfterSeconds\n    autoCancelledAfterSeconds\n    documentationUrl\n  }\n  cancellationCounts @include(if: $canRead) {\n    provider\n    status\n    problemCode\n    count\n    oldestRequestedAt\n  }\n  cancellationRates(minutes: 15) @include(if: $canRead) {\n    provider\n    status\n    minute\n    count\n  }\n}": types.ConsoleProvidersDocument,
    "query ConsoleSearch($id: ID!, $text: String!, $first: Int!, $afterInRequest: String, $afterOfCaller: String) {\n  byOrder: cancellations(orderId: $id, first: $first) {\n    ...ConsolePart\n  }\n  byRequest: cancellations(\n    requestId: $text\n    first: $first\n    after: $afterInRequest\n  ) {\n    ...ConsolePart\n  }\n  byCaller: cancellations(\n    requestedBy: $text\n    first: $first\n    after: $afterOfCaller\n  ) {\n    ...ConsolePart\n  }\n}": types.ConsoleSearchDocument,
    "fragment OrderCancellation on Order {\n  provider\n  id\n  cancellation {\n    status\n    problem {\n      code\n      message\n      providerCode\n      providerMessage\n    }\n    requestedAt\n    settledAt\n    nextAttemptAt\n    attempts\n  }\n}": types.OrderCancellationFragmentDoc,
    "mutation RecheckCancellations($orders: [OrderKeyInput!]!) {\n  recheckCancellations(orders: $orders) {\n    orders {\n      ...OrderCancellation\n    }\n    problems {\n      order {\n        provider\n        id\n      }\n      code\n      message\n    }\n  }\n}": types.RecheckCancellationsDocument,
    "mutation ResolveCancellations($orders: [OrderKeyInput!]!, $status: CancellationResolution!, $note: String!) {\n  resolveCancellations(orders: $orders, status: $status, note: $note) {\n    orders {\n      ...OrderCancellation\n    }\n  }\n}": types.ResolveCancellationsDocument,
    "mutation SetProviderPaused($provider: OrderProvider!, $paused: Boolean!, $reason: String) {\n  setProviderPaused(provider: $provider, paused: $paused, reason: $reason) {\n    provider {\n      provider\n      paused\n      pausedAt\n      pausedReason\n    }\n  }\n}": types.SetProviderPausedDocument,
    "query Viewer {\n  viewer {\n    subject\n    canCancel\n    canRead\n    canResolve\n    canManage\n    missingScopes\n  }\n}": types.ViewerDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation CancelSelectedOrders($orders: [OrderKeyInput!]!) {\n  cancelSelectedOrders(orders: $orders) {\n    orders {\n      ...OrderCancellation\n    }\n  }\n}"): typeof import('./graphql.js').CancelSelectedOrdersDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query ConsoleAttention($provider: OrderProvider, $first: Int!, $after: String, $canRead: Boolean!) {\n  cancellationProviders {\n    provider\n    configured\n    paused\n    pausedAt\n    pausedReason\n    circuit\n  }\n  cancellationCounts @include(if: $canRead) {\n    provider\n    status\n    problemCode\n    count\n    oldestRequestedAt\n  }\n  cancellations(\n    status: UNCONFIRMED\n    provider: $provider\n    order: OLDEST_FIRST\n    first: $first\n    after: $after\n  ) @include(if: $canRead) {\n    ...ConsolePart\n  }\n}"): typeof import('./graphql.js').ConsoleAttentionDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "fragment ConsoleCancellation on Cancellation {\n  order {\n    provider\n    id\n  }\n  status\n  problem {\n    code\n    message\n    providerCode\n    providerMessage\n  }\n  requestedAt\n  settledAt\n  nextAttemptAt\n  attempts\n}"): typeof import('./graphql.js').ConsoleCancellationFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query ConsoleOrder($provider: OrderProvider!, $orderId: ID!, $canRead: Boolean!) {\n  cancellation(provider: $provider, orderId: $orderId) @skip(if: $canRead) {\n    ...ConsoleOrderState\n  }\n  cancellations(provider: $provider, orderId: $orderId, first: 1) @include(if: $canRead) {\n    edges {\n      node {\n        ...ConsoleOrderState\n      }\n    }\n  }\n  cancellationProviders {\n    provider\n    configured\n    paused\n    circuit\n  }\n}\n\nfragment ConsoleOrderState on Cancellation {\n  ...ConsoleCancellation\n  history(last: 200) {\n    at\n    kind\n    attempt\n    status\n    problemCode\n    providerCode\n    providerMessage\n    httpStatus\n    durationMs\n    failure\n    requestedBy\n    requestId\n    note\n  }\n}"): typeof import('./graphql.js').ConsoleOrderDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "fragment ConsolePart on CancellationConnection {\n  edges {\n    node {\n      ...ConsoleCancellation\n    }\n  }\n  pageInfo {\n    hasNextPage\n    endCursor\n  }\n}"): typeof import('./graphql.js').ConsolePartFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query ConsolePending($provider: OrderProvider!, $problemCode: CancellationProblemCode, $first: Int!, $after: String) {\n  cancellations(\n    status: PENDING\n    provider: $provider\n    problemCode: $problemCode\n    order: OLDEST_FIRST\n    first: $first\n    after: $after\n  ) {\n    ...ConsolePart\n  }\n}"): typeof import('./graphql.js').ConsolePendingDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query ConsoleProviders($canRead: Boolean!) {\n  cancellationProviders {\n    provider\n    configured\n    sandbox\n    paused\n    pausedAt\n    pausedReason\n    circuit\n    maxBatchSize\n    minIntervalMs\n    statusLookup\n    cancellableWhen\n    cancellableAfterSeconds\n    autoCancelledAfterSeconds\n    documentationUrl\n  }\n  cancellationCounts @include(if: $canRead) {\n    provider\n    status\n    problemCode\n    count\n    oldestRequestedAt\n  }\n  cancellationRates(minutes: 15) @include(if: $canRead) {\n    provider\n    status\n    minute\n    count\n  }\n}"): typeof import('./graphql.js').ConsoleProvidersDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query ConsoleSearch($id: ID!, $text: String!, $first: Int!, $afterInRequest: String, $afterOfCaller: String) {\n  byOrder: cancellations(orderId: $id, first: $first) {\n    ...ConsolePart\n  }\n  byRequest: cancellations(\n    requestId: $text\n    first: $first\n    after: $afterInRequest\n  ) {\n    ...ConsolePart\n  }\n  byCaller: cancellations(\n    requestedBy: $text\n    first: $first\n    after: $afterOfCaller\n  ) {\n    ...ConsolePart\n  }\n}"): typeof import('./graphql.js').ConsoleSearchDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "fragment OrderCancellation on Order {\n  provider\n  id\n  cancellation {\n    status\n    problem {\n      code\n      message\n      providerCode\n      providerMessage\n    }\n    requestedAt\n    settledAt\n    nextAttemptAt\n    attempts\n  }\n}"): typeof import('./graphql.js').OrderCancellationFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation RecheckCancellations($orders: [OrderKeyInput!]!) {\n  recheckCancellations(orders: $orders) {\n    orders {\n      ...OrderCancellation\n    }\n    problems {\n      order {\n        provider\n        id\n      }\n      code\n      message\n    }\n  }\n}"): typeof import('./graphql.js').RecheckCancellationsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation ResolveCancellations($orders: [OrderKeyInput!]!, $status: CancellationResolution!, $note: String!) {\n  resolveCancellations(orders: $orders, status: $status, note: $note) {\n    orders {\n      ...OrderCancellation\n    }\n  }\n}"): typeof import('./graphql.js').ResolveCancellationsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation SetProviderPaused($provider: OrderProvider!, $paused: Boolean!, $reason: String) {\n  setProviderPaused(provider: $provider, paused: $paused, reason: $reason) {\n    provider {\n      provider\n      paused\n      pausedAt\n      pausedReason\n    }\n  }\n}"): typeof import('./graphql.js').SetProviderPausedDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Viewer {\n  viewer {\n    subject\n    canCancel\n    canRead\n    canResolve\n    canManage\n    missingScopes\n  }\n}"): typeof import('./graphql.js').ViewerDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
