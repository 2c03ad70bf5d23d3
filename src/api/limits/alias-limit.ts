import { GraphQLError, Kind, type SelectionSetNode, type ValidationContext, type ValidationRule } from "graphql";

/**
 * A validation rule that bounds how many fields one operation can rename. Each renamed field is answered separately, and so is
 * `__typename`, which GraphQL Armor's own rule does not count.
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

/** A fragment counts as often as it is used, but is read once: nested fragments can double the count many times. */
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
  // This ends at a fragment that holds itself. graphql-js refuses such a document.
  counts.set(name, 0);
  const fragment = context.getFragment(name);
  const count = fragment ? countAliases(fragment.selectionSet, context, counts) : 0;
  counts.set(name, count);
  return count;
}
