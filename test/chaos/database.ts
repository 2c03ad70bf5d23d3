import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { openLine } from "../support/line.ts";
import { startPgBouncer } from "../support/pgbouncer.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { keepEnough, promote, startStandby, waitForStandby } from "../support/standby.ts";

/** The database of a chaos run, which can be taken away from all instances at once. */
export interface ChaosDatabase {
  url: string;
  /** The ways to take it away. Each resolves when it is away, to what brings it back. */
  outages: Readonly<Record<string, () => Promise<() => Promise<void>>>>;
  close(): Promise<void>;
}

/** Away: somebody else holds the write lock. */
export function sqliteDatabase(file: string): ChaosDatabase {
  return {
    url: `file:${file}`,
    outages: {
      locked: async () => {
        const other = new DatabaseSync(file, { timeout: 0 });
        await lock(other);
        return async () => {
          other.exec("rollback");
          other.close();
        };
      },
    },
    close: async () => {},
  };
}

/** Without blocking this process, in which the simulators run. */
async function lock(other: DatabaseSync): Promise<void> {
  for (;;) {
    try {
      return other.exec("begin immediate");
    } catch (error) {
      const isBusy = error instanceof Error && "errcode" in error && Number(error.errcode) === 5;
      if (!isBusy) throw error;
      await pause(1);
    }
  }
}

/** Away: the line is cut, silent or held up, or the server itself is stopped. `pooled`: the line leads to a transaction pooler. */
export async function postgresDatabase(server: Postgres, name: string, pooled = false): Promise<ChaosDatabase> {
  const database = await server.createDatabase(name);
  const pooler = pooled ? await startPgBouncer(database, "transaction") : undefined;
  const line = await openLine(pooler?.url ?? database);
  const restore = async () => line.restore();
  return {
    url: line.url,
    outages: {
      cut: async () => {
        line.cut();
        return restore;
      },
      silent: async () => {
        line.silence();
        return restore;
      },
      held: async () => {
        line.hold();
        return restore;
      },
      halted: async () => {
        await server.halt();
        return async () => {
          await server.start();
          // A pooler that could not connect tries again 15 s later (PgBouncer's `server_login_retry`), and a start needs the database.
          await answers(line.url);
        };
      },
    },
    close: async () => {
      await line.close();
      await pooler?.stop();
    },
  };
}

/**
 * Away: the primary is killed, its standby is promoted and gets a standby of its own; or the same after the standby has heard nothing of the
 * primary for a time in which instances go on writing.
 */
export async function failoverDatabase(synchronous: boolean): Promise<ChaosDatabase> {
  let primary = await startPostgres({ settings: keepEnough });
  const database = await primary.createDatabase("chaos");
  const [line, replication] = [await openLine(database), await openLine(primary.url())];
  let standby = await startStandby(primary, replication.url);
  if (synchronous) await waitForStandby(primary, true);
  const failOver = async () => {
    await primary.kill();
    line.cut();
    return async () => {
      replication.cut();
      await promote(standby);
      const old = primary;
      primary = standby;
      replication.redirect(primary.url());
      replication.restore();
      standby = await startStandby(primary, replication.url);
      if (synchronous) await waitForStandby(primary, true);
      line.redirect(primary.url());
      line.restore();
      await old.stop();
    };
  };
  return {
    url: line.url,
    outages: {
      failover: failOver,
      "failover of one that lags": async () => {
        replication.silence();
        await pause(lagMs);
        return failOver();
      },
    },
    close: async () => {
      await Promise.all([line.close(), replication.close()]);
      await Promise.all([primary.stop(), standby.stop()]);
    },
  };
}

/** Longer than the limits of a statement, ms. */
const lagMs = 6000;

async function answers(url: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => {});
    try {
      await client.connect();
      return void (await client.query("select 1"));
    } catch (error) {
      if (tries === 300) throw error;
      await pause(100);
    } finally {
      await client.end().catch(() => {});
    }
  }
}
