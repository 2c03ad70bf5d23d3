import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** What a fixture case says about one exchange. */
export interface ScriptedExchange {
  request: {
    method: string;
    path: string;
    headers?: Record<string, string>;
    absentHeaders?: string[];
    body: string | null;
  };
  response: {
    status?: number;
    headers?: Record<string, string>;
    json?: unknown;
    text?: string;
    fault?: "reset" | "hang" | "oversized";
  };
}

/** A request as it arrived. */
export interface Arrival {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  body: string;
}

/** A provider that plays recorded answers one after another and keeps what it was sent. Surplus requests get 599. */
export async function startScriptedProvider(exchanges: readonly ScriptedExchange[]) {
  const arrivals: Arrival[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const { method = "", url: path = "", headers } = request;
    const scripted = exchanges[arrivals.push({ method, path, headers, body }) - 1]?.response;
    if (scripted?.fault === "hang") return;
    if (scripted?.fault === "reset") return void request.socket.resetAndDestroy();
    // The fixtures have a time of their own.
    response.sendDate = false;
    response.writeHead(scripted?.status ?? (scripted?.fault ? 200 : 599), scripted?.headers ?? {});
    if (scripted?.fault === "oversized") return void response.end(JSON.stringify({ padding: "x".repeat(1_100_000) }));
    response.end(scripted?.text ?? (scripted?.json === undefined ? "" : JSON.stringify(scripted.json)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    arrivals,
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
