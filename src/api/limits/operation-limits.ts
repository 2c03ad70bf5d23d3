import { setImmediate } from "node:timers/promises";
import type { ApolloServerPlugin } from "@apollo/server";
import { ApolloArmor } from "@escape.tech/graphql-armor";
import {
  type DirectiveNode,
  type FieldNode,
  GraphQLError,
  Kind,
  OperationTypeNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from "graphql";
import { providerNames } from "../../providers/registry.ts";
import { checkAnswerSize } from "./answer-size.ts";

/** Most lexical tokens of a document. The introspection query, the longest that tools send, has about 300. */
export const maxTokens = 2000;

/** Most levels of fields. Gateways need 4: `_entities`, `cancellation`, `history`, `at`. Introspection is exempt. */
const maxDepth = 12;

/** Most renamed fields. A gateway that batches, such as Hive's, joins several operations and renames every field. */
const maxAliases = 100;

/** Most mutations. One for each provider is useful, more are not. */
const maxMutations = providerNames.length;

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
  return [...validationRules, aliasLimit, mutationLimit, subscriptionRoot];
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

/** Each renamed field is answered separately, and so is `__typename`. */
const aliasLimit = bound("Aliases", maxAliases, {
  operations: ["query", "mutation", "subscription"],
  isCounted: ({ alias }) => alias !== undefined,
  deep: true,
});

const mutationLimit = bound("Mutations", maxMutations, {
  operations: ["mutation"],
  isCounted: () => true,
  deep: false,
});

/** A rule that bounds how many fields of an operation are counted: also those within other fields, if it is `deep`. */
function bound(
  what: string,
  most: number,
  rule: { operations: readonly string[]; isCounted(field: FieldNode): boolean; deep: boolean },
): ValidationRule {
  return (context) => {
    const ofFragments = new Map<string, number>();
    return {
      OperationDefinition: ({ operation, selectionSet }) => {
        if (!rule.operations.includes(operation)) return;
        const found = count(selectionSet);
        if (found > most) context.reportError(new GraphQLError(`${what} limit of ${most} exceeded, found ${found}.`));
      },
    };

    function count({ selections }: SelectionSetNode): number {
      return selections.reduce((sum, selection) => sum + countIn(selection), 0);
    }

    function countIn(selection: SelectionNode): number {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return countInFragment(selection.name.value);
      if (selection.kind === Kind.INLINE_FRAGMENT) return count(selection.selectionSet);
      const own = rule.isCounted(selection) ? 1 : 0;
      return own + (rule.deep && selection.selectionSet ? count(selection.selectionSet) : 0);
    }

    /** A fragment counts as often as it is used, but is read once: nested fragments can double the count many times. */
    function countInFragment(name: string): number {
      const known = ofFragments.get(name);
      if (known !== undefined) return known;
      // This ends at a fragment that holds itself. graphql-js refuses such a document.
      ofFragments.set(name, 0);
      const fragment = context.getFragment(name);
      const found = fragment ? count(fragment.selectionSet) : 0;
      ofFragments.set(name, found);
      return found;
    }
  };
}

/**
 * A validation rule of GraphQL (September 2025, "Single Root Field") that graphql-js 16 has not: no @skip or @include may stand at the
 * root of a subscription, because a stream without its field has nothing to answer.
 */
export function subscriptionRoot(context: ValidationContext): ReturnType<ValidationRule> {
  return {
    OperationDefinition: ({ operation, selectionSet }) => {
      if (operation !== OperationTypeNode.SUBSCRIPTION) return;
      for (const directive of conditions(selectionSet, context, new Set())) {
        const message = `The directive "@${directive.name.value}" may not be used at the root of a subscription.`;
        context.reportError(new GraphQLError(message, { nodes: directive }));
      }
    },
  };
}

/** `seen`: the fragments that were read. Each is read once, and in a document that is not valid one may hold itself. */
function conditions({ selections }: SelectionSetNode, context: ValidationContext, seen: Set<string>): DirectiveNode[] {
  return selections.flatMap((selection) => {
    const own = (selection.directives ?? []).filter(({ name }) => name.value === "skip" || name.value === "include");
    if (selection.kind === Kind.FIELD) return own;
    if (selection.kind === Kind.INLINE_FRAGMENT) return [...own, ...conditions(selection.selectionSet, context, seen)];
    const name = selection.name.value;
    const fragment = seen.has(name) ? undefined : context.getFragment(name);
    seen.add(name);
    return fragment ? [...own, ...conditions(fragment.selectionSet, context, seen)] : own;
  });
}
