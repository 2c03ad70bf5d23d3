import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "../../src/config/config.ts";
import { readSettings } from "../../src/config/settings.ts";
import { providerNames, providers } from "../../src/providers/registry.ts";
import { startService } from "../support/service.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "setting-files-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: string | Buffer): string {
  const path = join(folder, `${Math.random()}`);
  writeFileSync(path, content);
  return path;
}

function mistakesOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
}

/** What providers ask for with `secret`, and the three that others ask for. */
function namesOfSecrets(): string[] {
  const names = new Set(["GATEWAY_SECRET", "HTTPS_PROXY", "DATABASE_URL", "DATABASE_LISTEN_URL"]);
  const settings = readSettings({});
  const recording = { ...settings, secret: (name: string) => void names.add(name) };
  for (const name of providerNames) providers[name].configure(recording);
  return [...names];
}

describe.each(namesOfSecrets())("%s_FILE", (name) => {
  const secretOf = (environment: Record<string, string>) => {
    const settings = readSettings(environment);
    return { text: settings.text(name), mistakes: settings.mistakes };
  };

  it.each([
    ["without a line break", "pk_5a4d"],
    ["with a line break at the end", "pk_5a4d\n"],
    ["with a line break of Windows", "pk_5a4d\r\n"],
  ])("%s is read", (_, content) => {
    expect(secretOf({ [`${name}_FILE`]: file(content) })).toEqual({ text: "pk_5a4d", mistakes: [] });
    // As compose files pass on what is not set.
    expect(secretOf({ [`${name}_FILE`]: file(content), [name]: "" })).toEqual({ text: "pk_5a4d", mistakes: [] });
  });

  it("beside the setting itself stops the start with one line, which quotes neither", () => {
    const both = { [`${name}_FILE`]: file("pk_5a4d"), [name]: "pk_other" };
    expect(secretOf(both).mistakes).toEqual([`${name}_FILE is set, and so is ${name}: only one of them may be`]);
  });

  it("that cannot be read stops the start with one line, which does not quote the path", () => {
    const problem = (code: string) => [`${name}_FILE needs the path of a file that can be read (${code})`];
    expect(secretOf({ [`${name}_FILE`]: join(folder, "absent") }).mistakes).toEqual(problem("ENOENT"));
    mkdirSync(join(folder, "inner"), { recursive: true });
    expect(secretOf({ [`${name}_FILE`]: join(folder, "inner") }).mistakes).toEqual(problem("EISDIR"));
  });

  it.each(["", "\n", " \n"])("with nothing in it (%j) stops the start with one line", (content) => {
    const { mistakes } = secretOf({ [`${name}_FILE`]: file(content) });
    expect(mistakes).toEqual([`${name}_FILE needs a file that is not empty`]);
  });

  it.each<[string, string | Buffer]>([
    ["two lines", "pk_5a4d\npk_5a4e\n"],
    ["bytes that are no text", Buffer.from([0x70, 0x6b, 0, 1, 2])],
  ])("with %s in it stops the start with one line, which does not quote it", (_, content) => {
    const { mistakes } = secretOf({ [`${name}_FILE`]: file(content) });
    expect(mistakes).toEqual([`${name} needs one line without control characters`]);
  });
});

it("a provider is set up by files", () => {
  const config = readConfig({
    FINPAY_MERCHANT_ID_FILE: file("FINPAY770\n"),
    FINPAY_MERCHANT_KEY_FILE: file("SoSecret123\n"),
    DATABASE_URL_FILE: file("postgres://me:s3cret@host/x\n"),
    DATABASE_LISTEN_URL_FILE: file("postgres://me:s3cret@direct/x\n"),
  });
  const finpay = config.providers.find(({ name }) => name === "FINPAY");
  expect(finpay?.setup.connect).toBeDefined();
  expect(finpay?.setup.secrets).toContain("SoSecret123");
  expect(config.database).toEqual({
    kind: "postgres",
    url: "postgres://me:s3cret@host/x",
    listenUrl: "postgres://me:s3cret@direct/x",
  });
});

it("half of a pair in a file that cannot be read is one mistake", () => {
  expect(mistakesOf({ ONRAMP_API_KEY: "k", ONRAMP_API_SECRET_FILE: join(folder, "absent") })).toEqual([
    "ONRAMP_API_SECRET_FILE needs the path of a file that can be read (ENOENT)",
  ]);
});

it("what is no address of a database is not quoted from a file", () => {
  expect(mistakesOf({ DATABASE_URL_FILE: file("mysql:s3cret") })).toEqual([
    "DATABASE_URL needs file:PATH, :memory: or postgres://USER:PASSWORD@HOST/DATABASE",
  ]);
});

it("a file for what is no secret is not read, and neither is one of other software", () => {
  const config = readConfig({
    PORT_FILE: file("5000"),
    SSH_KEY_FILE: "/absent",
    AWS_WEB_IDENTITY_TOKEN_FILE: "/absent",
  });
  expect(config.port).toBe(4001);
});

it("a simulator takes the place of a provider whose key is in a file", async () => {
  const service = await startService({
    SANDBOX: "true",
    TRONSAVE_API_KEY: "",
    TRONSAVE_API_KEY_FILE: file("real-key"),
  });
  const [order] = await service.cancel("TRONSAVE", ["5a4db0c50000000000000001"]);
  expect(order?.cancellation?.status).toBe("CANCELLED");
  await service.stop();
});
