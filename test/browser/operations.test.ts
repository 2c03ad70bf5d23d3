import { type ASTNode, Kind, parse, print, visit } from "graphql";
import { expect, it } from "vitest";
import persisted from "../../schema/generated/persisted-documents.json" with { type: "json" };
import * as generated from "../../src/browser/console/generated/graphql.ts";

it("what the console sends are operations of schema/operations, which gateways and scripts know", () => {
  const sent = Object.entries(generated).filter(([name]) => name.endsWith("Document"));
  expect(sent.length).toBeGreaterThan(8);
  const known = Object.values(persisted).map(sorted);
  expect(sent.filter(([, text]) => !known.includes(sorted(String(text)))).map(([name]) => name)).toEqual([]);
});

/** The same text for documents that differ only in the order of their parts. */
function sorted(text: string): string {
  const inOrder = <Node extends ASTNode>(nodes: readonly Node[]) =>
    nodes.toSorted((a, b) => print(a).localeCompare(print(b)));
  const document = visit(parse(text), {
    [Kind.SELECTION_SET]: { leave: (set) => ({ ...set, selections: inOrder(set.selections) }) },
    [Kind.OPERATION_DEFINITION]: {
      leave: (operation) => ({ ...operation, variableDefinitions: inOrder(operation.variableDefinitions ?? []) }),
    },
  });
  return inOrder(document.definitions).map(print).join("\n");
}
