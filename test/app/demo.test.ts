import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { scenes } from "../demo/scenes.ts";

it("npm run demo cancels at every provider, prints a table and exits with 0", async () => {
  // Without the build that the script begins with: other tests run from it at the same time.
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["test/demo/demo.ts"]);
  const lines = stdout.split("\n");
  for (const [provider, played] of scenes) {
    expect(lines.filter((line) => line.includes(` ${provider} `))).toHaveLength(played.length);
  }
  // Settled as the last scene of each order expects, beside the order of a provider that is not served here.
  const settled = [...scenes].flatMap(([provider, played]) =>
    played.flatMap(({ ids, expected }) => ids.map((id) => [`${provider} ${id}`, expected.split(" ")[0]] as const)),
  );
  for (const [status, { length }] of Map.groupBy(new Map(settled).values(), (status) => status)) {
    expect(stdout).toMatch(new RegExp(`\\b${length} ${status}\\b`));
  }
  expect(stdout).toContain("1 without a cancellation");
  expect(stdout).not.toContain("UNEXPECTED");
  expect(stderr).toBe("");
});
