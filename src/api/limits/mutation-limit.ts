import { GraphQLError, Kind, type SelectionSetNode, type ValidationContext, type ValidationRule } from "graphql";
import { providerNames } from "../../providers/registry.ts";

/** One for each provider is useful, more are not. */
const maxMutations = providerNames.length;

/** A validation rule that bounds the number of mutations in one request, for documents that are valid otherwise. */
export function mutationLimit(context: ValidationContext): ReturnType<ValidationRule> {
  return {
    OperationDefinition: (operation) => {
      if (operation.operation !== "mutation") return;
      const found = countFields(operation.selectionSet, context);
      if (found <= maxMutations) return;
      context.reportError(new GraphQLError(`Mutations limit of ${maxMutations} exceeded, found ${found}.`));
    },
  };
}

/** This ends, because in a valid document no fragment holds itself. */
function countFields(selectionSet: SelectionSetNode, context: ValidationContext): number {
  return selectionSet.selections.reduce((count, selection) => {
    if (selection.kind === Kind.FIELD) return count + 1;
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : context.getFragment(selection.name.value);
    return count + (inner ? countFields(inner.selectionSet, context) : 0);
  }, 0);
}
