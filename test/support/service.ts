import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print } from "graphql";
import {
  CancelOrdersDocument,
  type CancelOrdersMutation,
  PollCancellationDocument,
} from "../../schema/generated/graphql.ts";
import { startApp } from "../../src/app.ts";
import type { Simulator } from "../../src/simulators/kit/simulator.ts";
import { type Simulators, startSimulators } from "../../src/simulators/simulators.ts";
import { type Answer, type Fields, post } from "./post.ts";

export type ProviderName = Simulator["provider"];
type Order = CancelOrdersMutation["cancelOrders"]["orders"][number];

/** The running service over simulators (in production: without providers), as HTTP clients and operators see it. */
export interface Service {
  /** Of `/graphql`. */
  url: string;
  simulators: Simulators;
  /** For a test to look into, and to break. */
  simulator(provider: ProviderName): Simulator;
  /** Every log line so far, as written. */
  readonly lines: readonly string[];
  /** POSTs an operation with these headers besides the content-type. */
  ask<Data = Fields, Variables = unknown>(
    operation: string | TypedDocumentNode<Data, Variables>,
    variables?: Variables,
    headers?: Record<string, string>,
  ): Promise<Answer<Data>>;
  /** Throws if there are errors. */
  cancel(provider: ProviderName, ids: string[]): Promise<Order[]>;
  read(provider: ProviderName, id: string): Promise<Order["cancellation"] | undefined>;
  /** How many requests have arrived at all providers together. */
  sent(): number;
  stop(): Promise<void>;
}

export const cancelOrders = `mutation CancelOrders($provider: OrderProvider!, $ids: [ID!]!) {
  cancelOrders(provider: $provider, ids: $ids) { orders { provider id cancellation { status problem { code } } } }
}`;

export const cancellation = `query Cancellation($provider: OrderProvider!, $orderId: ID!) {
  cancellation(provider: $provider, orderId: $orderId) { status history { kind requestedBy } }
}`;

/**
 * Short where the real thing makes users wait; everything else as users get it. A mutation waits for its end much longer
 * than by default, so that a slow machine shows the same end: what stays PENDING on purpose needs a CANCEL_WAIT_MS.
 */
const quick = {
  PORT: "0",
  DATABASE_URL: ":memory:",
  SANDBOX: "false",
  CANCEL_WAIT_MS: "60000",
  RETRY_DELAYS_MS: "50",
  LOOKUP_DELAYS_MS: "50,50,100,200",
};

export interface ServiceOptions {
  /** Least time between two requests at the simulator of Tronsave, ms. */
  minIntervalMs?: number;
  /** Whether all its endpoints share one limit. */
  jointLimit?: boolean;
  /** Settings in place of the simulators' own, for a service that reaches them another way. */
  adapt?(settings: Record<string, string>): Promise<Record<string, string>>;
}

export async function startService(
  settings: Record<string, string> = {},
  { minIntervalMs = 60, jointLimit = false, adapt = async () => ({}) }: ServiceOptions = {},
): Promise<Service> {
  const simulators = await startSimulators({ minIntervalMs, jointLimit });
  const lines: string[] = [];
  const logTo = { write: (line: string) => void lines.push(line) };
  // Loopback is no address for production.
  const providers = settings.NODE_ENV === "production" ? {} : simulators.settings;
  const adapted = await adapt(providers);
  const app = await startApp({ ...quick, ...providers, ...adapted, ...settings }, logTo).catch(async (error) => {
    await simulators.close();
    throw error;
  });

  const ask: Service["ask"] = (operation, variables, headers = {}) => {
    const query = typeof operation === "string" ? operation : print(operation);
    return post(app.url, { query, variables: variables ?? {} }, { headers });
  };
  return {
    url: app.url,
    simulators,
    simulator: (provider) => simulatorOf(simulators, provider),
    lines,
    ask,
    cancel: async (provider, ids) => {
      const { data, messages } = await ask(CancelOrdersDocument, { provider, ids });
      if (!data || messages.length > 0) throw new Error(messages.join(" "));
      return data.cancelOrders.orders;
    },
    read: async (provider, orderId) => {
      const { data } = await ask(PollCancellationDocument, { provider, orderId });
      return data?.cancellation?.order.cancellation;
    },
    sent: () => simulators.simulators.reduce((sum, { received }) => sum + received.length, 0),
    stop: async () => {
      await app.stop();
      await simulators.close();
    },
  };
}

export function simulatorOf({ simulators }: Pick<Simulators, "simulators">, provider: ProviderName): Simulator {
  const found = simulators.find((each) => each.provider === provider);
  if (!found) throw new Error(`no simulator of ${provider}`);
  return found;
}
