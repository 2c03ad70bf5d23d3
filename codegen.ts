import type { CodegenConfig } from "@graphql-codegen/cli";

/** Typed operations for frontends and for our tests, from the emitted SDL. */
const config: CodegenConfig = {
  schema: "schema/cancellations.graphql",
  documents: "schema/operations/*.graphql",
  emitLegacyCommonJSImports: false,
  generates: {
    "schema/generated/": {
      preset: "client",
      presetConfig: { persistedDocuments: true, fragmentMasking: false },
      config: {
        scalars: { DateTime: "string" },
        enumsAsTypes: true,
        useTypeImports: true,
        documentMode: "documentNode",
      },
    },
  },
};

export default config;
