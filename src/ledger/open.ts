import type { Ledger } from "../domain/ledger.ts";
import { createLedger, type LedgerOptions } from "./ledger.ts";
import { openSqlite } from "./sqlite.ts";

/** Opens the ledger at this address, made or migrated where needed. Rejects with a sentence for the operator. */
export async function openLedger(
  address: { kind: "sqlite"; path: string } | { kind: "postgres"; url: string },
  now: () => number,
  options: LedgerOptions,
): Promise<Ledger> {
  if (address.kind === "postgres") throw new Error("PostgreSQL is not supported yet");
  return createLedger(await openSqlite(address.path, now), options);
}
