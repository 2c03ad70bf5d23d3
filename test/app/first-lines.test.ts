import { afterEach, describe, expect, it } from "vitest";
import { startApp } from "../../src/app.ts";
import { readConfig } from "../../src/config/config.ts";
import { providerNames } from "../../src/providers/registry.ts";
import { type Service, startService } from "../support/service.ts";

let service: Service | undefined;
afterEach(async () => {
  await service?.stop();
  service = undefined;
});

describe("a variable that looks like a setting and is none is named with the nearest setting", () => {
  it.each([
    ["TRONSAVE_API_KY", "TRONSAVE_API_KEY"],
    ["TRONSAFE_API_KEY", "TRONSAVE_API_KEY"],
    ["tronsave_api_key", "TRONSAVE_API_KEY"],
    ["TRONSAVE_API_KEY_FIL", "TRONSAVE_API_KEY_FILE"],
    ["TRONSAVE_BASEURL", "TRONSAVE_BASE_URL"],
    ["ONRAMP_SECRET", "ONRAMP_API_SECRET"],
    ["FINPAY_KEY", "FINPAY_MERCHANT_KEY"],
    ["SMS4SATS_ENABLE", "SMS4SATS_ENABLED"],
    ["CANCEL_WAIT", "CANCEL_WAIT_MS"],
    ["CANCEL_WAIT_SECONDS", "CANCEL_WAIT_MS"],
    ["DRAIN_DELAY", "DRAIN_DELAY_MS"],
    ["RETRY_DELAY_MS", "RETRY_DELAYS_MS"],
    ["GIVE_UP_AFTER_SECONDS", "GIVE_UP_AFTER_MS"],
    ["LEASE", "LEASE_MS"],
    ["MAX_IDS", "MAX_IDS_PER_REQUEST"],
    ["DATABASE_URI", "DATABASE_URL"],
    ["PROVIDER_TIMEOUT", "PROVIDER_TIMEOUT_MS"],
    ["AUTH_JWKS_URI", "AUTH_JWKS_URL"],
    ["GATEWAY_SECRETS", "GATEWAY_SECRET"],
    ["LOGLEVEL", "LOG_LEVEL"],
  ])("%s: %s", (name, nearest) => {
    expect(readConfig({ [name]: "x" }).unknown).toEqual([{ name, nearest }]);
  });
});

it("variables of systems, shells, clusters and other software are not named", () => {
  const names = [
    ...["PATH", "HOME", "HOSTNAME", "HOSTTYPE", "USER", "PWD", "SHELL", "SHLVL", "TERM", "LANG", "LC_ALL", "TZ", "_"],
    ...["LOGNAME", "MAIL", "DISPLAY", "EDITOR", "TMPDIR", "XAUTHORITY", "SSH_AUTH_SOCK", "SSH_CONNECTION", "OLDPWD"],
    ...["NODE_OPTIONS", "NODE_PATH", "NODE_EXTRA_CA_CERTS", "NODE_VERSION", "NODE_USE_ENV_PROXY", "NPM_CONFIG_CACHE"],
    ...["npm_package_name", "npm_config_user_agent", "npm_lifecycle_event", "INIT_CWD", "CI", "DEBUG", "FORCE_COLOR"],
    ...["ALL_PROXY", "all_proxy", "FTP_PROXY", "ftp_proxy", "RSYNC_PROXY", "http_proxy", "https_proxy", "no_proxy"],
    ...["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "HTTP_HOST", "DATABASE_HOST", "DATABASE_USER", "DATABASE_PASSWORD"],
    ...["PGHOST", "PGPASSWORD", "POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE", "KUBERNETES_SERVICE_HOST"],
    ...["KUBERNETES_PORT_443_TCP_ADDR", "KUBERNETES_PORT", "FINPAY_SERVICE_HOST", "FINPAY_SERVICE_PORT_HTTPS"],
    ...["TRONSAVE_PORT", "TRONSAVE_PORT_80_TCP", "TRONSAVE_PORT_80_TCP_PROTO", "WEBHOOK_SERVICE_PORT"],
    ...["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SERVICE_NAME", "AWS_WEB_IDENTITY_TOKEN_FILE", "LOG_FORMAT", "LOG_DIR"],
    ...[
      "AUTH_TOKEN",
      "PORTS",
      "HOSTS",
      "SUDO_USER",
      "MAX_MEMORY",
      "GATEWAY_INTERFACE",
      "SYSTEMD_EXEC_PID",
      "ACCESS_KEY",
    ],
    ...[
      "INVOCATION_ID",
      "JOURNAL_STREAM",
      "container",
      "WSL_DISTRO_NAME",
      "VSCODE_PID",
      "PROVIDER",
      "SANDBOX_ID",
      "SUBSCRIPTION_ID",
    ],
  ];
  const environment = Object.fromEntries(names.map((name) => [name, "1"]));
  // These three are ours, and need a value that can be read.
  for (const name of names.filter((each) => /^https?_proxy$/i.test(each))) environment[name] = "http://proxy.test:3128";
  expect(readConfig(environment).unknown).toEqual([]);
});

it("one warning names all of them", async () => {
  service = await startService({ TRONSAVE_API_KY: "s3cret-key", CANCEL_WAIT: "10" });
  const warnings = events(service).filter(({ event }) => event === "unknown-settings");
  expect(warnings).toMatchObject([
    {
      level: 40,
      unknown: [
        { name: "CANCEL_WAIT", nearest: "CANCEL_WAIT_MS" },
        { name: "TRONSAVE_API_KY", nearest: "TRONSAVE_API_KEY" },
      ],
    },
  ]);
  expect(service.lines.join()).not.toContain("s3cret-key");
});

describe("the first line says which providers are", () => {
  it("simulated", async () => {
    service = await startService({ SANDBOX: "true", ONRAMP_PAUSED: "true" });
    expect(events(service)[0]).toMatchObject({
      ...{ event: "starting", level: 30, setUp: providerNames },
      ...{ paused: ["ONRAMP"], simulated: providerNames, testEnvironment: [] },
    });
    expect(events(service).map(({ event }) => event)).not.toContain("unknown-settings");
  });

  it("simulated, because nothing is set at all", async () => {
    const lines: string[] = [];
    const app = await startApp({ DATABASE_URL: ":memory:", PORT: "0" }, { write: (line) => void lines.push(line) });
    await app.stop();
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      event: "starting",
      simulated: providerNames,
      testEnvironment: [],
    });
  });

  it("set up, paused, and at a test environment", async () => {
    service = await startService({
      ...{ NODE_ENV: "production", AUTH: "none" },
      ...{ TRONSAVE_API_KEY: "k", FINPAY_MERCHANT_ID: "m", FINPAY_MERCHANT_KEY: "k" },
      ...{ FINPAY_BASE_URL: "https://devo.finnet.co.id", TRONSAVE_PAUSED: "true", ONRAMP_PAUSED: "true" },
    });
    expect(events(service)[0]).toMatchObject({
      ...{ event: "starting", setUp: ["FINPAY", "TRONSAVE"] },
      ...{ paused: ["TRONSAVE"], simulated: [], testEnvironment: ["FINPAY"] },
    });
  });
});

function events({ lines }: Service): Record<string, unknown>[] {
  return lines.map((line) => JSON.parse(line));
}
