import type { ProviderName } from "../../src/simulators/registry.ts";
import type { CustomerOrder } from "../support/orders-subgraph.ts";
import { type Performance, play } from "./play.ts";
import { type Scene, scenes } from "./scenes.ts";
import { type Stage, setStage } from "./stage.ts";
import { toTable } from "./table.ts";

/**
 * `npm run demo`: cancels orders at every simulated provider through a real gateway and prints what came back. Exit code 1
 * if something came back that should not have.
 */
/** Of a provider that the cancellations know nothing of. */
const foreign = customerOrder("SOMEBODY_ELSE", "1", "Umbrella");

print(`
  A customer cancels orders at payment and service providers. The requests go through a gateway (@apollo/gateway) over
  two subgraphs: this one, and a small one that knows what was bought. Simulators play the providers: nothing leaves this
  machine, no real order is touched. It takes some seconds.
`);
const stage = await setStage([...ordersOfScenes(), foreign]);
try {
  const before = await readStandings(stage);
  const performances = (await Promise.all([...scenes].map((one) => playAll(stage, ...one)))).flat();
  const list = await readList(stage);
  print(toTable(performances));
  print(summary(stage, performances, list, before));
  const surprises = [...performances.flatMap(surprisesIn), ...surprisesAround(stage, list, before)];
  for (const surprise of surprises) print(`  UNEXPECTED: ${surprise}`);
  if (surprises.length > 0) process.exitCode = 1;
} finally {
  await stage.close();
}

function ordersOfScenes(): CustomerOrder[] {
  const orders = [...scenes].flatMap(([provider, played]) =>
    played.flatMap(({ ids, bought }) => ids.map((id) => customerOrder(provider, id, bought))),
  );
  // A scene may ask for an order of another one again.
  return [...new Map(orders.map((order) => [`${order.provider} ${order.id}`, order])).values()];
}

function customerOrder(provider: string, id: string, description: string): CustomerOrder {
  return { provider, id, description, amount: "19.90", currency: "EUR", placedAt: new Date().toISOString() };
}

async function playAll(
  { gateway, simulators }: Stage,
  provider: ProviderName,
  played: readonly Scene[],
): Promise<Performance[]> {
  const simulator = simulators.find((each) => each.provider === provider);
  if (!simulator) throw new Error(`${provider} has no simulator`);
  const performances: Performance[] = [];
  for (const scene of played) performances.push(await play(gateway, simulator, provider, scene));
  return performances;
}

interface List {
  orders: { provider: string; id: string; cancellation: { status: string } | null }[];
  /** How many requests to subgraphs it took. */
  requests: number;
}

/** The list that a customer sees, with fields of both subgraphs. */
async function readList({ gateway }: Stage): Promise<List> {
  const sentBefore = gateway.sent.length;
  const { data, text } = await gateway.ask<Pick<List, "orders">>(
    "{ orders(first: 100) { provider id description amount currency cancellation { status } } }",
  );
  if (!data) throw new Error(`the list of orders answered ${text}`);
  return { orders: data.orders, requests: gateway.sent.length - sentBefore };
}

/** Before the first click: whether each order can still be cancelled, as far as that is known. */
async function readStandings({ gateway }: Stage): Promise<Map<string, string>> {
  const { data, text } = await gateway.ask<{
    orders: { provider: string; id: string; cancellability: { state: string } | null }[];
  }>("{ orders(first: 100) { provider id cancellability { state } } }");
  if (!data) throw new Error(`the list of orders answered ${text}`);
  return new Map(
    data.orders.flatMap(({ provider, id, cancellability }) =>
      cancellability ? [[`${provider} ${id}`, cancellability.state] as const] : [],
    ),
  );
}

function summary(
  stage: Stage,
  performances: readonly Performance[],
  { orders, requests }: List,
  before: ReadonlyMap<string, string>,
): string {
  const calls = performances.reduce((sum, each) => sum + each.calls.length, 0);
  const mutations = performances.reduce((sum, { scene }) => sum + (scene.mutations ?? 1), 0);
  const statuses = Map.groupBy(orders, ({ cancellation }) => cancellation?.status ?? "without a cancellation");
  const counts = [...statuses].map(([status, { length }]) => `${length} ${status}`);
  const known = [...Map.groupBy(before.values(), (state) => state)].map(([state, { length }]) => `${length} ${state}`);
  return [
    `  Before the first click, the list said whether its orders can still be cancelled: ${known.join(", ")}.`,
    "  A look-up asks how an order stands: after a lost answer it tells what others would have to guess.",
    `  ${mutations} mutations took ${calls} calls to providers; ${limitViolations(stage) || "none"} of them broke a provider's rate limit.`,
    `  Afterwards the customer's list of ${orders.length} orders took ${requests} requests, one to each subgraph:`,
    `  ${counts.join(", ")}, as its provider is not served here.`,
    "",
  ].join("\n");
}

function surprisesIn({ provider, scene, orders, answers: [, last] }: Performance): string[] {
  const place = `${provider}, ${scene.situation}`;
  return [
    ...(last === scene.expected ? [] : [`${place}: ${last} instead of ${scene.expected}`]),
    ...(orders.every(({ description }) => description === scene.bought) ? [] : [`${place}: the wrong order came back`]),
  ];
}

function surprisesAround(stage: Stage, { orders, requests }: List, before: ReadonlyMap<string, string>): string[] {
  const denied = orders.filter(
    ({ provider, id, cancellation }) =>
      cancellation?.status === "CANCELLED" && before.get(`${provider} ${id}`) === "NOT_CANCELLABLE",
  );
  return [
    ...denied.map(({ provider, id }) => `${provider} ${id} was cancelled, and said to be not cancellable before`),
    ...(before.size === orders.length - 1
      ? []
      : [`of ${before.size} orders it was said whether they can be cancelled`]),
    ...(orders.at(-1)?.cancellation === null ? [] : ["an order of another provider has a cancellation"]),
    ...(requests === 2 ? [] : [`the list took ${requests} requests to subgraphs instead of 2`]),
    ...(limitViolations(stage) === 0 ? [] : ["a provider's rate limit was broken"]),
  ];
}

function limitViolations({ simulators }: Stage): number {
  return simulators.reduce((sum, { limitViolations }) => sum + limitViolations, 0);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
