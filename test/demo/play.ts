import { setTimeout as pause } from "node:timers/promises";
import { print } from "graphql";
import {
  type OrderCancellationFragment,
  PollCancellationDocument,
  type PollCancellationQuery,
} from "../../schema/generated/graphql.ts";
import type { Simulator } from "../../src/simulators/kit/simulator.ts";
import type { ProviderName } from "../../src/simulators/registry.ts";
import type { Gateway } from "../support/gateway.ts";
import type { Scene } from "./scenes.ts";

/** How a scene went. */
export interface Performance {
  provider: ProviderName;
  scene: Scene;
  /** As the orders subgraph describes them. */
  orders: readonly { id: string; description: string | null }[];
  /** What the mutation answered, and what it came to, in the words of `Scene.expected`. */
  answers: readonly [string, string];
  tookMs: number;
  /** What reached the provider, in order. */
  calls: readonly string[];
}

type Order = Pick<OrderCancellationFragment, "provider" | "id" | "cancellation"> & { description: string | null };

/** Fields of both subgraphs in one answer. */
const cancelOrders = `mutation ($provider: OrderProvider!, $ids: [ID!]!) {
  cancelOrders(provider: $provider, ids: $ids) {
    orders { provider id description cancellation { status problem { code } } }
  }
}`;

/** Until when a cancellation has to be settled, ms: far beyond what any scene takes. */
const patienceMs = 15_000;

/** Cancels through the gateway as a frontend does, asking again while an order is PENDING. */
export async function play(
  gateway: Gateway,
  simulator: Simulator,
  provider: ProviderName,
  scene: Scene,
): Promise<Performance> {
  scene.prepare?.(simulator);
  const callsBefore = simulator.received.length;
  const startedAt = performance.now();
  const orders = (await Promise.all(shares(scene).map((ids) => cancel(gateway, provider, ids)))).flat();
  const first = summary(orders.map(({ cancellation }) => cancellation));
  const last = summary(await Promise.all(orders.map((order) => settled(gateway, order, startedAt + patienceMs))));
  return {
    provider,
    scene,
    orders,
    answers: [first, last],
    tookMs: performance.now() - startedAt,
    calls: simulator.received.slice(callsBefore).map(({ operation }) => operation),
  };
}

/** The orders dealt out to so many mutations. */
function shares({ ids, mutations = 1 }: Scene): string[][] {
  const size = Math.ceil(ids.length / mutations);
  return Array.from({ length: mutations }, (_, index) => ids.slice(index * size, (index + 1) * size));
}

async function cancel(gateway: Gateway, provider: ProviderName, ids: readonly string[]): Promise<Order[]> {
  const { data, text } = await gateway.ask<{ cancelOrders: { orders: Order[] } }>(cancelOrders, { provider, ids });
  if (!data) throw new Error(`cancelOrders answered ${text}`);
  return data.cancelOrders.orders;
}

async function settled(gateway: Gateway, order: Order, deadline: number): Promise<Order["cancellation"]> {
  let { cancellation } = order;
  while (cancellation?.status === "PENDING" && performance.now() < deadline) {
    await pause(200);
    const variables = { provider: order.provider, orderId: order.id };
    const { data } = await gateway.ask<PollCancellationQuery>(print(PollCancellationDocument), variables);
    cancellation = data?.cancellation?.order.cancellation ?? null;
  }
  return cancellation;
}

function summary(cancellations: readonly Order["cancellation"][]): string {
  const words = cancellations.map((each) => [each?.status ?? "nothing", each?.problem?.code].filter(Boolean).join(" "));
  return [...new Set(words)].join(" or ");
}
