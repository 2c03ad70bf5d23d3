import { randomUUID } from "node:crypto";
import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
import pg from "pg";
import type { OrderKey } from "../../domain/cancellation.ts";
import type { Change } from "../../domain/ledger.ts";
import { backoff } from "../../util/backoff.ts";
import { payloadsOf, readPayload } from "./payloads.ts";

/** Sends changes from instance to instance by NOTIFY. A notification may get lost: those who wait also read again. */
export interface Notifications {
  /**
   * Sends this to the other instances soon. Called after the commit: PostgreSQL commits the transactions that notify one after
   * another, for the whole server. If the process ends before it is sent, the others read again.
   */
  notify(key: OrderKey, change: Change): void;
  /** `hearing`: whether a notification that this instance sent to itself arrived; called if that has changed. */
  onNotified(listener: Listener): void;
  /** Whether notifications arrive here, as far as is known. Behind transaction pooling they do not. */
  hears(): boolean;
  /** Sends what is left, and ends. */
  close(): Promise<void>;
}

interface Listener {
  changed(key: OrderKey, change: Change): void;
  missed(): void;
  hearing(hears: boolean): void;
}

export interface NotificationOptions {
  /** A connection of its own to listen and to send. */
  createClient(): pg.Client;
  /** Runs this statement on a connection of the pool. */
  runInPool(text: string): Promise<unknown>;
}

const channel = "cancellation_changes";

/** Waits before the listening connection is opened again, ms; the last one repeats. */
const retryDelaysMs = [100, 200, 400, 800, 1600, 3200, 5000];

/** How often an instance notifies itself, and how long it waits to hear that, ms. */
const [checkEveryMs, unheardAfterMs] = [60_000, 2000];

/** Most changes that wait for a connection. The others are not notified: other instances read again. */
const mostGathered = 10_000;

/** Resolves when it listens, or when the first try has failed. After that it tries again and again, and never throws. */
export async function openNotifications({ createClient, runInPool }: NotificationOptions): Promise<Notifications> {
  const own = randomUUID();
  const listeners = new Set<Listener>();
  const closing = new AbortController();
  const tried = Promise.withResolvers<void>();
  const gathered: Record<Change, Set<string>> = { requested: new Set(), sent: new Set(), written: new Set() };
  let client: pg.Client | undefined;
  let connected = false;
  let heard = true;
  let sending: Promise<void> | undefined;
  let echoed: ((text: string) => void) | undefined;
  const ended = listen();
  await tried.promise;
  const checked = checkAgainAndAgain();

  return {
    notify: (key, change) => {
      const keys = gathered[change];
      if (keys.size < mostGathered) keys.add(JSON.stringify([key.provider, key.orderId]));
      sendSoon();
    },
    onNotified: (listener) => void listeners.add(listener),
    hears: () => connected && heard,
    close: async () => {
      await sending;
      closing.abort();
      await client?.end().catch(() => {});
      await Promise.all([ended, checked]);
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
        connected = true;
        tried.resolve();
        // Nothing was heard before this: changes since then were not notified.
        for (const { missed } of listeners) missed();
        sendSoon();
        await disconnected;
      } catch {
        tried.resolve();
        await client.end().catch(() => {});
      }
      connected = false;
      await retries.wait();
    }
  }

  function receive(payload: string): void {
    const { from, echo, keys, change } = readPayload(payload);
    if (from === own) echoed?.(echo);
    else for (const key of keys) for (const { changed } of listeners) changed(key, change);
  }

  function sendSoon(): void {
    sending ??= sendAll().finally(() => {
      sending = undefined;
    });
  }

  /** What is gathered while one notification is under way goes out with the next. */
  async function sendAll(): Promise<void> {
    await turn();
    for (let payloads = take(); connected && payloads.length > 0; payloads = take()) {
      // It need not survive a crash of the server, and so does not wait for the disk.
      const each = payloads.map((payload) => `select pg_notify('${channel}', ${pg.escapeLiteral(payload)});`);
      const text = `begin; set local synchronous_commit = off; ${each.join(" ")} commit`;
      await client?.query(text).catch(reconnect);
    }
  }

  function take(): string[] {
    if (!connected) return [];
    return Object.entries(gathered).flatMap(([change, keys]) => {
      const payloads = payloadsOf(own, change as Change, [...keys]);
      keys.clear();
      return payloads;
    });
  }

  function reconnect(): void {
    connected = false;
    void client?.end().catch(() => {});
  }

  async function checkAgainAndAgain(): Promise<void> {
    while (!closing.signal.aborted) {
      const hears = await hearsItself();
      if (hears !== undefined && hears !== heard) {
        heard = hears;
        for (const { hearing, missed } of listeners) {
          hearing(hears);
          missed();
        }
      }
      // A connection that is dead without a word looks the same.
      if (hears === false) reconnect();
      await pause(checkEveryMs, undefined, { signal: closing.signal }).catch(() => {});
    }
  }

  /** Sends by way of the pool, as all writes go. Undefined if the database does not take it: that proves nothing. */
  async function hearsItself(): Promise<boolean | undefined> {
    const echo = randomUUID();
    const { promise, resolve } = Promise.withResolvers<true>();
    echoed = (text) => text === echo && resolve(true);
    const payload = JSON.stringify({ from: own, echo });
    try {
      await runInPool(`select pg_notify('${channel}', ${pg.escapeLiteral(payload)})`);
    } catch {
      return undefined;
    }
    const unheard = pause(unheardAfterMs, false, { signal: closing.signal }).catch(() => undefined);
    return Promise.race([promise, unheard]);
  }
}
