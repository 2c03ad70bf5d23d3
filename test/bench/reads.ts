import { fork } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { devNull } from "node:os";
import { fileURLToPath } from "node:url";
import { startServerProcess } from "../support/process.ts";
import { type LoadOptions, measureRate, type Target } from "./load.ts";
import { median } from "./numbers.ts";
import { makeRows, orderIdOf } from "./rows.ts";

/** Those that are compared, by name. Each answers the same `_entities` from the same rows. */
export const contenders = ["ours", "mercurius-jit", "mercurius", "yoga", "apollo", "apollo-constant"] as const;
export type Contender = (typeof contenders)[number];

export interface ReadsOptions extends LoadOptions {
  /** References in one request. */
  references: readonly number[];
  /** How often each contender is measured; the median counts. */
  rounds: number;
  /** How long each is asked before it is measured. It takes thousands of requests until V8 has optimised a server. */
  warmUpSeconds: number;
  /** A database file that does not exist yet. */
  path: string;
}

/** Answers a second of each contender, by number of references. They are measured in turn, so that a slow minute is everybody's. */
export async function measureReads(options: ReadsOptions): Promise<Map<number, Map<Contender, number>>> {
  const { references, path, connections } = options;
  await makeRows(path, Math.max(...references) * connections);
  const servers = await Promise.all(contenders.map((name) => start(name, path)));
  try {
    const rates = new Map<number, Map<Contender, number>>();
    for (const count of references) rates.set(count, await measureAll(servers, count, options));
    return rates;
  } finally {
    for (const { stop } of servers) await stop();
  }
}

async function measureAll(servers: readonly Server[], references: number, options: ReadsOptions) {
  const { connections, seconds, warmUpSeconds, rounds } = options;
  const found = new Map<Contender, number[]>(servers.map(({ name }) => [name, []]));
  for (const server of servers)
    await measureRate(targetOf(server, references, connections), { connections, seconds: warmUpSeconds });
  for (let round = 0; round < rounds; round += 1) {
    for (const server of servers) {
      found
        .get(server.name)
        ?.push(await measureRate(targetOf(server, references, connections), { connections, seconds }));
    }
  }
  return new Map([...found].map(([name, each]) => [name, median(each)]));
}

const query = `query Join__cancellations__1($representations:[_Any!]!){
  _entities(representations:$representations){...on Order{cancellation{status attempts}}}
}`;

function targetOf({ name, url }: Server, references: number, connections: number): Target {
  const cancellation = { status: "CANCELLED", attempts: 1 };
  const expected = JSON.stringify({
    data: { _entities: Array.from({ length: references }, () => ({ cancellation })) },
  });
  return {
    url,
    bodyOf: (connection) => {
      const representations = Array.from({ length: references }, (_, index) => ({
        __typename: "Order",
        provider: "ONRAMP",
        // Of each request others, from all over the file.
        id: orderIdOf(index * connections + connection),
      }));
      return JSON.stringify({ query, operationName: "Join__cancellations__1", variables: { representations } });
    },
    check: (text) => {
      if (JSON.stringify(JSON.parse(text)) !== expected) throw new Error(`${name} answers ${text.slice(0, 300)}`);
    },
  };
}

interface Server {
  name: Contender;
  url: string;
  stop(): Promise<unknown>;
}

async function start(name: Contender, path: string): Promise<Server> {
  if (name === "ours") {
    const settings = { DATABASE_URL: `file:${path}`, NODE_ENV: "production", AUTH: "none" };
    const server = await startServerProcess(settings, { stdout: openSync(devNull, "w") });
    return { name, url: server.url, stop: server.kill };
  }
  const child = fork(fileURLToPath(new URL("peer.ts", import.meta.url)), [name, path], {
    env: { ...process.env, NODE_ENV: "production" },
  });
  const [url] = await once(child, "message");
  return {
    name,
    url,
    stop: async () => {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}
