import { ApolloArmor } from "@escape.tech/graphql-armor";
import type { ValidationRule } from "graphql";
import { aliasLimit } from "../graphql/alias-limit.ts";
import { mutationLimit } from "../graphql/mutation-limit.ts";

/** Largest request body, bytes. The largest useful one has 5000 ids of 200 characters. */
export const maxBodyBytes = 1024 * 1024;

/** Longest time for a request to arrive in, ms: a gateway beside us needs a few, a slow attacker would take forever. */
export const maxArrivalMs = 30_000;

/** Most lexical tokens of a document. The introspection query, the longest that tools send, has about 300. */
export const maxTokens = 2000;

/** Fields within fields. Gateways' deepest has 4: `_entities`, `cancellation`, `history`, `at`. Introspection is exempt. */
const maxDepth = 12;

/** Fields under another name. Gateways that batch, as Hive's, rename every field of what they join into one request. */
const maxAliases = 100;

/** A gateway passes on a client's @skip and @include: as many as a large screen has parts. */
const maxDirectives = 50;

/**
 * What a document may be, checked once it is valid. Tokens are counted by graphql-js itself: Armor's plugin for them
 * answers 500 and shows callers the messages of unexpected errors. Its aliases leave out `__typename`.
 */
export function operationLimits(): ValidationRule[] {
  const off = { enabled: false };
  const { validationRules } = new ApolloArmor({
    maxDepth: { n: maxDepth, flattenFragments: true },
    maxDirectives: { n: maxDirectives },
    ...{ maxTokens: off, maxAliases: off, costLimit: off, blockFieldSuggestion: off },
  }).protect();
  return [...validationRules, aliasLimit(maxAliases), mutationLimit];
}
