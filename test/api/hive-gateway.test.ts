import diagnostics from "node:diagnostics_channel";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { seeds } from "../../src/simulators/seeds.ts";
import { type HiveGateway, type HiveGatewayOptions, startHiveGateway } from "../support/hive-gateway.ts";
import { type Issuer, startIssuer } from "../support/issuer.ts";
import { type OrdersSubgraph, startOrdersSubgraph } from "../support/orders-subgraph.ts";
import { type Service, startService } from "../support/service.ts";
import { subscribe } from "../support/subscribe.ts";

/** One order for each way to subscribe. */
const ways: readonly HiveGatewayOptions["subscribeBy"][] = ["GET", "POST", "WebSocket"];
const ids = seeds.TRONSAVE.open.slice(0, ways.length);
const secret = "shared-with-the-gateway";

let issuer: Issuer;
let cancellations: Service;
let orders: OrdersSubgraph;
beforeAll(async () => {
  issuer = await startIssuer();
  cancellations = await startService({ ...issuer.settings, GATEWAY_SECRET: secret });
  const customers = { amount: "1", currency: "EUR", placedAt: "2026-11-20T09:30:00Z" };
  orders = await startOrdersSubgraph(
    ids.map((id) => ({ ...customers, provider: "TRONSAVE", id, description: `The customer's ${id}` })),
  );
});
afterAll(async () => {
  await orders?.stop();
  await cancellations?.stop();
  await issuer?.close();
});

it.each(ways)("a client of a Hive Gateway that subscribes by %s sees PENDING, then CANCELLED, joined", async (way) => {
  const id = ids[ways.indexOf(way)] ?? "";
  const gateway = await start(way);
  const headers = await issuer.bearer();
  const query = `subscription { orderCancellations(provider: TRONSAVE, ids: ["${id}"]) {
    id description cancellation { status }
  } }`;
  const stream = subscribe("SSE", gateway.url, {}, { headers, query });
  const shown = (cancellation: unknown) => ({
    data: { orderCancellations: { id, description: `The customer's ${id}`, cancellation } },
  });
  expect(await stream.next()).toEqual(shown(null));

  const cancel = `mutation { cancelOrders(provider: TRONSAVE, ids: ["${id}"]) { orders { id } } }`;
  await cancellations.ask(cancel, {}, { ...headers, "x-gateway-secret": secret });

  expect(await stream.ended).toBeUndefined();
  expect(stream.events[1]).toEqual(shown({ status: "PENDING" }));
  expect(stream.events.at(-1)).toEqual(shown({ status: "CANCELLED" }));
  await gateway.stop();
});

it("without a valid token, a subscription through a Hive Gateway is refused and gets no event", async () => {
  const closed: number[] = [];
  const onClose = (message: unknown) => void closed.push((message as { code: number }).code);
  diagnostics.subscribe("undici:websocket:close", onClose);
  const gateway = await start("WebSocket");
  const query = `subscription { orderCancellations(provider: TRONSAVE, ids: ["1"]) { id } }`;
  const stream = subscribe("SSE", gateway.url, {}, { query, headers: { authorization: "Bearer a.b.c" } });
  // The gateway would connect again and again for 40 s.
  await expect.poll(() => closed).toContain(4403);
  diagnostics.unsubscribe("undici:websocket:close", onClose);
  await gateway.stop();
  await stream.ended;
  expect(stream.events.filter(({ data }) => data)).toEqual([]);
});

async function start(subscribeBy: HiveGatewayOptions["subscribeBy"]): Promise<HiveGateway> {
  const sdl = (name: string) => readFile(new URL(`../../schema/${name}.graphql`, import.meta.url), "utf8");
  return startHiveGateway({
    subgraphs: {
      cancellations: { sdl: await sdl("cancellations"), url: cancellations.url },
      orders: { sdl: await sdl("orders"), url: orders.url },
    },
    subscribeBy,
    secret,
  });
}
