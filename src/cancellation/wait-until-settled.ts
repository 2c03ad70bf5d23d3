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
  const records = new Map(opened.map((record) => [orderKeyText(record), record]));
  /** The records that may change before the caller stops to wait. */
  const open = new Set<string>();
  const end = () => void states.return();
  states.from(opened.filter(isOpen));
  noteAll();
  if (elapsed() >= deadline) end();
  const timer = setTimeout(end, Math.max(0, deadline - elapsed()));
  ending.addEventListener("abort", noteAll);
  ended.addEventListener("abort", end);
  for await (const { record } of states) if (record) note(record);
  clearTimeout(timer);
  ending.removeEventListener("abort", noteAll);
  ended.removeEventListener("abort", end);
  return keys.map((key) => recordOf(records, key));

  function noteAll(): void {
    for (const record of opened) note(records.get(orderKeyText(record)) ?? record);
    if (open.size === 0) end();
  }

  function note(record: Cancellation): void {
    const text = orderKeyText(record);
    records.set(text, record);
    if (isOpen(record)) open.add(text);
    else if (open.delete(text) && open.size === 0) end();
  }

  function isOpen(record: Cancellation): boolean {
    const inMs = record.nextAttemptInMs ?? 0;
    const inTime = ending.aborted ? inMs <= 0 && isHeld(record) : elapsed() + inMs < deadline;
    return record.status === "PENDING" && inTime && mayChange(record);
  }
}

function recordOf(records: ReadonlyMap<string, Cancellation>, key: OrderKey): Cancellation {
  const record = records.get(orderKeyText(key));
  if (!record) throw new Error("a recorded cancellation is gone from the ledger");
  return record;
}
