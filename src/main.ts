import { startApp } from "./app.ts";
import { ConfigError } from "./config.ts";
import { standardOutput } from "./server/log-output.ts";

/** How long requests are taken after a signal, ms: those that were under way when the signal came. */
const quietMs = 500;

/** How long the last log lines may take at the end, ms: a reader that is there takes a few. */
const flushMs = 500;

/** Entry: starts, says where it is, stops on SIGTERM and SIGINT. Exit code 1 if it cannot start. */
try {
  const app = await startApp(process.env);
  if (app.simulated) standardOutput().write(await welcome(app.url));
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      app.stop(quietMs).then(() => exit(0), fail("cannot stop"));
    });
  }
} catch (error) {
  await fail("cannot start")(error);
}

/** One line per mistake, none of them with a stack: an operator reads this. */
function fail(what: string): (error: unknown) => Promise<never> {
  return (error) => {
    const lines =
      error instanceof ConfigError ? error.mistakes : [error instanceof Error ? error.message : String(error)];
    for (const line of lines) process.stderr.write(`${what}: ${line}\n`);
    return exit(1);
  };
}

/** Does not wait for a standard output that nobody reads. */
async function exit(code: number): Promise<never> {
  await standardOutput().flush(flushMs);
  process.exit(code);
}

async function welcome(url: string): Promise<string> {
  const { firstExample } = await import("./simulators/seeds.ts");
  const { provider, ids } = firstExample;
  const query = `mutation($ids:[ID!]!){cancelOrders(provider:${provider},ids:$ids){orders{id cancellation{status problem{code message}}}}}`;
  const body = JSON.stringify({ query, variables: { ids } });
  return [
    "",
    `  Order cancellation subgraph: ${url}`,
    "  All providers are built-in SIMULATORS: no real order is touched.",
    "  Open the URL in a browser for Apollo Sandbox, or try:",
    "",
    `  curl -s ${url} -H 'content-type: application/json' -d '${body}'`,
    "",
    "",
  ].join("\n");
}
