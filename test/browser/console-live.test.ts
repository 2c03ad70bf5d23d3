import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInChromium } from "../support/chromium.ts";
import { type ConsoleStage, startConsole } from "../support/console.ts";

/** What a browser does when the tab is hidden or shown. */
const visibility = (hidden: boolean) => `
  Object.defineProperty(document, "hidden", { configurable: true, get: () => ${hidden} });
  document.dispatchEvent(new Event("visibilitychange"));`;

/** Of the page, ms. */
const interval = 5000;

const masked = { message: "Something went wrong on our side.", extensions: { code: "INTERNAL_SERVER_ERROR" } };
const strangeAnswers: [answer: object, told: string][] = [
  [{ status: 200, body: "<h1>Log in</h1>", contentType: "text/html" }, "HTTP 200"],
  [{ status: 502, body: "Bad Gateway", contentType: "text/plain" }, "HTTP 502"],
  [{ status: 200, json: null }, "HTTP 200"],
  [{ status: 200, json: { data: null, errors: [masked] } }, masked.message],
  [{ status: 302, headers: { location: "https://proxy.example/login" } }, "The service cannot be reached."],
];

describeInChromium("what the console shows is live", (open) => {
  let stage: ConsoleStage;
  beforeAll(async () => {
    stage = await startConsole();
  });
  afterAll(() => stage.close());

  it("an order that becomes UNCONFIRMED appears without a reload", async () => {
    const page = await stage.enter(await open());
    await page.getByText("Nothing to do").waitFor();
    stage.add([{ provider: "FINPAY", orderId: "NEW-1", status: "UNCONFIRMED", requestedAt: Date.now() }]);
    await page.clock.fastForward(interval);
    await page.getByRole("link", { name: "NEW-1" }).waitFor();
  });

  it("an open page costs at most one read in five seconds, and nothing while nobody sees it", async () => {
    const page = await stage.enter(await open());
    let reads = 0;
    await page.getByText("Live", { exact: true }).waitFor();
    page.on("request", (request) => {
      if (request.url() === stage.service.url) reads += 1;
    });
    for (let second = 0; second < 60; second += 1) {
      await page.clock.runFor(1000);
      // A read that is under way ends before the next second.
      await page.waitForLoadState("networkidle");
    }
    expect(reads).toBeGreaterThan(5);
    expect(reads).toBeLessThanOrEqual(12);

    await page.evaluate(visibility(true));
    await page.clock.runFor(10_000);
    reads = 0;
    await page.clock.runFor(10 * 60_000);
    expect(reads).toBe(0);

    await page.evaluate(visibility(false));
    await expect.poll(() => reads).toBe(1);
  });

  it("while the service is away, it says so, with the age of what it shows; afterwards it is live again", async () => {
    const page = await stage.enter(await open());
    await page.getByText("Live", { exact: true }).waitFor();
    await page.route("**/graphql", (route) => route.abort("connectionrefused"));
    await page.clock.fastForward(interval);
    const alert = page.getByRole("alert");
    await alert.getByText("Not live. The service cannot be reached. What is shown was read").waitFor();
    await page.getByRole("link", { name: "NEW-1" }).waitFor();
    await page.unrouteAll();
    await alert.getByRole("button", { name: "Try now" }).click();
    await page.getByText("Live", { exact: true }).waitFor();
    expect(await alert.count()).toBe(0);
  });

  it("no answer of anything in between is news about orders: it is told, and what was read stays", async () => {
    const page = await stage.enter(await open());
    const order = page.getByRole("link", { name: "NEW-1" });
    await order.waitFor();
    for (const [answer, told] of strangeAnswers) {
      await page.route("**/graphql", (route) => route.fulfill(answer));
      await page.clock.fastForward(10 * interval);
      await page.getByRole("alert").getByText(told).waitFor();
      await order.waitFor();
      await page.unrouteAll();
    }
  });

  it("an action without an answer is not told as done, nor as not done, and its dialog keeps what was typed", async () => {
    const page = await stage.enter(await open(), "#/orders/FINPAY/NEW-1");
    await page.getByRole("button", { name: "Close by hand" }).click();
    await page.getByLabel("The provider says that the order stands").check();
    await page.getByLabel("Who told what, and when").fill("a long note");
    await page.route("**/graphql", (route) => route.abort("connectionrefused"));
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
    await page
      .getByRole("dialog")
      .getByText("The service cannot be reached. It may or may not have been done")
      .waitFor();
    expect(await page.getByLabel("Who told what, and when").inputValue()).toBe("a long note");
  });
});
