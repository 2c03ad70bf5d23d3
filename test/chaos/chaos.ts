import { setTimeout as pause } from "node:timers/promises";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import type { Fault, Simulator } from "../../src/sandbox/simulator.ts";
import { type Instance, startInstance } from "./instance.ts";

export interface ChaosOptions {
  /** How often an instance is killed and started again. */
  rounds: number;
  instances: number;
  databaseUrl: string;
  /** Makes the run repeatable as far as processes are. */
  seed: number;
}

/** What the ledger says, held against what the providers know. */
export interface Report {
  orders: number;
  kills: number;
  upstreamRequests: number;
  /** Accepted by an instance, and unknown to the ledger in the end. Must be 0. */
  lost: number;
  /** CANCELLED, and not so at the provider. Must be 0. */
  falseCancelled: number;
  /** REJECTED, and cancelled at the provider. Must be 0. */
  falseRejected: number;
  /** Requests that broke Tronsave's limit. Must be 0. */
  limitViolations: number;
  /** Neither settled nor UNCONFIRMED when time was up. Must be 0. */
  unfinished: number;
  statuses: Record<string, number>;
}

/** All five providers run in the caller's process and survive the kills. */
export async function runChaos(startSandbox: StartSandbox, options: ChaosOptions): Promise<Report> {
  const random = createRandom(options.seed);
  const sandbox = await startSandbox({ minIntervalMs: 100 });
  const settings = { ...hurried, ...sandbox.settings, DATABASE_URL: options.databaseUrl };
  const instances: Instance[] = [];
  const accepted = new Set<string>();
  let orders = 0;
  try {
    for (let index = 0; index < options.instances; index += 1) instances.push(await startInstance(settings));
    for (const simulator of sandbox.simulators) simulator.faults(() => nextFault(random));

    for (let round = 0; round < options.rounds; round += 1) {
      const asking = sandbox.simulators.flatMap((simulator) =>
        addOrders(simulator, round, random).map((ids) =>
          ask(pick(instances, random).url, simulator.provider, ids, accepted),
        ),
      );
      orders += sandbox.simulators.length * requestsARound * idsARequest;
      await pause(random() * 600);
      const victim = pick(instances, random);
      await victim.kill();
      await victim.restart();
      await Promise.all(asking);
    }

    for (const simulator of sandbox.simulators) simulator.faults(undefined);
    const records = await settledRecords(instances, sandbox, accepted);
    return check(sandbox, accepted, records, { orders, kills: options.rounds });
  } finally {
    await Promise.all(instances.map((instance) => instance.kill()));
    await sandbox.close();
  }
}

type StartSandbox = (options: { minIntervalMs: number }) => Promise<Sandbox>;

const requestsARound = 4;
const idsARequest = 3;

/** Everything as in production, in a tenth of the time or less. */
const hurried = {
  SANDBOX: "false",
  CANCEL_WAIT_MS: "1500",
  PROVIDER_TIMEOUT_MS: "400",
  RETRY_DELAYS_MS: "50,100,200,400",
  LOOKUP_DELAYS_MS: "100,200,400,800,800,800",
  LEASE_MS: "10400",
};

/** 5 % resets after the effect, 3 % hangs, 2 % garbage, 2 % errors 500, of which half act first. */
function nextFault(random: () => number): Fault | undefined {
  const dice = random();
  const effect = random() < 0.5;
  if (dice < 0.05) return { kind: "reset", effect: true };
  if (dice < 0.08) return { kind: "hang", effect };
  if (dice < 0.1) return { kind: "garbage", effect };
  if (dice < 0.12) return { kind: "status", status: 500, effect };
  return undefined;
}

/** New orders at one provider, most of them open, in the groups they are asked for. */
function addOrders(simulator: Simulator, round: number, random: () => number): string[][] {
  return Array.from({ length: requestsARound }, (_, request) =>
    Array.from({ length: idsARequest }, (_, index) => {
      const id = `9${String(round).padStart(6, "0")}${request}${index}`;
      if (random() < 0.9) simulator.add(id, { state: random() < 0.85 ? "open" : "completed" });
      return id;
    }),
  );
}

