import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A TCP line to a database that a test can take away: everything that passes through it does so by the test's leave. */
export interface Line {
  /** The database's URL, by way of this line. */
  url: string;
  /** Cuts every connection; new ones are cut at once, until `restore`. */
  cut(): void;
  /** Swallows all that is said, as a firewall or a frozen machine does: connections stay, and are never answered. */
  silence(): void;
  /** Delivers nothing until `restore`, and then all of it: what was sent meanwhile arrives late. */
  hold(): void;
  restore(): void;
  /** New connections lead to this database, as after a failover. */
  redirect(databaseUrl: string): void;
  close(): Promise<void>;
}

export async function openLine(databaseUrl: string): Promise<Line> {
  const url = new URL(databaseUrl);
  let target = addressOf(url);
  const sockets = new Set<Socket>();
  let state: "open" | "cut" | "silent" | "held" = "open";
  const destroyAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((near) => {
    if (state === "cut") return near.destroy();
    const far = connect(target);
    for (const [from, to] of [[near, far] as const, [far, near] as const]) {
      sockets.add(from);
      if (state === "held") from.pause();
      from.on("data", (data) => state === "silent" || to.write(data));
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url.port = String((server.address() as AddressInfo).port);

  return {
    url: url.href,
    cut: () => {
      state = "cut";
      destroyAll();
    },
    silence: () => {
      state = "silent";
    },
    hold: () => {
      state = "held";
      for (const socket of sockets) socket.pause();
    },
    restore: () => {
      state = "open";
      for (const socket of sockets) socket.resume();
    },
    redirect: (other) => {
      target = addressOf(new URL(other));
    },
    close: async () => {
      destroyAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function addressOf({ hostname, port }: URL) {
  return { host: hostname, port: Number(port) };
}
