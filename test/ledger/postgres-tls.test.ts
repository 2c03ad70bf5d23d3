import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { systemClock } from "../../src/domain/clock.ts";
import { openLedger } from "../../src/ledger/open.ts";
import { makeSignedCertificate, type SignedCertificate } from "../support/certificate.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";

/** TLS to PostgreSQL as its URL asks for it, with an authority of one's own. */
let folder: string;
let postgres: Postgres;
let certificate: SignedCertificate;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ca-"));
  certificate = await makeSignedCertificate();
  postgres = await startPostgres({ certificate });
});
afterAll(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true });
});

it("sslmode=verify-full with the server's authority: all connections are encrypted, and instances hear of each other", async () => {
  const url = await tlsUrl(certificate.ca);
  const [one, two] = [await open(url), await open(url)];
  const heard = new Promise((resolve) => two.onChange(resolve));
  await one.open({ provider: "P", orderIds: ["a"], requestedBy: null, claim: 0 });
  expect(await heard).toEqual({ provider: "P", orderId: "a" });
  const client = new pg.Client({ connectionString: postgres.url() });
  await client.connect();
  const { rows } = await client.query(
    "select distinct ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'order-cancellation'",
  );
  expect(rows).toEqual([{ ssl: true }]);
  await client.end();
  await Promise.all([one.close(), two.close()]);
});

it("sslmode=verify-full with another authority: the server is refused", async () => {
  const { ca } = await makeSignedCertificate();
  await expect(open(await tlsUrl(ca))).rejects.toThrow(
    /^DATABASE_URL: the certificate of 127\.0\.0\.1:\d+ is not accepted: UNABLE_TO_VERIFY_LEAF_SIGNATURE$/,
  );
});

it("sslmode=verify-full and another name than the certificate's: the server is refused", async () => {
  const url = new URL(await tlsUrl(certificate.ca));
  url.hostname = "localhost";
  await expect(open(url.href)).rejects.toThrow(
    /^DATABASE_URL: the certificate of localhost:\d+ is not accepted: ERR_TLS_CERT_ALTNAME_INVALID$/,
  );
});

it("an authority's file that cannot be read: the start is refused with its name", async () => {
  const url = `${postgres.url()}?sslmode=verify-full&sslrootcert=/nowhere/ca.pem`;
  await expect(open(url)).rejects.toThrow("DATABASE_URL: /nowhere/ca.pem cannot be read: ENOENT");
});

async function tlsUrl(ca: string): Promise<string> {
  const file = join(mkdtempSync(join(folder, "ca-")), "ca.pem");
  writeFileSync(file, ca);
  return `${await postgres.createDatabase("tls")}?sslmode=verify-full&sslrootcert=${encodeURIComponent(file)}`;
}

function open(url: string) {
  return openLedger({ kind: "postgres", url }, systemClock, { leaseMs: 30_000 });
}
