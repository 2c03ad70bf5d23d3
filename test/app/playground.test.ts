import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { type Browser, chromium, type Page, type Request } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seeds } from "../../src/simulators/seeds.ts";
import { freePort } from "../support/ports.ts";

const executablePath = "/usr/bin/chromium";
const installed = existsSync("examples/playground/node_modules");
const missing = existsSync(executablePath) ? "npm ci --prefix examples/playground" : executablePath;
const canRun = installed && existsSync(executablePath);

const providers = ["FINPAY", "KWIKPAISA", "ONRAMP", "SMS4SATS", "TRONSAVE"] as const;
const row = (provider: keyof typeof seeds, id: string | undefined) => `tr[data-order="${provider} ${id}"]`;
const patience = { timeout: 60_000 };

describe.skipIf(!canRun)(`the playground in Chromium${canRun ? "" : ` (skipped: needs ${missing})`}`, () => {
  let playground: ChildProcess;
  let browser: Browser;
  let page: Page;
  /** Subscriptions that are open. */
  const streams = new Set<Request>();

  beforeAll(async () => {
    const port = await freePort();
    playground = spawn(process.execPath, ["examples/playground/start.ts"], {
      env: { PATH: process.env.PATH, PLAYGROUND_PORT: String(port) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    if (playground.stdout) await once(playground.stdout, "data");
    browser = await chromium.launch({
      executablePath,
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
    });
    page = await browser.newPage();
    page.on("request", (request) => {
      if (request.postData()?.includes("subscription")) streams.add(request);
    });
    page.on("requestfinished", (request) => streams.delete(request));
    page.on("requestfailed", (request) => streams.delete(request));
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.waitForSelector("tbody tr", patience);
  });
  afterAll(async () => {
    await browser?.close();
    playground?.kill("SIGTERM");
    if (playground?.exitCode === null) await once(playground, "exit");
  });

  async function choose(rows: readonly string[]) {
    for (const each of rows) await page.check(`${each} input`);
    await page.click("header button");
  }

  const early = row("SMS4SATS", seeds.SMS4SATS.troubled.tooEarly);

  it("an order that cannot be cancelled yet has no button, and a sentence that says so", async () => {
    expect(await page.textContent(early)).toContain("cannot be cancelled yet");
    expect(await page.locator(`${early} button`).count()).toBe(0);
  });

  it("an order that is too late or unknown to its provider has no button", async () => {
    for (const id of [seeds.FINPAY.firstLook.tooLate, seeds.FINPAY.firstLook.unknown]) {
      expect(await page.isEnabled(`${row("FINPAY", id)} input`)).toBe(false);
      expect(await page.locator(`${row("FINPAY", id)} button`).count()).toBe(0);
    }
  });

  it("a selection of five providers, two of which hang: the other orders are shown as cancelled before these", async () => {
    const quick = providers.map((provider) => row(provider, seeds[provider].open[0]));
    const hanging = (["FINPAY", "KWIKPAISA"] as const).map((provider) => row(provider, seeds[provider].troubled.hangs));
    await choose([...quick, ...hanging]);
    for (const each of quick) await page.waitForSelector(`${each}[data-status=CANCELLED]`, patience);
    for (const each of hanging) expect(await page.getAttribute(each, "data-status")).toBe("PENDING");
    for (const each of hanging) await page.waitForSelector(`${each}[data-status=CANCELLED]`, patience);
  });

  it("an order whose provider never tells is shown as unknown, with a button to try again", async () => {
    const unclear = row("ONRAMP", seeds.ONRAMP.troubled.unclear);
    await choose([unclear]);
    await page.waitForSelector(`${unclear}[data-status=UNCONFIRMED]`, patience);
    expect(await page.textContent(`${unclear} button`)).toBe("Try again");
  });

  it("while seven orders are followed over HTTP/1.1, one stream is open and the next click is answered", async () => {
    const silent = (["FINPAY", "KWIKPAISA", "SMS4SATS", "TRONSAVE"] as const).map((provider) =>
      row(provider, seeds[provider].troubled.unclear),
    );
    const hanging = (["ONRAMP", "SMS4SATS", "TRONSAVE"] as const).map((provider) =>
      row(provider, seeds[provider].troubled.hangs),
    );
    await choose([...silent, ...hanging]);
    await page.locator("tr[data-status=PENDING] small").nth(6).waitFor(patience);
    expect(streams.size).toBe(1);

    const next = row("KWIKPAISA", seeds.KWIKPAISA.open[1]);
    await page.click(`${next} button`);
    await page.waitForSelector(`${next}[data-status=CANCELLED]`, patience);
    expect(streams.size).toBeLessThanOrEqual(1);
  });

  it("an order that could not be cancelled yet gets its button when it can be", async () => {
    await page.waitForSelector(`${early} button`, patience);
  });
});
