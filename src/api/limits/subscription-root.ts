import {
  type DirectiveNode,
  GraphQLError,
  Kind,
  OperationTypeNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from "graphql";

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
