import { ApolloProvider } from "@apollo/client/react";
import { createClient as createEventsClient } from "graphql-sse";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createClient, ServerSentEventsLink } from "../../apollo-client.ts";
import { App } from "./App.tsx";
import "./style.css";

// Hive Gateway speaks server-sent events to browsers.
const stream = new ServerSentEventsLink(createEventsClient({ url: "/graphql", retryAttempts: 0 }));
const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <ApolloProvider client={createClient("/graphql", stream)}>
      <App />
    </ApolloProvider>
  </StrictMode>,
);
