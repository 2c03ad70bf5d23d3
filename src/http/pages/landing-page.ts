import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { serveAssets } from "./assets.ts";
import { escapeHtml, pageHeaders, renderPage } from "./html.ts";

export interface LandingOptions {
  /** The operation that people can try, and its variables. */
  document: string;
  variables: unknown;
  /** Whether no real order is touched. */
  simulated: boolean;
  hasConsole: boolean;
}

/** Apollo's CDN, which has the code that embeds Sandbox, and where Sandbox itself is. */
const [sandboxCdn, sandboxFrame] = [
  "https://embeddable-sandbox.cdn.apollographql.com",
  "https://sandbox.embed.apollographql.com",
];

/** Serves `/`. The caller serves the same page to browsers elsewhere, too. */
export function serveLanding(app: FastifyInstance, options: LandingOptions) {
  const assets = serveAssets(app, "landing", ["landing/**", "look.css", "icon.svg"]);
  const answer = async (reply: FastifyReply) => {
    reply.headers(
      pageHeaders({
        "script-src": `'self' ${sandboxCdn}`,
        "connect-src": "'self'",
        "frame-src": sandboxFrame,
      }),
    );
    return renderPage({
      title: "Order cancellation subgraph",
      assets: await assets(),
      styles: ["look.css", "landing/landing.css"],
      script: "landing/landing.js",
      data: { sandbox: `${sandboxCdn}/v2/embeddable-sandbox.umd.production.min.js` },
      body: bodyOf(options),
    });
  };
  app.get("/", (_request, reply) => answer(reply));
  return {
    /** Whether a person has opened this address. A request with a query is for the graph. */
    isFor: ({ method, url, headers }: FastifyRequest) =>
      method === "GET" && !url.includes("?") && /\btext\/html\b/.test(headers.accept ?? ""),
    answer,
  };
}

function bodyOf({ document, variables, simulated, hasConsole }: LandingOptions): string {
  const field = (name: string, label: string, text: string) =>
    `<label for="${name}">${label}</label>
<textarea class="code" id="${name}" spellcheck="false" rows="${text.split("\n").length + 1}">${escapeHtml(text)}</textarea>`;
  return `<header class="top"><div class="brand">Order cancellation subgraph</div></header>
<main>
<section class="intro">
<h1>It is running.</h1>
<p class="lead">This GraphQL subgraph cancels orders at third-party providers. It adds <code>cancelOrders(provider, ids)</code>
and <code>Order.cancellation</code> to a federated graph. It never shows an order as cancelled without the provider's word.</p>
${
  simulated
    ? `<p class="notice info"><strong>All providers are built-in simulators.</strong> No real order is touched.</p>`
    : `<p class="notice warn"><strong>Providers are set up.</strong> A cancel that you send from here is real, unless that provider is a test environment.</p>`
}
<p class="buttons">${hasConsole ? `<a class="button primary" href="console">Open the console</a>` : ""}
<a class="button" href="readyz">Readiness</a> <a class="button" href="metrics">Metrics</a></p>
</section>
<section>
<h2>Try it</h2>
<form id="try">
${field("document", "Operation", document)}
${field("variables", "Variables", JSON.stringify(variables, null, 2))}
<details><summary>Access token</summary>
<label for="token">Bearer token, if the service asks for one</label>
<input id="token" type="password" autocomplete="off" spellcheck="false"></details>
<p><button class="primary" type="submit">Run</button> <span class="hint">POST <code>/graphql</code></span></p>
</form>
<div id="result" role="region" aria-live="polite" aria-label="Answer"></div>
</section>
<section>
<h2>Documentation</h2>
<p class="lead">It is in the repository, beside the code:</p>
<dl class="docs">
${docs.map(([path, about]) => `<dt><code>${path}</code></dt><dd>${about}</dd>`).join("\n")}
</dl>
</section>
<section id="sandbox-section" hidden>
<h2>Apollo Sandbox</h2>
<div id="sandbox"></div>
</section>
<noscript><p class="notice warn">Without JavaScript nothing can be run from here. The README has a call for the command line.</p></noscript>
</main>`;
}

const docs: readonly [path: string, about: string][] = [
  ["README.md", "what it promises, and what comes back"],
  ["docs/frontend.md", "buttons, lists and live updates in a frontend"],
  ["docs/supergraph.md", "joining a supergraph, behind any gateway"],
  ["docs/settings.md", "every setting"],
  ["docs/deploy.md", "image, manifests, backup"],
  ["docs/operate.md", "running it, and what each alert means"],
  ["schema/operations/", "operations that are ready to use"],
];
