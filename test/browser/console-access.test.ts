import axe from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInChromium } from "../support/chromium.ts";
import { type ConsoleStage, startConsole } from "../support/console.ts";

const order = "STUCK-1";
const pages: Readonly<Record<string, string>> = {
  Attention: "",
  Search: `#/search/${order}`,
  Order: `#/orders/FINPAY/${order}`,
  Providers: "#/providers",
};

describeInChromium("everybody can use the console", (open) => {
  let stage: ConsoleStage;
  beforeAll(async () => {
    stage = await startConsole();
    const unknown = {
      status: "UNCONFIRMED" as const,
      problemCode: "OUTCOME_UNKNOWN",
      requestedAt: Date.now() - 60_000,
    };
    stage.add([
      { ...unknown, provider: "FINPAY", orderId: order, providerMessage: "upstream request timeout", note: "a note" },
      { ...unknown, provider: "ONRAMP", orderId: `a-long-id-${"0123456789".repeat(19)}` },
      { provider: "TRONSAVE", orderId: "1", status: "PENDING", requestedAt: Date.now() },
    ]);
  });
  afterAll(() => stage.close());

  it.each<["light" | "dark", string[]]>([
    ["light", []],
    // Only the colours differ.
    ["dark", ["color-contrast"]],
  ])("in %s, axe finds no fault, on no page and in no dialog", async (colorScheme, rules) => {
    const context = await open({ colorScheme, bypassCSP: true });
    await context.addInitScript(axe.source);
    const page = await stage.enter(context);
    for (const [name, fragment] of Object.entries(pages)) {
      await page.evaluate(`location.hash = ${JSON.stringify(fragment || "#/")}`);
      await page.getByText("Live", { exact: true }).waitFor();
      expect([name, await faults(page, rules)]).toEqual([name, []]);
    }
    await page.getByRole("button", { name: "Pause Finpay" }).click();
    await page.getByRole("dialog").waitFor();
    expect(["dialog", await faults(page, rules)]).toEqual(["dialog", []]);
    await page.reload();
    await page.getByLabel("Access token").waitFor();
    expect(["sign-in", await faults(page, rules)]).toEqual(["sign-in", []]);
  });

  it("with the keyboard alone: select, look into a dialog and leave it, open an order", async () => {
    const page = await stage.enter(await open());
    await page.getByRole("link", { name: order }).waitFor();
    await focusByTab(page, `Select FINPAY ${order}`);
    await page.keyboard.press("Space");
    await page.getByText("1 selected").waitFor();
    await focusByTab(page, "Close by hand…", "Shift+Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await focused(page)).toBe("Close by hand…");
    await focusByTab(page, order);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: order }).waitFor();
  });

  it("another page is announced: its heading has the focus, and the window its title", async () => {
    const page = await stage.enter(await open());
    await page.getByRole("link", { name: "Providers" }).click();
    await page.getByRole("heading", { name: "Providers" }).waitFor();
    await expect.poll(() => focused(page)).toBe("Providers");
    expect(await page.title()).toBe("Providers · Cancellations");
  });

  it("a poll changes neither the focus nor what was selected or typed", async () => {
    const page = await stage.enter(await open());
    await page.getByLabel(`Select FINPAY ${order}`).check();
    await page.getByRole("button", { name: "Close by hand" }).click();
    await page.getByLabel("Who told what, and when").fill("half a no");
    const read = page.waitForResponse(stage.service.url);
    await page.clock.fastForward(5000);
    await read;
    await page.keyboard.type("te");
    expect(await page.getByLabel("Who told what, and when").inputValue()).toBe("half a note");
    expect(await page.getByText("1 selected").count()).toBe(1);
  });

  it("at a width of 320 pixels nothing has to be scrolled sideways; times are in the viewer's zone, with UTC beside them", async () => {
    const page = await stage.enter(await open({ viewport: { width: 320, height: 640 }, timezoneId: "Asia/Kolkata" }));
    for (const [name, fragment] of Object.entries(pages)) {
      await page.evaluate(`location.hash = ${JSON.stringify(fragment || "#/")}`);
      await page.getByText("Live", { exact: true }).waitFor();
      expect([name, await page.evaluate("document.documentElement.scrollWidth")]).toEqual([name, 320]);
    }
    await page.evaluate(`location.hash = ${JSON.stringify(pages.Order)}`);
    const time = await page.locator("time.when").first().innerText();
    const [, local = "", utc = ""] = /(\d\d:\d\d):\d\d .*?(\d\d:\d\d):\d\d UTC$/.exec(time) ?? [];
    const minutes = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
    expect((minutes(local) - minutes(utc) + 1440) % 1440).toBe(330);
  });

  it("the first paint comes within the time that is promised, though nothing was loaded before", async () => {
    const page = await (await open({})).newPage();
    await page.goto(new URL("/console", stage.service.url).href);
    await expect.poll(() => page.evaluate(firstPaint)).toBeLessThan(promisedMs * slowMachine);
  });
});

/** What the page promises on an idle machine, and how much slower a machine may be that runs tests. */
const [promisedMs, slowMachine] = [300, 30];

const firstPaint = `performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Infinity`;

/** What axe-core finds of any weight, with the elements: by these rules, or by all. */
function faults(page: Page, rules: readonly string[]): Promise<unknown[]> {
  const options = JSON.stringify(rules.length > 0 ? { runOnly: rules } : {});
  return page.evaluate(`axe.run(document, ${options}).then(({ violations }) =>
    violations.map(({ id, nodes }) => [id, ...nodes.map(({ html, failureSummary }) => html + failureSummary)]))`);
}

/** The name of what has the focus. */
function focused(page: Page): Promise<string> {
  return page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent");
}

/** More than there are controls on a page. */
const mostTabs = 40;

async function focusByTab(page: Page, name: string, key = "Tab"): Promise<void> {
  for (let tab = 0; tab < mostTabs; tab += 1) {
    if ((await focused(page)) === name) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${key} does not reach ${name}`);
}
