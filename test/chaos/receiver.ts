import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { isSettled, type OrderText, orderText } from "./client.ts";
import { pick, type Random } from "./random.ts";

/** Takes the webhooks of all instances, and fails half of the time. */
export interface FailingReceiver {
  /** What points the instances at it. */
  settings: Record<string, string>;
  /** How many requests have come. */
  readonly received: number;
  /** Those of these orders whose status was not announced by a request that was answered with success. */
  unannounced(statuses: ReadonlyMap<OrderText, string>): OrderText[];
  close(): Promise<void>;
}

/** How it fails: an error, no answer, a late one that asks to wait, and a redirect. */
const failures = ["error", "reset", "late", "redirect"] as const;

/** So many that none is given up: a run would not notice that it came late. */
const delaysMs = Array.from({ length: 100 }, (_, failures) => Math.min(50 * 2 ** failures, 1000));

export async function startFailingReceiver(random: Random): Promise<FailingReceiver> {
  const announced = new Set<string>();
  let received = 0;
  const server = createServer(async (request, response) => {
    const body = (await request.toArray().catch(() => [])).join("");
    if (body === "") return;
    received += 1;
    const { provider, orderId, status } = JSON.parse(body).data;
    if (random() < 0.5) return fail(response, pick(failures, random));
    announced.add(`${orderText(provider, orderId)} ${status}`);
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    settings: {
      WEBHOOK_URL: `http://127.0.0.1:${port}/`,
      WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, "chaos").toString("base64")}`,
      WEBHOOK_DELAYS_MS: String(delaysMs),
    },
    get received() {
      return received;
    },
    unannounced: (statuses) =>
      [...statuses]
        .filter(([order, status]) => isSettled(status) && !announced.has(`${order} ${status}`))
        .map(([order]) => order),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function fail(response: ServerResponse, failure: (typeof failures)[number]): Promise<void> {
  if (failure === "error") response.writeHead(500).end();
  if (failure === "redirect") response.writeHead(307, { location: "http://127.0.0.1:1/" }).end();
  if (failure === "reset") response.destroy();
  if (failure === "late") {
    await pause(500);
    response.writeHead(503, { "retry-after": "1" }).end();
  }
}
