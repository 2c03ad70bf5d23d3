import { startApp } from "../../src/app.ts";
import { type Simulators, startSimulators } from "../../src/simulators/simulators.ts";

/** The running service over simulators (in production: without providers), as HTTP clients and operators see it. */
export interface Service {
  url: string;
  simulators: Simulators;
  /** Every log line so far, as written. */
  readonly lines: readonly string[];
  /** POSTs an operation with these headers besides the content-type. */
  ask(query: string, variables?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** What left for all providers together. */
  sent(): number;
  stop(): Promise<void>;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  data?: Fields;
  /** `extensions.code` of each error. */
  codes: string[];
  messages: string[];
}

/** Whatever JSON holds: a field that is missing fails the expectation on it. */
export type Fields = ReturnType<typeof JSON.parse>;

export const cancelOrders = `mutation CancelOrders($provider: OrderProvider!, $ids: [ID!]!) {
  cancelOrders(provider: $provider, ids: $ids) { orders { provider id cancellation { status problem { code } } } }
}`;

export const cancellation = `query Cancellation($provider: OrderProvider!, $orderId: ID!) {
  cancellation(provider: $provider, orderId: $orderId) { status history { kind requestedBy } }
}`;

export async function startService(settings: Record<string, string> = {}): Promise<Service> {
  const simulators = await startSimulators({ minIntervalMs: 50 });
  const lines: string[] = [];
  const basics = { PORT: "0", DATABASE_URL: ":memory:", SANDBOX: "false" };
  const logTo = { write: (line: string) => void lines.push(line) };
  // Loopback is no address for production.
  const providers = settings.NODE_ENV === "production" ? {} : simulators.settings;
  const app = await startApp({ ...basics, ...providers, ...settings }, logTo).catch(async (error) => {
    await simulators.close();
    throw error;
  });
  return {
    url: app.url,
    simulators,
    lines,
    ask: (query, variables = {}, headers = {}) => ask(app.url, { query, variables }, headers),
    sent: () => simulators.simulators.reduce((sum, { received }) => sum + received.length, 0),
    stop: async () => {
      await app.stop();
      await simulators.close();
    },
  };
}

/** POSTs any body to any address. */
export async function ask(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return readAnswer(response);
}

export async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  const { data, errors = [] } = JSON.parse(text) as {
    data?: Fields;
    errors?: { message: string; extensions: { code: string } }[];
  };
  return {
    ...{ status: response.status, headers: response.headers, text, data },
    codes: errors.map(({ extensions }) => extensions.code),
    messages: errors.map(({ message }) => message),
  };
}
