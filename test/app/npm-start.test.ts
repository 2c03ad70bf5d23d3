import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { lineOf } from "../support/process.ts";

const root = new URL("../../", import.meta.url);
const { scripts } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
/** What npm hands to the shell, without the build, which would take `dist` away from other tests. */
const start = scripts.start.replace("npm run --silent build", "true");

const folder = mkdtempSync(join(tmpdir(), "start-"));
symlinkSync(fileURLToPath(new URL("dist", root)), join(folder, "dist"));
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  ["without .env, the first line is the log's, and the shell's SIGTERM stops the service", "", "starting"],
  ["with .env, its settings count", "LOG_LEVEL=warn\nSANDBOX=false\n", "no-provider-set-up"],
])("npm start: %s", async (_, env, event) => {
  if (env) writeFileSync(join(folder, ".env"), env);
  const { PATH } = process.env;
  const child = spawn("sh", ["-c", start], { cwd: folder, env: { PATH, PORT: "0", DATABASE_URL: ":memory:" } });
  const errors = text(child.stderr);
  const line = JSON.parse(await lineOf(child.stdout.setEncoding("utf8"), /\}$/m));
  expect(line).toMatchObject({ event });
  child.stdout.resume();
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(await errors).toBe("");
});
