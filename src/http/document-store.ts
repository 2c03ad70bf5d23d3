import type { ApolloServerOptions } from "@apollo/server";
import type { DocumentNode } from "graphql";

export type DocumentStore = NonNullable<ApolloServerOptions<never>["documentStore"]>;

/**
 * Most characters of all texts whose documents are kept. A client application has some tens of operations, of about 1000 each. In
 * memory, a document of short names takes 170 bytes for each character (November 2026).
 */
const mostCharacters = 300_000;

/** Longest text whose document is kept. Longer ones are parsed each time: some would push all others out. */
const longestText = 30_000;

/**
 * Keeps the documents that were parsed, with all that others know of them: those that were used last. Apollo Server's own store does
 * not count the text of a document, which has all its comments.
 */
export function createDocumentStore(most = mostCharacters, longest = longestText): DocumentStore {
  const documents = new Map<string, DocumentNode>();
  let characters = 0;

  const drop = (key: string) => {
    const document = documents.get(key);
    if (document) characters -= lengthOf(document);
    return documents.delete(key);
  };
  const keep = (key: string, document: DocumentNode) => {
    drop(key);
    documents.set(key, document);
    characters += lengthOf(document);
  };

  return {
    get: async (key) => {
      const document = documents.get(key);
      if (document) keep(key, document);
      return document;
    },
    set: async (key, document) => {
      if (lengthOf(document) > longest) return;
      keep(key, document);
      for (const oldest of documents.keys()) {
        if (characters <= most) return;
        drop(oldest);
      }
    },
    delete: async (key) => drop(key),
  };
}

/** A document that was not parsed from a text is not kept. */
function lengthOf({ loc }: DocumentNode): number {
  return loc?.source.body.length ?? Number.POSITIVE_INFINITY;
}
