import { readFile } from "node:fs/promises";
import { createServer } from "vite";
import { simulatedProviders } from "../../src/simulators/registry.ts";
import { seeds } from "../../src/simulators/seeds.ts";
import { startHiveGateway } from "../../test/support/hive-gateway.ts";
import { type CustomerOrder, startOrdersSubgraph } from "../../test/support/orders-subgraph.ts";

/**
 * `npm run playground`: this subgraph on its simulators, a subgraph of orders, a gateway and a frontend, all on the loopback
 * interface. PLAYGROUND_PORT is the frontend's port, 5173 unless set. Nothing is kept: a new start begins anew.
 */

// The build's, as decorators do not run from the sources; its types are the sources'.
const { startApp } = (await import("../../dist/app.js" as string)) as typeof import("../../src/app.ts");
const sdlOf = (name: string) => readFile(new URL(`../../schema/${name}.graphql`, import.meta.url), "utf8");

const cancellations = await startApp({
  PORT: "0",
  DATABASE_URL: ":memory:",
  LOG_LEVEL: "error",
  SANDBOX: "true",
  // Short enough to watch.
  CANCEL_WAIT_MS: "3000",
  PROVIDER_TIMEOUT_MS: "4000",
  LOOKUP_DELAYS_MS: "1000,2000,3000",
});
const orders = await startOrdersSubgraph(sampleOrders());
const gateway = await startHiveGateway({
  subgraphs: {
    cancellations: { sdl: await sdlOf("cancellations"), url: cancellations.url },
    orders: { sdl: await sdlOf("orders"), url: orders.url },
  },
  subscribeBy: "GET",
  secret: "",
});
const frontend = await createServer({
  root: import.meta.dirname,
  clearScreen: false,
  logLevel: "warn",
  server: {
    host: "127.0.0.1",
    port: Number(process.env.PLAYGROUND_PORT ?? 5173),
    proxy: { "/graphql": new URL(gateway.url).origin },
  },
});
await frontend.listen();

process.stdout.write(`
  Orders:    ${frontend.resolvedUrls?.local[0]}
  Gateway:   ${gateway.url}
  Subgraph:  ${cancellations.url}

  Simulators play the providers: no real order is touched. Ctrl+C ends it.
`);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, async () => {
    await frontend.close();
    await gateway.stop();
    await orders.stop();
    await cancellations.stop();
    process.exit(0);
  });
}

/** Of each provider some orders that can be cancelled and one of each other kind; docs/samples.md names the kinds. */
function sampleOrders(): CustomerOrder[] {
  const of = simulatedProviders.map((provider) => {
    const { open, firstLook, troubled } = seeds[provider];
    const { hangs, busy, answerLost, unclear, tooEarly } = troubled;
    const kinds: [id: string | undefined, description: string][] = [
      [open[0], "Cancels at once"],
      [open[1], "Cancels at once"],
      [hangs, "The provider hangs"],
      [busy, "The provider is busy"],
      [answerLost, "The answer gets lost"],
      [unclear, "The provider never tells"],
      [provider === "SMS4SATS" ? tooEarly : undefined, "Too early to cancel"],
      [firstLook.tooLate, "Too late to cancel"],
      [firstLook.unknown, "The provider does not know it"],
    ];
    return kinds.flatMap(([id, description]) => (id ? [{ provider, id, description }] : []));
  });
  return [
    ...of.flat(),
    { provider: "SOMEBODY_ELSE", id: "1", description: "Of a provider that is not served here" },
  ].map((order, index) => ({
    ...order,
    amount: `${(index * 7) % 40}.90`,
    currency: "EUR",
    placedAt: new Date(Date.now() - index * 3_600_000).toISOString(),
  }));
}
