import { defineConfig } from "vite";

export default defineConfig({
  // The recipe and the generated documents stand above this folder. They share these packages with the application.
  resolve: { dedupe: ["@apollo/client", "graphql", "graphql-sse", "react", "rxjs"] },
  server: { fs: { allow: ["../.."] } },
});
