import { readFileSync } from "node:fs";
import { Deployment, type IDeployment } from "kubernetes-models/apps/v1";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1";
import { Service } from "kubernetes-models/v1";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { readConfig } from "../../src/config/config.ts";
import { holdsSecret } from "../../src/config/settings.ts";

const deploy = new URL("../../deploy/", import.meta.url);
const text = (file: string) => readFileSync(new URL(file, deploy), "utf8");

/** .env.example names all of them. */
const knownSettings = text("../.env.example")
  .match(/^#[A-Z][A-Z0-9_]+(?==)/gm)
  ?.map((line) => line.slice(1));

/** Not more than a stop takes beyond DRAIN_DELAY_MS, s. */
const stopSeconds = 10;

describe("kubernetes.yaml", () => {
  const documents = parseAllDocuments(text("kubernetes.yaml")).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS();
  });
  const [deployment] = documents as [IDeployment];
  const pod = deployment.spec?.template.spec;
  const container = pod?.containers[0];

  it("is what Kubernetes takes", () => {
    expect(documents.map(({ kind }) => kind)).toEqual(Object.keys(models));
    for (const document of documents) {
      // Throws, and tells the path of what is wrong.
      validate(document);
      expect(unknownFields(document)).toEqual([]);
    }
    const misspelt = { ...deployment, spec: { ...deployment.spec, replica: 2 } };
    expect(unknownFields(misspelt)).toEqual(["spec.replica"]);
  });

  it("selects the pods that it makes", () => {
    const labels = deployment.spec?.template.metadata?.labels;
    expect(deployment.spec?.selector.matchLabels).toEqual(labels);
    const [, service, budget] = documents;
    expect([service.spec.selector, budget.spec.selector.matchLabels]).toEqual([labels, labels]);
    expect(service.spec.ports[0].targetPort).toBe(container?.ports?.[0]?.name);
  });

  it("keeps one of two instances at all times", () => {
    const [, , budget] = documents;
    expect(deployment.spec?.replicas).toBe(2);
    expect(budget.spec.minAvailable).toBe(1);
    expect(deployment.spec?.strategy?.rollingUpdate).toEqual({ maxUnavailable: 0, maxSurge: 1 });
  });

  it("asks about readiness at /readyz, and about life without the database", () => {
    const pathOf = (probe: "startupProbe" | "readinessProbe" | "livenessProbe") => container?.[probe]?.httpGet?.path;
    expect([pathOf("startupProbe"), pathOf("readinessProbe"), pathOf("livenessProbe")]).toEqual([
      ...["/readyz", "/readyz", "/healthz"],
    ]);
  });

  it("gives a stop its time", () => {
    const { DRAIN_DELAY_MS = "" } = environmentOf(container?.env);
    const drainMs = readConfig({ DRAIN_DELAY_MS }).drainDelayMs;
    expect(drainMs).toBeGreaterThanOrEqual(5000);
    expect(pod?.terminationGracePeriodSeconds).toBeGreaterThan(drainMs / 1000 + stopSeconds);
  });

  it("runs without rights that it does not need", () => {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
    });
    expect(container?.securityContext).toEqual({
      ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
    });
  });

  it("sets what are settings, and takes every secret from a file that it mounts", () => {
    const [mount] = container?.volumeMounts ?? [];
    expectSettings(environmentOf(container?.env), mount?.mountPath ?? "");
    expect(pod?.volumes?.map(({ name, secret }) => [name, secret?.secretName])).toEqual([
      [mount?.name, "order-cancellation"],
    ]);
  });
});

describe("compose.yaml", () => {
  const { services, secrets, volumes } = parse(text("compose.yaml"));
  const { subgraph, postgres } = services;

  it("runs two instances with a PostgreSQL whose data stay", () => {
    expect(subgraph.deploy.replicas).toBe(2);
    expect(subgraph.depends_on.postgres.condition).toBe("service_healthy");
    expect(postgres.image).toMatch(/^postgres:18-/);
    const [volume, path] = postgres.volumes[0].split(":");
    expect(Object.keys(volumes)).toEqual([volume]);
    // From 18 on the image keeps its data below this folder, and nowhere else.
    expect(path).toBe("/var/lib/postgresql");
  });

  it("gives each instance a port, on this machine only", () => {
    const [, first, last, inside] = /^127\.0\.0\.1:(\d+)-(\d+):(\d+)$/.exec(subgraph.ports[0]) ?? [];
    expect(Number(last) - Number(first) + 1).toBe(subgraph.deploy.replicas);
    expect(text("Dockerfile")).toContain(`PORT=${inside}`);
  });

  it("builds by a Dockerfile that is there", () => {
    const { context, dockerfile } = subgraph.build;
    expect(readFileSync(new URL(`${context}/${dockerfile}`, deploy), "utf8")).toBe(text("Dockerfile"));
  });

  it("runs without rights that it does not need, and gives a stop its time", () => {
    expect(subgraph).toMatchObject({
      ...{ read_only: true, cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"] },
    });
    expect(Number.parseInt(subgraph.stop_grace_period, 10)).toBeGreaterThan(stopSeconds);
  });

  it("sets what are settings, and takes every secret from a file", () => {
    expectSettings(subgraph.environment, "/run/secrets");
    const used = [...subgraph.secrets, ...postgres.secrets].toSorted();
    expect(Object.keys(secrets)).toEqual(used);
    for (const name of used) expect(secrets[name].file).toBe(`./secrets/${name}`);
    expect(postgres.environment.POSTGRES_PASSWORD_FILE).toBe("/run/secrets/postgres_password");
  });
});

const models = { Deployment, Service, PodDisruptionBudget };

interface Manifest {
  kind: string;
}

function validate(document: Manifest): void {
  new models[document.kind as keyof typeof models](document as never).validate();
}

/** The paths of fields that Kubernetes does not know. It does not mind what stands in them. */
function unknownFields(document: Manifest): string[] {
  return pathsOf(document)
    .filter((path) => {
      const changed = structuredClone(document);
      const parent = path.slice(0, -1).reduce((inner: object, key) => Reflect.get(inner, key), changed);
      const key = path.at(-1) ?? "";
      Reflect.set(parent, key, typeof Reflect.get(parent, key) === "object" ? 7 : {});
      try {
        validate(changed);
        return true;
      } catch {
        return false;
      }
    })
    .map((path) => path.join("."));
}

function pathsOf(value: unknown): string[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[key], ...pathsOf(inner).map((path) => [key, ...path])]);
}

function environmentOf(list: readonly { name: string; value?: string }[] = []): Record<string, string> {
  return Object.fromEntries(list.map(({ name, value = "" }) => [name, value]));
}

/** All of them are settings of ours; those that hold a secret name a file in this folder. */
function expectSettings(environment: Record<string, string>, folder: string): void {
  const settings = Object.entries(environment);
  expect(settings.length).toBeGreaterThan(2);
  for (const [name, value] of settings) {
    const setting = name.replace(/_FILE$/, "");
    expect(knownSettings).toContain(setting);
    expect([setting, holdsSecret(setting)]).toEqual([setting, name.endsWith("_FILE")]);
    if (name !== setting) expect(value).toMatch(new RegExp(`^${folder}/[a-z_]+$`));
  }
}
