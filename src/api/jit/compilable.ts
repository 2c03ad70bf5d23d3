import {
  BREAK,
  type DocumentNode,
  getOperationAST,
  type OperationDefinitionNode,
  OperationTypeNode,
  visit,
} from "graphql";

/**
 * The operation, if it is a query that graphql-jit runs exactly as graphql-js does; undefined otherwise. graphql-jit 0.8.9 reads
 * lists and objects in a document differently (variables in them, and -0), and some uses of @skip and @include. It loses a field that
 * is renamed `__proto__`: names with two underscores are GraphQL's own, and not compiled, except `__typename`.
 */
export function queryToCompile(
  document: DocumentNode,
  operationName: string | null,
): OperationDefinitionNode | undefined {
  const operation = getOperationAST(document, operationName);
  return operation?.operation === OperationTypeNode.QUERY && isPlain(document) ? operation : undefined;
}

function isPlain(document: DocumentNode): boolean {
  let plain = true;
  const stop = () => {
    plain = false;
    return BREAK;
  };
  visit(document, {
    Directive: stop,
    ListValue: stop,
    Name: ({ value }) => (value.startsWith("__") && value !== "__typename" ? stop() : undefined),
    ObjectValue: stop,
  });
  return plain;
}
