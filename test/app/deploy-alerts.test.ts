import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parser } from "@prometheus-io/lezer-promql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type Service, startService } from "../support/service.ts";

const deploy = new URL("../../deploy/", import.meta.url);
const text = (file: string) => readFileSync(new URL(file, deploy), "utf8");

interface Rule {
  alert: string;
  expr: string;
  for?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}
const rules: Rule[] = parse(text("alerts.yaml")).groups.flatMap(({ rules }: { rules: Rule[] }) => rules);

interface Panel {
  title: string;
  description: string;
  targets: { expr: string }[];
}
const dashboard = JSON.parse(text("dashboard.json"));
const panels: Panel[] = dashboard.panels;

/** What stands for values in Grafana. */
function filledIn(expr: string): string {
  return expr.replaceAll("$__rate_interval", "5m").replaceAll("$provider", ".*");
}

const queries: [where: string, expr: string][] = [
  ...rules.map(({ alert, expr }): [string, string] => [alert, expr]),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }): [string, string] => [title, filledIn(expr)])),
];

let service: Service;
let exported: string[];
beforeAll(async () => {
  service = await startService();
  const metrics = await fetch(service.url.replace("/graphql", "/metrics"));
  exported = (await metrics.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
});
afterAll(() => service.stop());

it.each(queries)("%s is PromQL, and reads what a running service exports", (_, expr) => {
  const selectors = selectorsOf(expr);
  expect(selectors.length).toBeGreaterThan(0);
  for (const { name, labels } of selectors) {
    expect(
      exported.some((series) => isSelected(series, name, labels)),
      `${name} ${labels.join()}`,
    ).toBe(true);
  }
});

it("every panel says what it shows, and none hides another", () => {
  expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
  for (const { description } of panels) expect(description).toMatch(/^[A-Z0-9u].*\.$/);
  const corners = dashboard.panels.map(({ gridPos: { x, y, w } }: { gridPos: Record<string, number> }) => [y, x, w]);
  for (const [index, [y, x]] of corners.entries()) {
    const [lastY, lastX, lastW] = corners[index - 1] ?? [-1, 0, 0];
    expect(y > lastY || x >= lastX + lastW).toBe(true);
  }
});

describe("alerts.yaml", () => {
  it("every alert says how urgent it is, what is wrong, and what it means", () => {
    for (const { alert, labels, annotations } of rules) {
      expect([alert, labels.severity]).toEqual([alert, expect.stringMatching(/^(critical|warning|info)$/)]);
      expect(Object.keys(annotations)).toEqual(["summary", "description"]);
    }
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });

  it("every alert is tested, to fire and to be silent", () => {
    const tests: { alertname: string; exp_alerts: unknown[] }[] = parse(text("alerts.test.yaml")).tests.flatMap(
      ({ alert_rule_test }: { alert_rule_test: unknown[] }) => alert_rule_test,
    );
    for (const { alert } of rules) {
      const own = tests.filter(({ alertname }) => alertname === alert);
      expect([alert, own.some(({ exp_alerts }) => exp_alerts.length > 0)]).toEqual([alert, true]);
      expect([alert, own.some(({ exp_alerts }) => exp_alerts.length === 0)]).toEqual([alert, true]);
    }
  });

  it("docs/operate.md names only alerts that there are", () => {
    const named = text("../docs/operate.md").match(/\bCancellation(?=[A-Z])\w+(?=`)/g) ?? [];
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !rules.some(({ alert }) => alert === name))).toEqual([]);
  });

  const installed = spawnSync("promtool", ["--version"]).status === 0;
  it.skipIf(!installed)(
    `promtool takes the rules and their tests${installed ? "" : " (promtool is not installed)"}`,
    () => {
      for (const args of [
        ["check", "rules", "alerts.yaml"],
        ["test", "rules", "alerts.test.yaml"],
      ]) {
        const { status, stdout, stderr } = spawnSync("promtool", args, {
          cwd: fileURLToPath(deploy),
          encoding: "utf8",
        });
        expect([status, status === 0 ? "" : stdout + stderr]).toEqual([0, ""]);
      }
    },
  );
});

interface Selector {
  name: string;
  /** As written, such as `failure=~"DNS|TLS"`. */
  labels: string[];
}

/** The series that a query reads. Throws if it is no PromQL. */
function selectorsOf(expr: string): Selector[] {
  const selectors: Selector[] = [];
  const textOf = ({ from, to }: { from: number; to: number }) => expr.slice(from, to);
  parser.parse(expr).iterate({
    enter: ({ type, node }) => {
      if (type.isError) throw new Error(`no PromQL at ${node.from}: ${expr}`);
      if (type.name !== "VectorSelector") return;
      const name = node.getChild("Identifier");
      const labels = node.getChild("LabelMatchers")?.getChildren("UnquotedLabelMatcher") ?? [];
      selectors.push({ name: name ? textOf(name) : "", labels: labels.map(textOf) });
    },
  });
  return selectors;
}

function isSelected(series: string, name: string, labels: readonly string[]): boolean {
  const [, ownName, ownLabels = ""] = /^(\w+)(?:\{(.*)\})? /.exec(series) ?? [];
  if (ownName !== name) return false;
  return labels.every((label) => {
    const [, key, operator, value = ""] = /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/.exec(label) ?? [];
    const own = new RegExp(`(?:^|,)${key}="([^"]*)"`).exec(ownLabels)?.[1] ?? "";
    const isSame = operator?.includes("~") ? new RegExp(`^(?:${value})$`).test(own) : own === value;
    return operator?.startsWith("!") ? !isSame : isSame;
  });
}
