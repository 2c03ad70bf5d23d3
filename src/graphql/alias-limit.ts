import { GraphQLError, Kind, type SelectionSetNode, type ValidationContext, type ValidationRule } from "graphql";

/**
 * A validation rule that bounds how many fields one operation can rename. Each
 * renamed field is answered separately, `__typename` like any other. GraphQL Armor's own rule lets `__typename` through.
 */
export function aliasLimit(maxAliases: number): ValidationRule {
  return (context) => {
    const counts = new Map<string, number>();
    return {
      OperationDefinition: ({ selectionSet }) => {
        const found = countAliases(selectionSet, context, counts);
        if (found <= maxAliases) return;
        context.reportError(new GraphQLError(`Aliases limit of ${maxAliases} exceeded, found ${found}.`));
      },
    };
  };
}

/** A fragment counts as often as it is used, and is walked once: fragments of fragments can double many times. */
function countAliases(selectionSet: SelectionSetNode, context: ValidationContext, counts: Map<string, number>): number {
  return selectionSet.selections.reduce((count, selection) => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return count + countOfFragment(selection.name.value, context, counts);
    const own = selection.kind === Kind.FIELD && selection.alias ? 1 : 0;
    return count + own + (selection.selectionSet ? countAliases(selection.selectionSet, context, counts) : 0);
  }, 0);
}

function countOfFragment(name: string, context: ValidationContext, counts: Map<string, number>): number {
  const known = counts.get(name);
  if (known !== undefined) return known;
  // Ends at a fragment that holds itself: graphql-js refuses the document for that.
  counts.set(name, 0);
  const fragment = context.getFragment(name);
  const count = fragment ? countAliases(fragment.selectionSet, context, counts) : 0;
  counts.set(name, count);
  return count;
}
