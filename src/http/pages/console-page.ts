import type { FastifyInstance } from "fastify";
import { serveAssets } from "./assets.ts";
import type { Discovery } from "./discovery.ts";
import { pageHeaders, renderPage } from "./html.ts";

export interface ConsoleOptions {
  /** Where the console sends its requests: a path, or a URL. */
  graphqlUrl: string;
  /** As whom it signs people in; null if it does not. */
  signIn: { clientId: string; audience: string } | null;
  /** Where it signs people in. */
  endpoints?: Discovery["endpoints"] | undefined;
}

/** The page is no secret and holds none: what it shows, it asks the graph for, as the person who has signed in. */
export function serveConsole(app: FastifyInstance, { graphqlUrl, signIn, ...options }: ConsoleOptions): void {
  const assets = serveAssets(app, "console", ["console/**", "packages/**", "look.css", "icon.svg"]);
  app.get("/console/", (_request, reply) => reply.redirect("../console", 308));
  app.get("/console", async (_request, reply) => {
    const endpoints = (await options.endpoints?.()) ?? null;
    const asked = [URL.canParse(graphqlUrl) ? new URL(graphqlUrl).origin : "", endpoints?.token.origin ?? ""];
    reply.headers(
      pageHeaders({
        "connect-src": ["'self'", ...asked].filter(Boolean).join(" "),
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
      }),
    );
    return renderPage({
      title: "Cancellations",
      assets: await assets(),
      styles: ["look.css", "console/console.css"],
      script: "console/app.js",
      data: {
        graphql: graphqlUrl,
        ...(signIn && {
          client: signIn.clientId,
          audience: signIn.audience,
          authorization: endpoints?.authorization.href ?? "",
          token: endpoints?.token.href ?? "",
        }),
      },
      body: shell,
    });
  });
}

/** As the script will draw it, so that nothing jumps. */
const shell = `<div id="root">
<header class="top"><div class="brand">Cancellations</div></header>
<main><p class="loading">Loading the console. If this does not go away, reload the page.</p>
<noscript><p class="notice bad">The console needs JavaScript.</p></noscript></main>
</div>`;
