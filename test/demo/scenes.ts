import type { Fault, Simulator } from "../../src/simulators/kit/simulator.ts";
import { type ProviderName, simulatedProviders } from "../../src/simulators/registry.ts";
import { firstLook, seeds } from "../../src/simulators/seeds.ts";

/** One row of the demo: what a customer asks for, and what has to come of it. */
export interface Scene {
  ids: readonly string[];
  bought: string;
  /** How these orders stand at the provider, in a few words. */
  situation: string;
  /** What it has to come to, with the problem if there is one. Being PENDING before that is never wrong. */
  expected: string;
  /** How many mutations ask for these orders at the same time; 1 unless given. */
  mutations?: number;
  /** Makes it so. */
  prepare?(simulator: Simulator): void;
}

const { FINPAY, KWIKPAISA, ONRAMP, SMS4SATS, TRONSAVE } = firstLook;
const unanswered = next(FINPAY.cancellable);
const busy = next(KWIKPAISA.cancellable);
const young = next(SMS4SATS.cancellable, 70);
const twenty = Array.from({ length: 20 }, (_, index) => next(TRONSAVE.cancellable, 20 + index));

/** What one provider or another shows best. A provider that is not named here plays `usualScene`. */
const ownScenes: Readonly<Partial<Record<ProviderName, readonly Scene[]>>> = {
  FINPAY: [
    { ids: [FINPAY.cancellable], bought: "Coffee machine", situation: "open", expected: "CANCELLED" },
    { ids: [FINPAY.cancellable], bought: "Coffee machine", situation: "the same once more", expected: "CANCELLED" },
    {
      ids: [unanswered],
      bought: "Kettle",
      situation: "open, but the answer gets lost",
      expected: "CANCELLED",
      prepare: onFirstCancel(unanswered, { kind: "reset", effect: true }),
    },
  ],
  KWIKPAISA: [
    { ids: [KWIKPAISA.cancellable], bought: "Train ticket", situation: "open", expected: "CANCELLED" },
    {
      ids: [busy],
      bought: "Bus ticket",
      situation: "open, but they are busy at first",
      expected: "CANCELLED",
      prepare: onFirstCancel(busy, { kind: "status", status: 429, effect: false }),
    },
    { ids: [KWIKPAISA.tooLate], bought: "Ferry ticket", situation: "already paid", expected: "REJECTED TOO_LATE" },
  ],
  ONRAMP: [
    { ids: [ONRAMP.cancellable], bought: "50 USDT", situation: "open, named by its number", expected: "CANCELLED" },
    {
      ids: [seeds.ONRAMP.open.at(-1) ?? ""],
      bought: "20 USDC",
      situation: "open, named by its hash",
      expected: "CANCELLED",
    },
    {
      ids: [ONRAMP.unknown],
      bought: "0.1 ETH",
      situation: "unknown to the provider",
      expected: "REJECTED ORDER_NOT_FOUND",
    },
  ],
  SMS4SATS: [
    { ids: [SMS4SATS.cancellable], bought: "A phone number", situation: "open", expected: "CANCELLED" },
    {
      ids: [SMS4SATS.tooLate],
      bought: "A phone number",
      situation: "the code has arrived",
      expected: "REJECTED TOO_LATE",
    },
    {
      ids: [young],
      bought: "A phone number",
      situation: "too young for another 6 seconds",
      expected: "CANCELLED",
      // They cancel from two minutes on.
      prepare: (simulator) => simulator.add(young, { createdAt: Date.now() - 114_000 }),
    },
  ],
  TRONSAVE: [
    {
      ids: twenty,
      bought: "Energy",
      situation: "20 open ones, in 5 mutations",
      expected: "CANCELLED",
      mutations: 5,
      prepare: (simulator) => {
        for (const id of twenty) simulator.add(id);
      },
    },
    { ids: [TRONSAVE.tooLate], bought: "Energy", situation: "already matched", expected: "REJECTED TOO_LATE" },
    { ids: ["12/34"], bought: "Energy", situation: "cannot be an id", expected: "REJECTED INVALID_ORDER_ID" },
  ],
};

function usualScene(provider: ProviderName): Scene {
  return { ids: [firstLook[provider].cancellable], bought: "A service", situation: "open", expected: "CANCELLED" };
}

/** The scenes of one provider are played one after another, the providers at the same time. */
export const scenes: ReadonlyMap<ProviderName, readonly Scene[]> = new Map(
  simulatedProviders.map((provider) => [provider, ownScenes[provider] ?? [usualScene(provider)]]),
);

/** An id of the same form that ends in other digits. */
function next(id: string, step = 1): string {
  const ending = String(Number(id.slice(-2)) + step).padStart(2, "0");
  return id.slice(0, -2) + ending;
}

/** The first request to cancel this order goes wrong, later ones do not. */
function onFirstCancel(id: string, fault: Fault): (simulator: Simulator) => void {
  return (simulator) => {
    let first = true;
    simulator.faults(({ operation, orderIds }) => {
      if (!first || operation !== "cancel" || !orderIds.includes(id)) return undefined;
      first = false;
      return fault;
    });
  };
}