/** Asks once; what the instance answered for, it has accepted. A killed instance answers nothing. */
async function ask(url: string, provider: string, ids: readonly string[], accepted: Set<string>): Promise<void> {
  const query = `mutation($ids:[ID!]!){cancelOrders(provider:${provider},ids:$ids){orders{id cancellation{status}}}}`;
  const answer = await post(url, query, { ids }).catch(() => undefined);
  for (const order of answer?.data?.cancelOrders?.orders ?? []) {
    if (order.cancellation) accepted.add(`${provider}\n${order.id}`);
  }
}

interface Answer {
  data?: {
    cancelOrders?: { orders: { id: string; cancellation: { status: string } | null }[] };
    _entities?: ({ provider: string; id: string; cancellation: { status: string } | null } | null)[];
  };
}

async function post(url: string, query: string, variables: object): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(10_000),
  });
  return (await response.json()) as Answer;
}

/** Status by order once nothing is PENDING, or after two minutes as it is then. */
async function settledRecords(instances: readonly Instance[], sandbox: Sandbox, accepted: ReadonlySet<string>) {
  const everything = sandbox.simulators.flatMap((simulator) =>
    [...simulator.orders.keys()].map((id) => `${simulator.provider}\n${id}`),
  );
  const keys = [...new Set([...everything, ...accepted])];
  const deadline = Date.now() + 120_000;
  for (;;) {
    const statuses = await readStatuses(instances[0]?.url ?? "", keys);
    if (![...statuses.values()].includes("PENDING") || Date.now() > deadline) return statuses;
    await pause(250);
  }
}

async function readStatuses(url: string, keys: readonly string[]): Promise<Map<string, string>> {
  const query =
    "query($representations:[_Any!]!){_entities(representations:$representations){...on Order{provider id cancellation{status}}}}";
  const statuses = new Map<string, string>();
  for (let start = 0; start < keys.length; start += 200) {
    const representations = keys.slice(start, start + 200).map((key) => {
      const [provider, id] = key.split("\n");
      return { __typename: "Order", provider, id };
    });
    const { data } = await post(url, query, { representations });
    for (const order of data?._entities ?? []) {
      if (order?.cancellation) statuses.set(`${order.provider}\n${order.id}`, order.cancellation.status);
    }
  }
  return statuses;
}

function check(
  sandbox: Sandbox,
  accepted: ReadonlySet<string>,
  records: ReadonlyMap<string, string>,
  counts: { orders: number; kills: number },
): Report {
  const states = new Map<string, string>(
    sandbox.simulators.flatMap((simulator) =>
      [...simulator.orders.values()].map((order) => [`${simulator.provider}\n${order.id}`, order.state] as const),
    ),
  );
  const all = [...records];
  const count = (rule: (key: string, status: string) => boolean) =>
    all.filter(([key, status]) => rule(key, status)).length;
  const total = (part: (simulator: Simulator) => number) =>
    sandbox.simulators.reduce((sum, simulator) => sum + part(simulator), 0);
  return {
    ...counts,
    upstreamRequests: total(({ received }) => received.length),
    lost: [...accepted].filter((key) => !records.has(key)).length,
    falseCancelled: count((key, status) => status === "CANCELLED" && states.get(key) !== "cancelled"),
    falseRejected: count((key, status) => status === "REJECTED" && states.get(key) === "cancelled"),
    limitViolations: total(({ limitViolations }) => limitViolations),
    unfinished: count((_key, status) => status === "PENDING"),
    statuses: Object.fromEntries(
      Map.groupBy(all, ([, status]) => status)
        .entries()
        .map(([status, { length }]) => [status, length]),
    ),
  };
}

function pick<T>(items: readonly T[], random: () => number): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

/** mulberry32: small, seeded, good enough to choose faults. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
