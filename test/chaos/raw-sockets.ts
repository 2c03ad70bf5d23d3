import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { type ServerProcess, startServerProcess } from "../support/process.ts";
import { createRandom } from "./random.ts";
import { sendAnything } from "./raw-client.ts";

/** Most connections at once. */
const connections = 20;

/** Sends anything to a service without credentials for so long. Resolves with the number of connections. */
export async function runRawSockets(minutes: number, seed: number): Promise<number> {
  const server = await startServerProcess({});
  const endsAt = performance.now() + minutes * 60_000;
  return sendUntil(server, seed, () => performance.now() >= endsAt).finally(server.kill);
}

/**
 * Sends anything to a server process until `isOver`. Rejects with the last of what was sent if the process ends, and if it keeps
 * sockets of clients that are gone.
 */
export async function sendUntil(
  server: ServerProcess,
  seed: number,
  isOver: (sent: number) => boolean,
): Promise<number> {
  const random = createRandom(seed);
  const last: string[] = [];
  let sent = 0;
  const ended = once(server.child, "exit").then(([code]) => {
    throw new Error(`the process ended with ${code}. Sent last: ${JSON.stringify(last, null, 1)}`);
  });
  ended.catch(() => {});
  const client = async () => {
    while (!isOver(sent)) {
      sent += 1;
      last.push(await sendAnything(server.url, random));
      last.splice(0, last.length - 2 * connections);
    }
  };
  await Promise.race([ended, Promise.all(Array.from({ length: connections }, client))]);
  const health = await Promise.race([ended, fetch(server.at("/healthz"))]);
  if (health.status !== 200) throw new Error(`/healthz answers ${health.status}`);
  await socketsGone(server);
  return sent;
}

/** Sockets that the server may keep: that of the request for the metrics, and idle ones of other requests for them. */
const mostLeft = 5;

/** Longest time for the sockets to go, s. Those of clients that say nothing more are dropped at the second ping. */
const patienceSeconds = 60;

async function socketsGone(server: ServerProcess): Promise<void> {
  let left = 0;
  for (let second = 0; second < patienceSeconds; second += 1) {
    left = await server.metric('nodejs_active_resources{type="TCPSocketWrap"}');
    if (left <= mostLeft) return;
    await pause(1000);
  }
  throw new Error(`${left} sockets are open, although all clients are gone`);
}
