import { render } from "preact";
import { openSession } from "./session.ts";
import { Shell } from "./shell.tsx";

/** What the server says. Without a client, people do not sign in here. */
const {
  graphql = "/graphql",
  client,
  audience = "",
  authorization = "",
  token = "",
} = document.documentElement.dataset;

const session = await openSession(client === undefined ? undefined : { client, audience, authorization, token });
const root = document.getElementById("root");
if (root) render(<Shell {...{ session, graphqlUrl: graphql }} />, root);
