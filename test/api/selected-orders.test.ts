import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CancelSelectedOrdersDocument, SelectedOrdersDocument } from "../../schema/generated/graphql.ts";
import { seeds } from "../../src/simulators/seeds.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type HiveGateway, startHiveGateway } from "../support/hive-gateway.ts";
import { post } from "../support/post.ts";
import { type ProviderName, type Service, startService } from "../support/service.ts";
import { subscribe, transports } from "../support/subscribe.ts";

const providers = Object.keys(seeds) as ProviderName[];
const waitMs = 2000;
let placed = 0;

let service: Service;
let apollo: Gateway;
let hive: HiveGateway;
beforeAll(async () => {
  service = await startService({ CANCEL_WAIT_MS: `${waitMs}`, PROVIDER_TIMEOUT_MS: "60000", LEASE_MS: "90000" });
  const sdl = await readFile(new URL("../../schema/cancellations.graphql", import.meta.url), "utf8");
  apollo = await startGateway({ subgraphs: { cancellations: service.url } });
  hive = await startHiveGateway({
    subgraphs: { cancellations: { sdl, url: service.url } },
    subscribeBy: "GET",
    secret: "none is asked for",
  });
});
afterAll(async () => {
  await hive?.stop();
  await apollo?.stop();
  await service?.stop();
});

const addresses = {
  directly: () => service.url,
  "through @apollo/gateway": () => apollo.url,
  "through Hive Gateway": () => hive.url,
};
/** Not aliases through Hive Gateway: it sends each field of a mutation as a request of its own, one after another. */
const ways = Object.keys(addresses)
  .flatMap((way) => ["aliases", "a selection"].map((form) => ({ way, form })))
  .filter(({ way, form }) => !(way.includes("Hive") && form === "aliases"));

it.each(ways)(
  "with $form, $way, five providers that hang are asked at once, and wait together",
  async ({ way, form }) => {
    const orders = placeOrders();
    const answered = Promise.withResolvers<void>();
    const before = providers.map((provider) => service.simulator(provider).received.length);
    for (const provider of providers)
      service.simulator(provider).faults(() => ({ kind: "held", until: answered.promise }));
    const fields = "orders { id cancellation { status } }";
    const query =
      form === "aliases"
        ? `mutation { ${orders.map(({ provider, id }) => `${provider}: cancelOrders(provider: ${provider}, ids: "${id}") { ${fields} }`).join(" ")} }`
        : `mutation($orders: [OrderKeyInput!]!) { all: cancelSelectedOrders(orders: $orders) { ${fields} } }`;

    const startedAt = performance.now();
    const answer = await post<Record<string, Payload>>(addresses[way as keyof typeof addresses](), {
      query,
      variables: form === "aliases" ? {} : { orders },
    });
    const tookMs = performance.now() - startedAt;

    expect(answer.messages).toEqual([]);
    const shown = Object.values(answer.data ?? {}).flatMap((payload) => payload.orders);
    expect(shown).toEqual(orders.map(({ id }) => ({ id, cancellation: { status: "PENDING" } })));
    const asked = providers.map(
      (provider, index) => service.simulator(provider).received.slice(before[index])[0]?.at ?? Number.NaN,
    );
    // One after another, they would be asked over four waits, and answered after five.
    const spreadMs = Math.max(...asked) - Math.min(...asked);
    expect(spreadMs).toBeLessThan(waitMs);
    expect(tookMs).toBeLessThan(3 * waitMs);

    answered.resolve();
    const settled = async () => (await service.ask(SelectedOrdersDocument, { orders })).data?.selectedOrders;
    await expect.poll(settled).toMatchObject(orders.map(({ id }) => ({ id, cancellation: { status: "CANCELLED" } })));
  },
);

it("selectedOrders answers each order at its place, one that is named twice also twice, and null if no cancel was asked for", async () => {
  const [cancelled, other] = [placeOrders(), placeOrders()].map(
    (orders) => orders.find(({ provider }) => provider === "ONRAMP")?.id ?? "",
  );
  if (!cancelled || !other) throw new Error("no orders");
  await service.cancel("ONRAMP", [cancelled]);
  const orders = [
    { provider: "FINPAY" as const, id: cancelled },
    { provider: "ONRAMP" as const, id: cancelled },
    { provider: "ONRAMP" as const, id: other },
    { provider: "ONRAMP" as const, id: cancelled },
  ];
  const { data } = await service.ask(SelectedOrdersDocument, { orders });
  const status = { status: "CANCELLED" };
  expect(data?.selectedOrders).toMatchObject(
    orders.map((order, index) => ({ ...order, cancellation: index % 2 === 1 ? status : null })),
  );
});

