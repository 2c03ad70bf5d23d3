import { randomUUID } from "node:crypto";
import { sql, type Transaction } from "kysely";
import type pg from "pg";
import type { OrderKey } from "../../domain/cancellation.ts";
import type { Change } from "../../domain/ledger.ts";
import { backoff } from "../../util/backoff.ts";
import type { Tables } from "../schema.ts";
import type { Store } from "../store.ts";

/** Sends changes from instance to instance by NOTIFY. A notification may get lost: those who wait also read again. */
export interface Notifications extends Required<Pick<Store, "notify" | "onNotified">> {
  close(): Promise<void>;
}

const channel = "cancellation_changes";

/** Most bytes of keys in one notification. PostgreSQL refuses payloads of 8,000 bytes and more; about 90 are around the keys. */
const keyBytes = 7880;

/** Waits before the listening connection is opened again, ms; the last one repeats. */
const retryDelaysMs = [100, 200, 400, 800, 1600, 3200, 5000];

/** Resolves when it listens, or when the first try has failed. After that it tries again and again, and never throws. */
export async function openNotifications(createClient: () => pg.Client): Promise<Notifications> {
  const own = randomUUID();
  const listeners = new Set<Parameters<Notifications["onNotified"]>[0]>();
  const closing = new AbortController();
  const tried = Promise.withResolvers<void>();
  let client: pg.Client | undefined;
  const ended = listen();
  await tried.promise;

  return {
    notify: async (transaction, keys, change) => {
      const payloads = batchesOf(keys).map(
        (batch) => `{"from":"${own}","change":"${change}","keys":[${batch.join(",")}]}`,
      );
      await send(transaction, payloads);
    },
    onNotified: (listener) => void listeners.add(listener),
    close: async () => {
      closing.abort();
      await client?.end().catch(() => {});
      await ended;
    },
  };

  async function listen(): Promise<void> {
    const retries = backoff(retryDelaysMs, closing.signal);
    while (!closing.signal.aborted) {
      client = createClient();
      const disconnected = new Promise<void>((resolve) => client?.once("end", resolve));
      // An 'error' without a listener would end the process. 'end' follows it.
      client.on("error", () => {});
      client.on("notification", ({ payload }) => receive(payload ?? ""));
      try {
        await client.connect();
        await client.query(`listen ${channel}`);
        retries.reset();
        tried.resolve();
        // Nobody listened before this: what happened meanwhile went unheard.
        for (const { missed } of listeners) missed();
        await disconnected;
      } catch {
        tried.resolve();
        await client.end().catch(() => {});
      }
      await retries.wait();
    }
  }

  function receive(payload: string): void {
    const { keys, change } = read(payload, own);
    for (const key of keys) for (const { changed } of listeners) changed(key, change);
  }
}

/** Keys as JSON, in batches that fit into one notification. A key that is too long is left out: those who wait read again. */
function batchesOf(keys: readonly OrderKey[]): string[][] {
  const batches: string[][] = [];
  let roomBytes = 0;
  for (const { provider, orderId } of keys) {
    const text = JSON.stringify([provider, orderId]);
    const bytes = Buffer.byteLength(text) + 1;
    if (bytes > keyBytes) continue;
    if (bytes > roomBytes) {
      batches.push([]);
      roomBytes = keyBytes;
    }
    batches.at(-1)?.push(text);
    roomBytes -= bytes;
  }
  return batches;
}

async function send(transaction: Transaction<Tables>, payloads: readonly string[]): Promise<void> {
  await sql`select pg_notify(${channel}, payload) from unnest(cast(${payloads} as text[])) as payload`.execute(
    transaction,
  );
}

/** Every user of the database can send notifications: a payload that cannot be read holds no keys. */
function read(payload: string, own: string): { keys: OrderKey[]; change: Change } {
  try {
    const { from, change, keys } = JSON.parse(payload);
    if (from === own) return nothing;
    return {
      // Versions before 0.2 do not name the change, and tell of writes only.
      change: change === "requested" || change === "sent" ? change : "written",
      keys: keys.map(([provider, orderId]: [unknown, unknown]) => ({
        provider: String(provider),
        orderId: String(orderId),
      })),
    };
  } catch {
    return nothing;
  }
}

const nothing: { keys: OrderKey[]; change: Change } = { keys: [], change: "written" };
