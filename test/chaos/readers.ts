import { setTimeout as pause } from "node:timers/promises";
import type { Simulator } from "../../src/simulators/kit/simulator.ts";
import { ask, type OrderText, orderText } from "./client.ts";
import type { ControlledInstance } from "./controlled-instance.ts";
import { pick, type Random } from "./random.ts";

/** People who look at lists of orders all the time, and at whether they can still be cancelled. */
export interface Readers {
  /** They look no more. Resolves when the last answer is there. */
  stop(): Promise<void>;
  /** How often an order was said to be in each state. */
  readonly states: Readonly<Record<string, number>>;
  /** Orders that were said to be not cancellable, or not yet, at a moment when a cancel would have cancelled them. */
  deniedWrongly(): OrderText[];
  /** Orders that were said to be cancellable long after they had been cancelled. */
  offeredWrongly(): OrderText[];
}

const howMany = 3;
const ordersAtOnce = 25;
/** Most ms between two looks of one of them. */
const longestPauseMs = 300;

/** For how long a word of the provider is believed that can still change, and a second for what two clocks differ by, ms. */
const oldestMs = 16_000;

interface Said {
  order: OrderText;
  state: string;
  askedAt: number;
  answeredAt: number;
}

export function startReaders(
  simulators: readonly Simulator[],
  instances: readonly ControlledInstance[],
  random: Random,
): Readers {
  const denied: Said[] = [];
  const offered: Said[] = [];
  const states: Record<string, number> = {};
  let stopped = false;
  const looking = Promise.all(Array.from({ length: howMany }, look));

  return {
    states,
    stop: async () => {
      stopped = true;
      await looking;
    },
    deniedWrongly: () => distinct(denied.filter(({ order, answeredAt }) => wasOpen(order, answeredAt))),
    offeredWrongly: () =>
      distinct(offered.filter(({ order, askedAt }) => (cancelledAt(order) ?? askedAt) < askedAt - oldestMs)),
  };

  async function look(): Promise<void> {
    while (!stopped) {
      const instance = pick(instances, random);
      await pause(random() * longestPauseMs);
      // A killed or frozen instance answers nothing, and one without its database an error.
      await lookOnce(instance).catch(() => {});
    }
  }

  async function lookOnce(instance: ControlledInstance): Promise<void> {
    const representations = simulators.flatMap(({ provider, orders }) =>
      [...orders.keys()].slice(-ordersAtOnce).map((id) => ({ __typename: "Order", provider, id })),
    );
    if (representations.length === 0) return;
    const askedAt = Date.now();
    const { data } = await ask(instance.url, query, { representations });
    const answeredAt = Date.now();
    for (const { provider, id, cancellability } of data?._entities?.flatMap((order) => order ?? []) ?? []) {
      if (!cancellability) continue;
      const { state, reason } = cancellability;
      const said = { order: orderText(provider, id), state, askedAt, answeredAt };
      states[state] = (states[state] ?? 0) + 1;
      if (state === "CANCELLABLE") offered.push(said);
      // What is being cancelled already needs no other cancel.
      if (state.startsWith("NOT_") && reason !== "BEING_CANCELLED") denied.push(said);
    }
  }

  /** An order that is open then was so at any time before: nothing opens again. */
  function wasOpen(order: OrderText, at: number): boolean {
    const [provider, id = ""] = order.split(" ");
    const state = simulators.find((each) => each.provider === provider)?.orders.get(id)?.state;
    return state === "open" || (state === "cancelled" && (cancelledAt(order) ?? at) > at);
  }

  function cancelledAt(order: OrderText): number | undefined {
    const [provider, id = ""] = order.split(" ");
    return simulators.find((each) => each.provider === provider)?.orders.get(id)?.cancelledAt;
  }
}

const query =
  "query($representations:[_Any!]!){_entities(representations:$representations){...on Order{provider id cancellability{state reason}}}}";

function distinct(said: readonly Said[]): OrderText[] {
  return [...new Set(said.map(({ order }) => order))];
}
