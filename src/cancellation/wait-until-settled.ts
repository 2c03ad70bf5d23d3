import { type Cancellation, type OrderKey, orderKeyText } from "../domain/cancellation.ts";
import type { ExpectedStates } from "./order-watch.ts";

export interface WaitOptions {
  /** The states of these orders. */
  states: ExpectedStates;
  /** When the caller stops to wait, by `elapsed`, ms. */
  deadline: number;
  /** Ms since some moment; never goes back. */
  elapsed(): number;
  /** Whether anything can happen to this record now: its provider is not paused. */
  mayChange(record: Cancellation): boolean;
  /** Whether this instance holds the record for a step. */
  isHeld(record: Cancellation): boolean;
  /** Aborted when the service stops: then only records whose step is under way are waited for. */
  ending: AbortSignal;
  /** Aborted when no step is under way any more, or the service waits for none. */
  ended: AbortSignal;
}

/**
 * Resolves to the newest records when all are settled, or when the open ones wait for longer than the caller does. The records
 * are known from the start, so that a slow or unreachable database makes the answer older, but never late.
 */
export async function waitUntilSettled(
  opened: readonly Cancellation[],
  keys: readonly OrderKey[],
  { states, deadline, elapsed, mayChange, isHeld, ending, ended }: WaitOptions,
): Promise<Cancellation[]> {
  const records = new Map<string, Cancellation>();
  /** The records that may change before the caller stops to wait, and since when they may be under way, by `elapsed`. */
  const open = new Map<string, number>();
  const end = () => void states.return();
  for (const record of opened) note(record);
  states.from(opened.filter((record) => open.has(orderKeyText(record))));
  if (open.size === 0 || elapsed() >= deadline) end();
  const timer = setTimeout(end, Math.max(0, deadline - elapsed()));
  ending.addEventListener("abort", dropIdle);
  ended.addEventListener("abort", end);
  for await (const { record } of states) {
    if (record) note(record);
    if (open.size === 0) end();
  }
  clearTimeout(timer);
  ending.removeEventListener("abort", dropIdle);
  ended.removeEventListener("abort", end);
  return keys.map((key) => recordOf(records, orderKeyText(key)));

  function note(record: Cancellation): void {
    const text = orderKeyText(record);
    records.set(text, record);
    const dueAt = elapsed() + (record.nextAttemptInMs ?? 0);
    const waits = ending.aborted ? isUnderWay(record, dueAt) : dueAt < deadline;
    if (record.status === "PENDING" && waits && mayChange(record)) open.set(text, dueAt);
    else open.delete(text);
  }

  function dropIdle(): void {
    for (const [text, dueAt] of open) if (!isUnderWay(recordOf(records, text), dueAt)) open.delete(text);
    if (open.size === 0) end();
  }

  function isUnderWay(record: Cancellation, dueAt: number): boolean {
    return dueAt <= elapsed() && isHeld(record);
  }
}

function recordOf(records: ReadonlyMap<string, Cancellation>, text: string): Cancellation {
  const record = records.get(text);
  if (!record) throw new Error("a recorded cancellation is gone from the ledger");
  return record;
}