it.each(["query", "mutation", "subscription"])(
  "a %s of selected orders names the places of those that it refuses",
  async (operation) => {
    const field = operation === "mutation" ? "cancelSelectedOrders" : "selectedOrders";
    const text = `${operation}($orders: [OrderKeyInput!]!) { ${field}(orders: $orders) { __typename } }`;
    const ask = async (orders: unknown[]) => {
      if (operation !== "subscription") return (await service.ask(text, { orders })).messages;
      const stream = subscribe("SSE", service.url, { orders }, { query: text });
      await stream.ended;
      return stream.events.flatMap(({ errors }) => errors.map(({ message }: { message: string }) => message));
    };
    const fine = { provider: "ONRAMP", id: "1" };
    expect(await ask([fine, { ...fine, id: "" }])).toEqual(["orders[1].id is empty. Nothing was sent."]);
    expect(await ask(Array(501).fill(fine))).toEqual([
      "ids: at most 500 ids are allowed in one request, got 501. Nothing was sent.",
    ]);
    expect(await ask([fine, { ...fine, provider: "NOBODY" }])).toEqual([
      expect.stringContaining('"orders[1].provider"'),
    ]);
    expect(await ask([{ ...fine, id: 2 ** 53 }])).toEqual([expect.stringContaining("too large for JSON")]);
  },
);

it.each(transports)("one stream by %s follows orders of several providers until all are settled", async (transport) => {
  const orders = placeOrders();
  const query =
    "subscription($orders: [OrderKeyInput!]!) { selectedOrders(orders: $orders) { provider id cancellation { status } } }";
  const stream = subscribe(transport, service.url, { orders: [...orders, ...orders] }, { query });
  const first: unknown[] = [];
  for (const _ of orders) first.push(await stream.next());
  expect(first).toEqual(orders.map((order) => ({ data: { selectedOrders: { ...order, cancellation: null } } })));
  await service.ask(CancelSelectedOrdersDocument, { orders });
  expect(await stream.ended).toBeUndefined();
  const last = new Map(
    stream.events.map(({ data }) => [data.selectedOrders.provider, data.selectedOrders.cancellation?.status]),
  );
  expect([...last]).toEqual(orders.map(({ provider }) => [provider, "CANCELLED"]));
});

it("500 orders of five providers are one call of the ledger, and as many requests to the providers as in five mutations", async () => {
  const own = await startService({}, { minIntervalMs: 1 });
  const add = (prefix: string) =>
    providers.flatMap((provider) =>
      Array.from({ length: 100 }, (_, index) => {
        const id = `${prefix}${`${index}`.padStart(3, "0")}`;
        own.simulator(provider).add(id);
        return { provider, id };
      }),
    );
  const opens = async () =>
    Number(/duration_seconds_count\{operation="open"\} (\d+)/.exec(await metrics(own.url))?.[1]);
  try {
    const one = add("1");
    const { data } = await own.ask(CancelSelectedOrdersDocument, { orders: one });
    expect(data?.cancelSelectedOrders.orders.map(({ id, provider }) => ({ provider, id }))).toEqual(one);
    expect(new Set(data?.cancelSelectedOrders.orders.map((order) => order.cancellation?.status))).toEqual(
      new Set(["CANCELLED"]),
    );
    expect(await opens()).toBe(1);
    const sent = own.sent();
    const five = Map.groupBy(add("2"), ({ provider }) => provider);
    for (const [provider, orders] of five)
      await own.cancel(
        provider,
        orders.map(({ id }) => id),
      );
    expect(sent).toBeLessThanOrEqual(own.sent() - sent);
  } finally {
    await own.stop();
  }
});

async function metrics(url: string): Promise<string> {
  return (await fetch(new URL("/metrics", url))).text();
}

/** A new order at each provider. */
function placeOrders() {
  placed += 1;
  return providers.map((provider) => {
    const id = `${7000 + placed}`;
    service.simulator(provider).add(id);
    return { provider, id };
  });
}

interface Payload {
  orders: { id: string; cancellation: { status: string } | null }[];
}
