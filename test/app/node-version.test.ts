import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { whyNotThisNode } from "../../src/config/node-version.ts";

it.each(["24.15.0", "24.21.0", "25.0.0", "26.1.0"])("Node %s runs the service", (version) => {
  expect(whyNotThisNode(version)).toBeUndefined();
});

it.each(["20.20.2", "22.19.0", "23.11.0", "24.14.9"])("Node %s does not, and is told why in one line", (version) => {
  expect(whyNotThisNode(version)).toBe(`needs Node 24.15 or newer, and this is ${version}`);
});

it("package.json asks for the same", () => {
  const { engines } = JSON.parse(text("package.json"));
  expect(whyNotThisNode("1.0.0")).toContain(engines.node.replace(">=", "needs Node "));
});

it("the README and CONTRIBUTING name the Node whose npm runs the scripts, and the README the one that runs the service", () => {
  const { engines, devEngines } = JSON.parse(text("package.json"));
  const oldest = `Node ${devEngines.runtime.version.replace(">=", "")} or newer`;
  expect(text("README.md")).toContain(oldest);
  expect(text(".github/CONTRIBUTING.md")).toContain(oldest);
  expect(text("README.md")).toContain(`Node ${engines.node.replace(">=", "")} or newer`);
});

function text(file: string): string {
  return readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
}
