import type { Simulator } from "../../src/simulators/kit/simulator.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type CustomerOrder, startOrdersSubgraph } from "../support/orders-subgraph.ts";

// The build's, as decorators do not run from the sources; its types are the sources'.
const { startApp } = (await import("../../dist/app.js" as string)) as typeof import("../../src/app.ts");
const sandboxModule = (await import(
  "../../dist/simulators/simulators.js" as string
)) as typeof import("../../src/simulators/simulators.ts");

/** A simulator of every provider, two subgraphs and a gateway, on free ports of the loopback interface. */
export interface Stage {
  gateway: Gateway;
  simulators: readonly Simulator[];
  /** Leaves nothing running. */
  close(): Promise<void>;
}

/** As by default but for the waits, which are short enough to watch. */
const settings = {
  PORT: "0",
  DATABASE_URL: ":memory:",
  LOG_LEVEL: "silent",
  SANDBOX: "false",
  CANCEL_WAIT_MS: "5000",
  RETRY_DELAYS_MS: "500,1000",
  LOOKUP_DELAYS_MS: "1000,2000",
};

export async function setStage(orders: readonly CustomerOrder[]): Promise<Stage> {
  const running: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const stop of running.splice(0).reverse()) await stop();
  };
  try {
    const simulators = await sandboxModule.startSimulators();
    running.push(simulators.close);
    const cancellations = await startApp({ ...settings, ...simulators.settings });
    running.push(cancellations.stop);
    const customerOrders = await startOrdersSubgraph(orders);
    running.push(customerOrders.stop);
    const gateway = await startGateway({ subgraphs: { cancellations: cancellations.url, orders: customerOrders.url } });
    running.push(gateway.stop);
    return { gateway, simulators: simulators.simulators, close };
  } catch (error) {
    await close();
    throw error;
  }
}
