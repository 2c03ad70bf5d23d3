import type { Cancellation, OrderKey } from "../domain/cancellation.ts";
import type { Ledger } from "../domain/ledger.ts";
import { orderKeyText } from "../domain/order-key.ts";
import type { Changes } from "./changes.ts";
import { within } from "./within.ts";

export interface WaitOptions {
  /** When the caller stops to wait, by `elapsed`, ms. */
  deadline: number;
  /** The changes to these records. */
  changes: Changes;
  ledger: Pick<Ledger, "read" | "missesChanges">;
  /** Ms since some moment; never goes back. */
  elapsed(): number;
  /** Aborted when the service stops: then only records whose step is under way are waited for. */
  ending: AbortSignal;
  /** When waiting ends at the latest because the service stops; infinite before that. */
  endsAt(): number;
}

/** If changes may be missed, `cancel` reads all open records again this often while it waits, ms. */
const readAgainMs = 5000;

/**
 * Reads the changed records until all are settled, or until the open ones wait for longer than the caller does. The records
 * are known from the start, so that a slow or unreachable database makes the answer older, but never late.
 */
export async function waitUntilSettled(
  opened: readonly Cancellation[],
  keys: readonly OrderKey[],
  { deadline, changes, ledger, elapsed, ending, endsAt }: WaitOptions,
): Promise<Cancellation[]> {
  const records = new Map(opened.map((record) => [orderKeyText(record), record]));
  for (;;) {
    const horizonMs = ending.aborted ? Number.NEGATIVE_INFINITY : deadline - elapsed();
    const open = keys.filter((key) => mayChangeWithin(horizonMs, records.get(orderKeyText(key))));
    const leftMs = Math.min(deadline, endsAt()) - elapsed();
    if (open.length === 0 || leftMs <= 0) return keys.map((key) => recordOf(records, key));
    const changed = await changes.next(Math.min(leftMs, ledger.missesChanges ? readAgainMs : leftMs));
    if (Math.min(deadline, endsAt()) <= elapsed()) continue;
    const reading = ledger.read(changed.length > 0 ? changed : open).catch(() => []);
    for (const record of await within(Math.min(deadline, endsAt()) - elapsed(), reading, [])) {
      if (record) records.set(orderKeyText(record), record);
    }
  }
}

function mayChangeWithin(ms: number, record: Cancellation | undefined): boolean {
  return record?.status === "PENDING" && (record.nextAttemptInMs === null || record.nextAttemptInMs < ms);
}

function recordOf(records: ReadonlyMap<string, Cancellation>, key: OrderKey): Cancellation {
  const record = records.get(orderKeyText(key));
  if (!record) throw new Error("a recorded cancellation is gone from the ledger");
  return record;
}
