import { once } from "node:events";
import type { AddressInfo, Server, Socket } from "node:net";

/** Has the server listen on any port of the loopback interface. What closes it, with its sockets, is added to `opened`. */
export async function listenOnAnyPort(server: Server, scheme: string, opened: (() => unknown)[]): Promise<URL> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => void sockets.add(socket.on("error", () => {})));
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return new URL(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`);
}
