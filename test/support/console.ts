import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { BrowserContext, Page } from "playwright-core";
import { type Issuer, startIssuer } from "./issuer.ts";
import { type Service, startService } from "./service.ts";

/** All that an on-call person may have. */
export const allScopes = "openid orders:cancel cancellations:read cancellations:resolve providers:manage";

/** A service with a console and an issuer, and records that it did not make. */
export interface ConsoleStage {
  issuer: Issuer;
  service: Service;
  /** Adds records, as if they had been made before. */
  add(records: readonly StagedRecord[]): void;
  /** Opens the console at a fragment and pastes a token with these claims. */
  enter(context: BrowserContext, fragment?: string, claims?: Record<string, unknown>): Promise<Page>;
  close(): Promise<void>;
}

export interface StagedRecord {
  provider: string;
  orderId: string;
  status: "PENDING" | "CANCELLED" | "REJECTED" | "UNCONFIRMED";
  requestedAt: number;
  problemCode?: string;
  providerCode?: string;
  providerMessage?: string;
  /** Who asked, in which request. */
  requestedBy?: string;
  requestId?: string;
  /** What a person wrote. */
  note?: string;
}

export async function startConsole(settings: Record<string, string> = {}): Promise<ConsoleStage> {
  const issuer = await startIssuer();
  const folder = mkdtempSync(join(tmpdir(), "console-"));
  const path = join(folder, "ledger.db");
  const service = await startService({
    ...issuer.settings,
    AUTH_ISSUER: issuer.url,
    CONSOLE: "true",
    DATABASE_URL: `file:${path}`,
    ...settings,
  });
  return {
    issuer,
    service,
    add: (records) => addRecords(path, records),
    enter: async (context, fragment = "", claims = {}) => {
      const page = await context.newPage();
      // Its time passes as usual, until a test lets it pass faster.
      await page.clock.install();
      await page.goto(`${new URL("/console", service.url)}${fragment}`);
      const token = await issuer.token({ iss: issuer.url, sub: "maya", scope: allScopes, ...claims });
      await page.getByLabel("Access token").fill(token);
      await page.getByRole("button", { name: "Use this token" }).click();
      return page;
    },
    close: async () => {
      await service.stop();
      await issuer.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function addRecords(path: string, records: readonly StagedRecord[]): void {
  const database = new DatabaseSync(path, { timeout: 30_000 });
  database.exec("begin immediate");
  const addRecord = database.prepare(
    `insert into cancellations (provider, order_id, status, requested_at, settled_at, attempts, step, in_doubt, retries, lookups,
       problem_code, provider_code, provider_message) values (?, ?, ?, ?, ?, 1, 'lookup', 0, 0, 0, ?, ?, ?)`,
  );
  const addEvent = database.prepare(
    `insert into cancellation_events (cancellation_id, at, kind, attempt, status, requested_by, request_id, note, provider_code,
       provider_message) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const each of records) {
    const { provider, orderId, status, requestedAt, requestedBy = null, requestId = null } = each;
    const { problemCode = null, providerCode = null, providerMessage = null, note } = each;
    const settledAt = status === "PENDING" ? null : requestedAt + 1000;
    const { lastInsertRowid: id } = addRecord.run(
      ...[provider, orderId, status, requestedAt, settledAt, problemCode, providerCode, providerMessage],
    );
    addEvent.run(id, requestedAt, "REQUESTED", 0, null, requestedBy, requestId, null, null, null);
    addEvent.run(id, requestedAt + 10, "LOOKED_UP", 1, null, null, null, null, providerCode, providerMessage);
    if (note !== undefined) {
      addEvent.run(id, requestedAt + 1000, "RESOLVED", 1, status, requestedBy, requestId, note, null, null);
    }
  }
  database.exec("commit");
  database.close();
}
