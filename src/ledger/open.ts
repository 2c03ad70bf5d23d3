import type { Clock } from "../domain/clock.ts";
import type { Ledger } from "../domain/ledger.ts";
import { createLedger, type LedgerOptions } from "./ledger.ts";
import { openPostgres } from "./postgres/postgres.ts";
import { openSqlite } from "./sqlite/sqlite.ts";

/** Opens the ledger at this address. Makes or migrates its tables if needed. Rejects with a sentence for the operator. */
export async function openLedger(
  address: { kind: "sqlite"; path: string } | { kind: "postgres"; url: string; listenUrl?: string | undefined },
  clock: Clock,
  options: LedgerOptions,
): Promise<Ledger> {
  try {
    const store =
      address.kind === "postgres"
        ? await openPostgres(address.url, clock, address)
        : await openSqlite(address.path, clock);
    return createLedger(store, options);
  } catch (error) {
    throw new Error(`DATABASE_URL: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
