import { inject } from "vitest";
import { type Databases, databasesOf } from "./postgres.ts";

/**
 * A database for one test file, on the PostgreSQL of the whole run. Its schemas hear each other's notifications, and no other file's.
 * The server must stay up: a test that halts or kills it starts one of its own.
 */
export async function sharedPostgres(): Promise<Databases> {
  return databasesOf(await databasesOf(inject("postgresUrl")).createDatabase("file"));
}
