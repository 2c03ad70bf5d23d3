import type { CodegenConfig } from "@graphql-codegen/cli";
import { addTypenameSelectionDocumentTransform } from "@graphql-codegen/client-preset";

/** Typed operations for frontends and for our tests, from the emitted SDL. */
const config: CodegenConfig = {
  schema: "schema/cancellations.graphql",
  documents: "schema/operations/*.graphql",
  emitLegacyCommonJSImports: false,
  generates: {
    "schema/generated/": {
      preset: "client",
      presetConfig: { persistedDocuments: true, fragmentMasking: false },
      // A client that sends only a document's hash cannot add the __typename that its cache files answers under.
      documentTransforms: [addTypenameSelectionDocumentTransform],
      config: {
        scalars: { DateTime: "string" },
        enumsAsTypes: true,
        useTypeImports: true,
        // With "documentNode" the preset computes no hashes: persisted-documents.json stays empty.
        documentMode: "documentNodeImportFragments",
      },
    },
  },
};

export default config;
