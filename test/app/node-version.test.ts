import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { whyNotThisNode } from "../../src/node-version.ts";

it.each(["24.15.0", "24.21.0", "25.0.0", "26.1.0"])("Node %s runs the service", (version) => {
  expect(whyNotThisNode(version)).toBeUndefined();
});

it.each(["20.20.2", "22.19.0", "23.11.0", "24.14.9"])("Node %s does not, and is told why in one line", (version) => {
  expect(whyNotThisNode(version)).toBe(`needs Node 24.15 or newer, and this is ${version}`);
});

it("package.json asks for the same", () => {
  const { engines } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  expect(whyNotThisNode("1.0.0")).toContain(engines.node.replace(">=", "needs Node "));
});
