import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";

/** A service behind the graph that takes webhooks. It checks every signature. */
export interface Receiver {
  /** What points the service at it. */
  settings: Record<string, string>;
  url: string;
  /** Every request so far, in order. */
  readonly received: Received[];
  /** Answers otherwise from now on; the default is a 204. */
  answerWith(answer: (response: ServerResponse, received: Received) => void): void;
  close(): Promise<void>;
}

export interface Received {
  /** `webhook-id`. */
  id: string;
  headers: IncomingHttpHeaders;
  message: { type: string; timestamp: string; data: Record<string, string> };
}

export const webhookSecret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

export async function startReceiver(secret = webhookSecret): Promise<Receiver> {
  const received: Received[] = [];
  const verifier = new Webhook(secret);
  let answer: Parameters<Receiver["answerWith"]>[0] = (response) => response.writeHead(204).end();
  const server = createServer(async (request, response) => {
    const body = (await request.toArray()).join("");
    const headers = request.headers as Record<string, string>;
    const message = verifier.verify(body, headers) as Received["message"];
    const one = { id: headers["webhook-id"] ?? "", headers, message };
    received.push(one);
    answer(response, one);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/cancellations`;
  return {
    settings: { WEBHOOK_URL: url, WEBHOOK_SECRET: secret },
    url,
    received,
    answerWith: (other) => {
      answer = other;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
