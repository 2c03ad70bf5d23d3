import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { scenes } from "./demo/scenes.ts";

it("npm run demo cancels at every provider, prints a table and exits with 0", async () => {
  // Without the build that the script begins with: other tests run from it at the same time.
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["test/demo/demo.ts"]);
  const lines = stdout.split("\n");
  for (const [provider, played] of Object.entries(scenes)) {
    expect(lines.filter((line) => line.includes(` ${provider} `))).toHaveLength(played.length);
  }
  expect(stdout).toContain("28 CANCELLED, 5 REJECTED, 1 without a cancellation");
  expect(stdout).not.toContain("UNEXPECTED");
  expect(stderr).toBe("");
});
