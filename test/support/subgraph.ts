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

export type ProviderName = Simulator["provider"];
type Order = CancelOrdersMutation["cancelOrders"]["orders"][number];

/** The running subgraph over simulators that the test can break. */
export interface Subgraph {
  url: string;
  simulator(provider: ProviderName): Simulator;
  request<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Promise<{ data?: Data; errors?: { message: string; extensions: { code: string } }[] }>;
  /** Throws where there are errors. */
  cancel(provider: ProviderName, ids: string[]): Promise<Order[]>;
  read(provider: ProviderName, id: string): Promise<Order["cancellation"] | undefined>;
  stop(): Promise<void>;
}

/** Quick where the real thing is slow; everything else as users get it. */
const quick = {
  PORT: "0",
  DATABASE_URL: ":memory:",
  LOG_LEVEL: "silent",
  SANDBOX: "false",
  CANCEL_WAIT_MS: "8000",
  RETRY_DELAYS_MS: "50",
  LOOKUP_DELAYS_MS: "50,50,100,200",
};

export async function startSubgraph(
  settings: Record<string, string> = {},
  options: { minIntervalMs?: number } = {},
): Promise<Subgraph> {
  const simulators: Simulators = await startSimulators({ minIntervalMs: options.minIntervalMs ?? 60 });
  const app = await startApp({ ...quick, ...simulators.settings, ...settings }).catch(async (error) => {
    await simulators.close();
    throw error;
  });

  const request: Subgraph["request"] = async (document, variables) => {
    const response = await fetch(app.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: print(document), variables }),
    });
    return (await response.json()) as never;
  };

  return {
    url: app.url,
    request,
    simulator: (provider) => {
      const simulator = simulators.simulators.find((each) => each.provider === provider);
      if (!simulator) throw new Error(`no simulator of ${provider}`);
      return simulator;
    },
    cancel: async (provider, ids) => {
      const { data, errors } = await request(CancelOrdersDocument, { provider, ids });
      if (!data || errors) throw new Error(JSON.stringify(errors));
      return data.cancelOrders.orders;
    },
    read: async (provider, orderId) => {
      const { data } = await request(PollCancellationDocument, { provider, orderId });
      return data?.cancellation?.order.cancellation;
    },
    stop: async () => {
      await app.stop();
      await simulators.close();
    },
  };
}
