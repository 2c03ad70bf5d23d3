import { setImmediate } from "node:timers/promises";
import type { ApolloServerPlugin } from "@apollo/server";
import { ApolloArmor } from "@escape.tech/graphql-armor";
import type { ValidationRule } from "graphql";
import { aliasLimit } from "../api/limits/alias-limit.ts";
import { checkAnswerSize } from "../api/limits/answer-size.ts";
import { mutationLimit } from "../api/limits/mutation-limit.ts";
import { subscriptionRoot } from "../api/limits/subscription-root.ts";

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
  return [...validationRules, aliasLimit(maxAliases), mutationLimit, subscriptionRoot];
}

/**
 * Refuses operations whose answer would be too large. Large ones are made one after another: between two of them, everything else
 * that waits gets its turn. Only here are the document, the operation and its variables all known.
 */
export function boundAnswers(): ApolloServerPlugin {
  let turn = Promise.resolve();
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ schema, document, request: { operationName, variables } }) => {
        const size = checkAnswerSize({ schema, document, operationName, variables });
        if (size <= largeAnswer) return;
        turn = turn.then(() => setImmediate());
        await turn;
      },
    }),
  };
}

/** Size of an answer that takes about 10 ms. */
export const largeAnswer = 5000;
