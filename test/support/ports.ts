import { createServer } from "node:net";

/**
 * The ports to choose from. Systems give out higher ones by themselves, for outgoing connections and for servers that take any port
 * (Linux from 32768 on): such a port could be taken between this call and its use.
 */
const [lowest, highest] = [10_000, 32_767];

/** A port of the loopback interface that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest + 1));
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
