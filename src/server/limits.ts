import { ApolloArmor } from "@escape.tech/graphql-armor";
import type { ValidationRule } from "graphql";
import { aliasLimit } from "../graphql/alias-limit.ts";
import { mutationLimit } from "../graphql/mutation-limit.ts";

/** Largest request body, bytes. The largest useful one has 5000 ids of 200 characters. */
export const maxBodyBytes = 1024 * 1024;

/** Longest time for a request to arrive, ms. A gateway nearby needs a few; an attacker could send slowly for ever. */
export const maxArrivalMs = 30_000;

/** Most lexical tokens of a document. The introspection query, the longest that tools send, has about 300. */
export const maxTokens = 2000;

/** Most levels of fields. Gateways need 4: `_entities`, `cancellation`, `history`, `at`. Introspection is exempt. */
const maxDepth = 12;

/** Most renamed fields. A gateway that batches, such as Hive's, joins several operations and renames every field. */
const maxAliases = 100;

/** Most directives. A gateway passes on a client's @skip and @include, which can be one per part of a large screen. */
const maxDirectives = 50;

/**
 * The limits of a document, checked once it is valid. graphql-js itself counts tokens, because Armor's plugin for them answers
 * 500 and shows callers the messages of unexpected errors. Armor's limit of aliases leaves out `__typename`.
 */
export function operationLimits(): ValidationRule[] {
  const off = { enabled: false };
  const { validationRules } = new ApolloArmor({
    maxDepth: { n: maxDepth, flattenFragments: true },
    maxDirectives: { n: maxDirectives },
    maxTokens: off,
    maxAliases: off,
    costLimit: off,
    blockFieldSuggestion: off,
  }).protect();
  return [...validationRules, aliasLimit(maxAliases), mutationLimit];
}
