import type { Cancellation, OrderKey } from "../domain/cancellation.ts";
import type { Ledger } from "../domain/ledger.ts";
import { orderKeyText } from "../domain/order-key.ts";
import { within } from "../util/within.ts";
import type { Changed, Changes } from "./changes.ts";

export interface WaitOptions {
  /** When the caller stops to wait, by `elapsed`, ms. */
  deadline: number;
  /** Whether anything can happen to this record now: its provider is not paused. */
  mayChange(record: Cancellation): boolean;
  /** The changes to these records. */
  changes: Changes;
  ledger: Pick<Ledger, "read" | "readAgainMs">;
  /** Ms since some moment; never goes back. */
  elapsed(): number;
  /** Aborted when the service stops: then only records whose step is under way are waited for. */
  ending: AbortSignal;
  /** When waiting ends at the latest because the service stops; infinite before that. */
  endsAt(): number;
}

/**
 * Reads the changed records until all are settled, or until the open ones wait for longer than the caller does. The records
 * are known from the start, so that a slow or unreachable database makes the answer older, but never late.
 */
export async function waitUntilSettled(
  opened: readonly Cancellation[],
  keys: readonly OrderKey[],
  { deadline, mayChange, changes, ledger, elapsed, ending, endsAt }: WaitOptions,
): Promise<Cancellation[]> {
  const records = new Map<string, Cancellation>();
  /** The records that may change before the deadline, and since when they may be under way, by `elapsed`. */
  const open = new Map<string, { key: OrderKey; dueAt: number }>();
  for (const record of opened) note(record);
  let stopping = false;
  for (;;) {
    // What was due when it was opened may be under way by now: a stop waits for it.
    if (ending.aborted && !stopping) await read(keysOfOpen(elapsed()));
    stopping = ending.aborted;
    if (stopping) for (const [text] of open) if (!isUnderWay(records.get(text))) open.delete(text);
    if (open.size === 0 || leftMs() <= 0) return keys.map((key) => recordOf(records, key));
    const againMs = ledger.readAgainMs();
    const changed = await changes.next(Math.min(leftMs(), againMs), ending);
    const readAll = changed.length === 0 && againMs !== Number.POSITIVE_INFINITY;
    const unread = readAll ? keysOfOpen() : changed.flatMap(keyUnlessKnown);
    if (leftMs() > 0) await read(unread);
  }

  function keysOfOpen(dueUntil = Number.POSITIVE_INFINITY): OrderKey[] {
    return [...open.values()].filter(({ dueAt }) => dueAt <= dueUntil).map(({ key }) => key);
  }

  async function read(unread: readonly OrderKey[]): Promise<void> {
    if (unread.length === 0) return;
    const reading = ledger.read(unread).catch(() => []);
    for (const record of await within(leftMs(), reading, [])) if (record) note(record);
  }

  /** What settled may be the cancel before this one: then the record is read, because it was opened again. */
  function keyUnlessKnown({ key, settled }: Changed): OrderKey[] {
    if (!settled || settled.requestedAt !== records.get(orderKeyText(key))?.requestedAt) return [key];
    note(settled);
    return [];
  }

  function leftMs(): number {
    return Math.min(deadline, endsAt()) - elapsed();
  }

  function note(record: Cancellation): void {
    const text = orderKeyText(record);
    records.set(text, record);
    const { status, nextAttemptInMs } = record;
    const dueAt = elapsed() + (nextAttemptInMs ?? 0);
    if (status === "PENDING" && mayChange(record) && dueAt < deadline) open.set(text, { key: record, dueAt });
    else open.delete(text);
  }
}

function isUnderWay(record: Cancellation | undefined): boolean {
  return record?.nextAttemptInMs === null;
}

function recordOf(records: ReadonlyMap<string, Cancellation>, key: OrderKey): Cancellation {
  const record = records.get(orderKeyText(key));
  if (!record) throw new Error("a recorded cancellation is gone from the ledger");
  return record;
}
