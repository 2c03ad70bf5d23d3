import type { App } from "./app.ts";
import { whyNotThisNode } from "./config/node-version.ts";
import { standardOutput } from "./telemetry/log-output.ts";

/** Longest wait at the end for the last log lines, ms. A running reader takes them within a few ms. */
const flushMs = 500;

/** Exit code after an error that no part of the service has caught: EX_SOFTWARE of sysexits.h. */
const uncaughtCode = 70;

/** Longest time after such an error for what is held to be released, ms, beside DRAIN_DELAY_MS: a stop takes less. */
const releaseMs = 10_000;

/**
 * Entry point: starts the service, prints where it is, and stops it on SIGTERM, on SIGINT and after an error that no
 * part of it has caught. Exit code 1 if it cannot start.
 */
try {
  const unfit = whyNotThisNode(process.versions.node);
  if (unfit) throw new Error(unfit);
  let app: App | undefined;
  let code = 0;
  // From the first moment on: a client that reads that the service listens may send a signal.
  const ended = new Promise<undefined>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => resolve(undefined));
    // A rejection that no code handles comes here, too.
    process.on("uncaughtException", (error) => {
      code = uncaughtCode;
      if (app) app.reportUncaught(error);
      else process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
      setTimeout(exit, (app?.drainDelayMs ?? 0) + releaseMs, code).unref();
      resolve(undefined);
    });
  });
  // Only now: an older Node cannot even load it.
  const { startApp } = await import("./app.ts");
  app = await Promise.race([startApp(process.env), ended]);
  if (app?.simulated) standardOutput().write(await welcome(app.url));
  await ended;
  // Before it listens nothing is under way.
  await app?.stop(app.drainDelayMs).catch(fail("cannot stop"));
  await exit(code);
} catch (error) {
  await fail("cannot start")(error);
}

/** Prints one line per mistake, without a stack, because an operator reads it. Then it exits. */
function fail(what: string): (error: unknown) => Promise<never> {
  return (error) => {
    const message = error instanceof Error ? error.message : String(error);
    for (const line of message.split("\n")) process.stderr.write(`${what}: ${line}\n`);
    return exit(1);
  };
}

/** Waits no longer than `flushMs` for standard output, because it may have no reader. */
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
    "  Open the URL in a browser, or try:",
    "",
    `  curl -s ${url} -H 'content-type: application/json' -d '${body}'`,
    "",
    "",
  ].join("\n");
}
