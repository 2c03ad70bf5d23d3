import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";

const root = new URL("../../", import.meta.url);
const text = (file: string) => readFileSync(new URL(file, root), "utf8");
const { version, scripts } = JSON.parse(text("package.json"));
const workflows = globSync(".github/workflows/*.yml", { cwd: root });

it("the changelog begins with the version of package.json, and the manifests name it", () => {
  expect(text("CHANGELOG.md").match(/^## (\S+)/m)?.[1]).toBe(version);
  for (const file of ["deploy/kubernetes.yaml", "docs/deploy.md"]) {
    const tags = [...text(file).matchAll(/order-cancellation:([\d.]+\d)/g)].map(([, tag]) => tag);
    expect(new Set(tags), file).toEqual(new Set([version]));
  }
});

it("package-lock.json names no registry", () => {
  expect(text("package-lock.json")).not.toContain('"resolved": "http');
});

it.each(workflows)("%s may only read, has time limits, and runs scripts that exist", (file) => {
  const { permissions, jobs } = parse(text(file));
  expect(permissions).toEqual({ contents: "read" });
  for (const job of Object.values<{ "timeout-minutes"?: number; steps: { run?: string }[] }>(jobs)) {
    expect(job["timeout-minutes"]).toBeGreaterThan(0);
    for (const { run = "" } of job.steps) {
      const [, script] = run.match(/npm run (\w+)/) ?? [];
      if (script) expect(Object.keys(scripts)).toContain(script);
      if (run.startsWith(".ci/")) expect(text(run)).toContain("npm ci && npm test");
    }
  }
});
