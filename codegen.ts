import type { CodegenConfig } from "@graphql-codegen/cli";
import { addTypenameSelectionDocumentTransform } from "@graphql-codegen/client-preset";

/** For all outputs. A client that sends only a document's hash cannot add the __typename that its cache files answers under. */
const common = { preset: "client" as const, documentTransforms: [addTypenameSelectionDocumentTransform] };
const types = { scalars: { DateTime: "string" }, enumsAsTypes: true, useTypeImports: true };

/** What the console sends besides its own operations. */
const sharedWithOthers =
  "OrderCancellation,CancelSelectedOrders,RecheckCancellations,ResolveCancellations,SetProviderPaused,Viewer";

/** Typed operations for frontends, our tests and the console, from the emitted SDL. */
const config: CodegenConfig = {
  schema: "schema/cancellations.graphql",
  emitLegacyCommonJSImports: false,
  generates: {
    "schema/generated/": {
      ...common,
      documents: "schema/operations/*.graphql",
      presetConfig: { persistedDocuments: true, fragmentMasking: false },
      // With "documentNode" the preset computes no hashes: persisted-documents.json stays empty.
      config: { ...types, documentMode: "documentNodeImportFragments" },
    },
    "src/browser/console/generated/": {
      ...common,
      documents: `schema/operations/{Console*,${sharedWithOthers}}.graphql`,
      presetConfig: { fragmentMasking: false },
      // Texts: to print documents, the console would need all of graphql.
      config: { ...types, documentMode: "string" },
    },
  },
};

export default config;
