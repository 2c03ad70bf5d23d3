import type { Pauses } from "./cancellation/pauses.ts";
import { longestReadMs, readersAtOnce } from "./cancellation/sending/limits.ts";
import type { ConnectedProvider } from "./cancellation/sending/sending.ts";
import type { Config } from "./config/config.ts";
import type { HttpClient, ProviderSetup } from "./domain/provider.ts";
import type { Egress } from "./egress/connector.ts";
import { secretsOf } from "./egress/proxies.ts";
import { authenticatorSockets } from "./http/auth/authenticator.ts";
import { openHttpClient } from "./providers/http/http-client.ts";
import { isTestAddress } from "./providers/registry.ts";

/** Most sockets to PostgreSQL: those of the pool, one that listens, and one spare. SQLite needs fewer files. */
const databaseSockets = 12;

/** Those that are set up, each with a client for cancels, and sockets of their own for readers. `opening` closes them. */
export function connectProviders(
  config: Config,
  egress: Egress,
  pauses: Pauses,
  opening: AsyncDisposableStack,
): (ConnectedProvider & { readersHttp: HttpClient })[] {
  return config.providers.flatMap(({ name, setup }) => {
    if (!setup.connect) return [];
    const open = (connections: number, timeoutMs: number) => {
      const secrets = [...setup.secrets, ...secretsOf(config.proxies)];
      const http = openHttpClient({ baseUrl: setup.baseUrl, connections, timeoutMs, secrets, egress, now: Date.now });
      opening.defer(http.close);
      return http;
    };
    const client = setup.connect(open(setup.concurrency, config.providerTimeoutMs));
    const readersHttp = open(readersAtOnce(setup), longestReadMs(config.providerTimeoutMs));
    return [{ name, setup, client, readersHttp, paused: () => pauses.of(name) !== undefined }];
  });
}

/** Most that are open at once. A test address may be a simulator in this process, which then has both ends of each socket. */
export function outgoingSockets(setups: readonly ProviderSetup[]): number {
  const ends = setups.map((setup) => (setup.concurrency + readersAtOnce(setup)) * (isTestAddress(setup) ? 2 : 1));
  return ends.reduce((sum, each) => sum + each, databaseSockets + authenticatorSockets);
}
