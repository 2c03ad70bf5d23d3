import { DatabaseSync } from "node:sqlite";
import { Kysely, sql } from "kysely";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { nodeSqliteDialect } from "../../src/ledger/sqlite/node-sqlite.ts";

let database: DatabaseSync;
let db: Kysely<never>;
beforeEach(() => {
  database = new DatabaseSync(":memory:");
  db = new Kysely<never>({ dialect: nodeSqliteDialect(database) });
});
afterEach(() => db.destroy());

it("a text that comes again is prepared once", async () => {
  const prepare = vi.spyOn(database, "prepare");
  for (const value of [1, 2, 3]) {
    expect((await sql`select ${value} as value`.execute(db)).rows).toEqual([{ value }]);
  }
  expect(prepare).toHaveBeenCalledTimes(1);
});

it("more texts than are kept are prepared anew, and answered all the same", async () => {
  const answerAll = async () => {
    for (let value = 0; value < 1000; value += 1) {
      expect((await sql`select ${sql.lit(value)} as value`.execute(db)).rows).toEqual([{ value }]);
    }
  };
  const prepare = vi.spyOn(database, "prepare");
  await answerAll();
  await answerAll();
  expect(prepare).toHaveBeenCalledTimes(2000);
});

it("a kept statement sees a column that was added since", async () => {
  await sql`create table t (a)`.execute(db);
  await sql`insert into t values (1)`.execute(db);
  const read = () => sql`select * from t`.execute(db);
  expect((await read()).rows).toEqual([{ a: 1 }]);
  await sql`alter table t add column b default 2`.execute(db);
  expect((await read()).rows).toEqual([{ a: 1, b: 2 }]);
});

it("a statement that fails can be run again", async () => {
  await sql`create table t (a unique)`.execute(db);
  const insert = (value: number) => sql`insert into t values (${value})`.execute(db);
  await insert(1);
  await expect(insert(1)).rejects.toThrow(/UNIQUE/);
  expect((await insert(2)).numAffectedRows).toBe(1n);
});
