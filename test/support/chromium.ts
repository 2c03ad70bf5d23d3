import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from "playwright-core";
import { afterAll, beforeAll, describe } from "vitest";

/** Where distributions put it; CHROMIUM names another one. */
const executablePath = [process.env.CHROMIUM ?? "", "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);

/** A window of its own, without anything of others. */
export type Open = (options?: BrowserContextOptions) => Promise<BrowserContext>;

/** Tests in a real browser. They are skipped, and say so, if there is none. */
export function describeInChromium(title: string, tests: (open: Open) => void): void {
  const skipped = executablePath === undefined;
  describe.skipIf(skipped)(`${title}${skipped ? " (skipped: no Chromium is installed)" : ""}`, () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await chromium.launch({
        executablePath: executablePath ?? "",
        args: [
          ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
          ...["--disable-component-update", "--disable-sync"],
          // People are asked once whether a site may reach this machine; here nobody answers.
          "--disable-features=LocalNetworkAccessChecks",
        ],
      });
    });
    afterAll(() => browser?.close());
    tests(async (options) => {
      const context = await browser.newContext(options);
      context.setDefaultTimeout(60_000);
      return context;
    });
  });
}
