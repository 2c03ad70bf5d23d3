import { connect, type Socket } from "node:net";
import { Client } from "undici";
import { afterEach, describe, expect, it } from "vitest";
import { incomingConnections } from "../../src/http/connection-limit.ts";
import { type Simulators, startSimulators } from "../../src/simulators/simulators.ts";
import { type ServerProcess, startServerProcess } from "../support/process.ts";
import { cancelOrders } from "../support/service.ts";

describe("how many connections may come in", () => {
  it.each([
    ["all that outgoing ones and some files leave over", { limit: 1024, open: 24 }, 100, { max: 884, cramped: false }],
    ["a quarter of what is left if that is more", { limit: 64, open: 24 }, 100, { max: 10, cramped: true }],
    ["never none", { limit: 24, open: 24 }, 100, { max: 1, cramped: true }],
    ["any number without a limit", { limit: Infinity, open: 24 }, 100, { max: Infinity, cramped: false }],
  ])("%s", (_name, files, outgoing, expected) => {
    expect(incomingConnections(files, outgoing)).toEqual(expected);
  });
});

describe("connections that nobody uses, more than there may be open files", () => {
  let simulators: Simulators;
  let server: ServerProcess;
  const idle: Socket[] = [];
  afterEach(async () => {
    await server.kill();
    for (const socket of idle.splice(0)) socket.destroy();
    await simulators.close();
  });

  it.each([64, 192])("with ulimit -n %i, orders still reach their provider", async (openFiles) => {
    simulators = await startSimulators({ minIntervalMs: 50 });
    const settings = { ...simulators.settings, SANDBOX: "false", CANCEL_WAIT_MS: "60000" };
    server = await startServerProcess(settings, { stdout: "unread", shell: `ulimit -n ${openFiles}` });
    const log = readAll(server);
    const client = new Client(new URL(server.url).origin);
    const get = async (path: string) => (await client.request({ method: "GET", path })).body.text();
    await get("/healthz");

    for (let count = 0; count < openFiles * 2; count += 1) {
      idle.push(connect(Number(new URL(server.url).port), "127.0.0.1").on("error", () => {}));
    }
    const refused = async () =>
      Number(/^order_cancellation_connections_refused_total (\d+)$/m.exec(await get("/metrics"))?.[1]);
    await expect.poll(refused).toBeGreaterThan(openFiles);
    const ids = ["1443", "1444", "1445", "1446"];
    const { body } = await client.request({
      ...{ method: "POST", path: "/graphql", headers: { "content-type": "application/json" } },
      body: JSON.stringify({ query: cancelOrders, variables: { provider: "ONRAMP", ids } }),
    });
    const { data } = (await body.json()) as { data: { cancelOrders: { orders: unknown[] } } };

    const settled = { cancellation: { status: expect.stringMatching(/CANCELLED|REJECTED/) } };
    expect(data.cancelOrders.orders).toMatchObject(ids.map(() => settled));
    await expect.poll(() => log().match(/"event":"connections-refused".*?"connections":\d+/g)).toHaveLength(1);
    await client.destroy();
  });
});

function readAll({ child }: ServerProcess): () => string {
  let text = "";
  child.stdout?.on("data", (chunk) => {
    text += chunk;
  });
  return () => text;
}
