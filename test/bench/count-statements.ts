import { DatabaseSync, StatementSync } from "node:sqlite";
import pg from "pg";

/** Loaded before the service: counts the statements that it sends to its database, and tells their number when asked. */
const counts = { statements: 0, commits: 0 };
const commits = new WeakSet<object>();

const { prepare } = DatabaseSync.prototype;
DatabaseSync.prototype.prepare = function (...call) {
  const statement = prepare.apply(this, call);
  if (call[0] === "commit") commits.add(statement);
  return statement;
};

for (const method of ["run", "all"] as const) {
  const original = StatementSync.prototype[method] as (...call: unknown[]) => unknown;
  Object.assign(StatementSync.prototype, {
    [method](this: StatementSync, ...call: unknown[]) {
      count(commits.has(this));
      return original.apply(this, call);
    },
  });
}

const { query } = pg.Client.prototype;
Object.assign(pg.Client.prototype, {
  query(this: pg.Client, ...call: unknown[]) {
    count(call[0] === "commit");
    return (query as (...all: unknown[]) => unknown).apply(this, call);
  },
});

process.on("message", () => process.send?.(counts));
process.channel?.unref();

function count(isCommit: boolean): void {
  counts.statements += 1;
  if (isCommit) counts.commits += 1;
}
