import { GraphQLError, Kind, type SelectionSetNode, type ValidationContext, type ValidationRule } from "graphql";
import { providerNames } from "../providers/registry.ts";

/** Mutations run one after another, each for up to CANCEL_WAIT_MS: one per provider is a reason, more is none. */
const maxMutations = providerNames.length;

/** A validation rule that bounds how many mutations one request can make; for documents that are valid otherwise. */
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

/** Ends, since in a valid document no fragment holds itself. */
function countFields(selectionSet: SelectionSetNode, context: ValidationContext): number {
  return selectionSet.selections.reduce((count, selection) => {
    if (selection.kind === Kind.FIELD) return count + 1;
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : context.getFragment(selection.name.value);
    return count + (inner ? countFields(inner.selectionSet, context) : 0);
  }, 0);
}
