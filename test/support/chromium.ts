import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe } from "vitest";

/** Where distributions put it; CHROMIUM names another one. */
const executablePath = [process.env.CHROMIUM ?? "", "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);

/**
 * A window: with options one of its own, without anything of others. Without options all tests of a file get the same one, which has
 * loaded the files of a page before. Windows and pages are closed after each test.
 */
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

    let shared: BrowserContext | undefined;
    afterEach(async () => {
      for (const context of browser?.contexts() ?? []) {
        if (context === shared) await Promise.all(context.pages().map((page) => page.close()));
        else await context.close();
      }
    });
    const openOne = async (options?: BrowserContextOptions) => {
      const context = await browser.newContext(options);
      context.setDefaultTimeout(60_000);
      return context;
    };
    tests(async (options) => {
      if (options) return openOne(options);
      shared ??= await openOne();
      return shared;
    });
  });
}
