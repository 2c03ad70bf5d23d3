import { setTimeout as pause } from "node:timers/promises";
import type { Simulator } from "../../src/simulators/kit/simulator.ts";
import { ask, type OrderText, orderText } from "./client.ts";
import type { ControlledInstance } from "./controlled-instance.ts";
import { pick, type Random } from "./random.ts";

/** New orders, and mutations that ask for their cancel: each order is asked for once. */
export interface Load {
  /**
   * Asks for a round's orders, in the course of its first second and a half. `greedy`: somebody asks for many more at one provider,
   * and for ids that cannot be. Resolves when all are answered.
   */
  ask(round: number, greedy: boolean): Promise<void>;
  readonly orders: number;
  /** Orders that an instance answered for, with the status it told: it has accepted them. */
  readonly accepted: ReadonlyMap<OrderText, string>;
  /** Mutations without an answer after 20 s, although the instance was there all the time. */
  readonly unanswered: readonly OrderText[];
}

const requestsARound = 4;
const idsARequest = 3;
const spreadMs = 1500;
const greedyIds = 60;

/** Far more than CANCEL_WAIT_MS and the five seconds after which a database that is away is given up, ms. */
const answerWithinMs = 20_000;

export function createLoad(
  simulators: readonly Simulator[],
  instances: readonly ControlledInstance[],
  random: Random,
): Load {
  const accepted = new Map<OrderText, string>();
  const unanswered: OrderText[] = [];
  let orders = 0;
  return {
    accepted,
    unanswered,
    get orders() {
      return orders;
    },
    ask: async (round, greedy) => {
      const requests = simulators.flatMap((simulator) =>
        addOrders(simulator, round, random).map((ids) => ({
          provider: simulator.provider,
          ids,
          instance: pick(instances, random),
          delayMs: random() * spreadMs,
        })),
      );
      if (greedy) requests.push({ ...greedyRequest(round), instance: pick(instances, random), delayMs: 0 });
      orders += requests.reduce((sum, { ids }) => sum + ids.length, 0);
      await Promise.all(requests.map(askOnce));
    },
  };

  /** Orders that nobody has, and for Tronsave every other one an id that it refuses together with the batch. */
  function greedyRequest(round: number) {
    const { provider } = pick(simulators, random);
    const ids = Array.from({ length: greedyIds }, (_, index) =>
      provider === "TRONSAVE" && index % 2 === 0
        ? `bad.id.${round}.${index}`
        : `8${String(round).padStart(6, "0")}${index}`,
    );
    return { provider, ids };
  }

  /** A killed instance answers nothing; one without its database answers an error. Neither has accepted anything. */
  async function askOnce({ provider, ids, instance, delayMs }: Request): Promise<void> {
    await pause(delayMs);
    await instance.running();
    const askedAt = Date.now();
    const query = `mutation($ids:[ID!]!){cancelOrders(provider:${provider},ids:$ids){orders{id cancellation{status}}}}`;
    const answer = await ask(instance.url, query, { ids }, answerWithinMs).catch(() => undefined);
    for (const order of answer?.data?.cancelOrders?.orders ?? []) {
      if (order.cancellation) accepted.set(orderText(provider, order.id), order.cancellation.status);
    }
    if (!answer && !instance.away.within(askedAt, Date.now())) {
      unanswered.push(...ids.map((id) => orderText(provider, id)));
    }
  }
}

interface Request {
  provider: string;
  ids: readonly string[];
  instance: ControlledInstance;
  delayMs: number;
}

/** New orders at one provider, most of them open, in the groups they are asked for. */
function addOrders(simulator: Simulator, round: number, random: Random): string[][] {
  return Array.from({ length: requestsARound }, (_, request) =>
    Array.from({ length: idsARequest }, (_, index) => {
      const id = `9${String(round).padStart(6, "0")}${request}${index}`;
      if (random() < 0.9) simulator.add(id, { state: random() < 0.85 ? "open" : "completed" });
      return id;
    }),
  );
}
