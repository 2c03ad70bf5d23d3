import { setTimeout as pause } from "node:timers/promises";
import type { Emit } from "../domain/events.ts";
import type { Ledger } from "../domain/ledger.ts";
import type { Announcement, Outbox } from "../domain/outbox.ts";
import type { Egress } from "../egress/connector.ts";
import { openDispatcher } from "../egress/dispatcher.ts";
import { rerun } from "../util/single-flight.ts";
import { within } from "../util/within.ts";
import { createMessage, type Posted, postMessage } from "./message.ts";

export interface WebhookSettings {
  url: URL;
  /** Signs the messages. */
  key: Buffer;
  /** Waits after the first, second … failed try, ms. After the last one it is given up. */
  delaysMs: readonly number[];
}

export interface WebhookParts {
  ledger: Outbox & Pick<Ledger, "onChange">;
  egress: Egress;
  emit: Emit;
}

/** Most tries at once. */
const connections = 10;

/** How often this asks the ledger for due announcements, ms. It announces at once what this instance settles. */
const pollEveryMs = 1000;

/** How long tries under way may go on at a stop, ms: no longer than exchanges with providers. */
const graceMs = 5000;

const [connectTimeoutMs, maxAnswerBytes] = [5000, 64 * 1024];

/** Lease of an announcement, ms. Another instance takes it over after that. A try takes 15 s, and noting its result a few more. */
const leaseMs = 30_000;

/** Longest wait at a stop for what aborted tries still write, ms. Without it, their leases end. */
const lastWriteMs = 500;

/** Least time between two polls because something was written, ms. */
const gatherMs = 50;

/** Waits before a result is written again if the database is away, ms. After that the lease ends: it is announced again. */
const writeDelaysMs = [200, 1000, 3000, 5000];

/**
 * Announces settled cancellations, from the ledger: what one instance leaves undone, the next one or another one does. Disposed, it claims
 * nothing more and gives tries under way `graceMs`. Then they are aborted, and are due at once for others.
 */
export function startWebhook(settings: WebhookSettings, { ledger, egress, emit }: WebhookParts): AsyncDisposable {
  const { dispatcher, close } = openDispatcher({ ...egress, connections, connectTimeoutMs, maxAnswerBytes });
  const ending = new AbortController();
  const underWay = new Set<Promise<void>>();
  let gathering: NodeJS.Timeout | undefined;
  const claiming = rerun(claimAll);
  let stopped: Promise<void> | undefined;

  const polling = setInterval(poll, pollEveryMs);
  const stopListening = ledger.onChange((_key, change) => {
    if (change === "written") pollSoon();
  });
  poll();

  return {
    [Symbol.asyncDispose]: () => (stopped ??= end()),
  };

  async function end(): Promise<void> {
    clearInterval(polling);
    clearTimeout(gathering);
    stopListening();
    await idleWithin(graceMs);
    ending.abort();
    await idleWithin(lastWriteMs);
    await close();
  }

  async function idleWithin(ms: number): Promise<void> {
    const idle = claiming.idle().then(() => Promise.all(underWay));
    await within(ms, idle, undefined);
  }

  function pollSoon(): void {
    gathering ??= setTimeout(() => {
      gathering = undefined;
      poll();
    }, gatherMs);
  }

  function poll(): void {
    if (!stopped) claiming.run();
  }

  async function claimAll(): Promise<void> {
    const room = connections - underWay.size;
    if (room === 0) return;
    try {
      for (const announcement of await ledger.claimAnnouncements(room, leaseMs)) start(announcement);
    } catch (error) {
      emit({ event: "webhook-claim-failed", error });
    }
  }

  function start(announcement: Announcement): void {
    const trying = announce(announcement).finally(() => {
      underWay.delete(trying);
      poll();
    });
    underWay.add(trying);
  }

  async function announce(announcement: Announcement): Promise<void> {
    const startedAt = performance.now();
    const message = createMessage(announcement, settings.key, Date.now());
    const posted = await postMessage(settings.url, message, { dispatcher, signal: ending.signal });
    const delayMs = delayAfter(posted, announcement.failures);
    if (ending.signal.aborted && posted.kind === "failed") return note(() => ledger.releaseAnnouncement(announcement));
    const durationMs = Math.round(performance.now() - startedAt);
    emit({ ...resultOf(posted, delayMs), provider: announcement.provider, durationMs });
    await note(() =>
      posted.kind === "delivered"
        ? ledger.deleteAnnouncement(announcement)
        : ledger.postponeAnnouncement(announcement, delayMs),
    );
  }

  /** Null: never again. */
  function delayAfter(posted: Posted, failures: number): number | null {
    const delayMs = settings.delaysMs[failures];
    if (posted.kind !== "failed" || delayMs === undefined) return null;
    return Math.max(delayMs, posted.retryAfterMs ?? 0);
  }

  /** Never rejects: without the note, the lease ends, and the announcement is made again. */
  async function note(write: () => Promise<void>): Promise<void> {
    for (const delayMs of [...writeDelaysMs, null]) {
      try {
        return await write();
      } catch (error) {
        emit({ event: "webhook-write-failed", error });
        if (delayMs === null || ending.signal.aborted) return;
        await pause(delayMs, undefined, { signal: ending.signal }).catch(() => {});
      }
    }
  }
}

function resultOf(posted: Posted, delayMs: number | null) {
  const { kind, status } = posted;
  if (kind === "delivered") return { event: "webhook-delivered", status } as const;
  const error = kind === "failed" ? posted.error : undefined;
  return { event: delayMs === null ? "webhook-abandoned" : "webhook-failed", status, error } as const;
}
