import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstLook } from "../../src/simulators/simulators.ts";
import { type Service, startService } from "../support/service.ts";

/** Debian's package; without it there is nothing to look with. */
const executablePath = "/usr/bin/chromium";
const found = existsSync(executablePath);

describe.skipIf(!found)(`Apollo Sandbox in a browser${found ? "" : ` (skipped: no ${executablePath})`}`, () => {
  let browser: Browser;
  let subgraph: Service;

  beforeAll(async () => {
    subgraph = await startService();
    browser = await chromium.launch({
      executablePath,
      args: [
        ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
        ...["--disable-component-update", "--disable-sync"],
        // People are asked once whether a site may reach this machine; here nobody answers.
        "--disable-features=LocalNetworkAccessChecks",
      ],
    });
  });
  afterAll(async () => {
    await browser.close();
    await subgraph.stop();
  });

  it("GET /graphql shows the landing page with our mutation and ids that work", async () => {
    const page = await browser.newPage();
    const response = await page.goto(subgraph.url, { waitUntil: "commit" });
    const html = await response?.text();
    expect(html).toContain("mutation CancelOrders");
    expect(html).toContain(firstLook.TRONSAVE.cancellable);
  });

  it("the hosted Sandbox can introspect and run the mutation", async () => {
    const page = await openPage("https://studio.apollographql.com");
    expect(await ask(page, "{__schema{queryType{name}}}")).toEqual({
      data: { __schema: { queryType: { name: "Query" } } },
    });
    const { cancellable } = firstLook.ONRAMP;
    const mutation = `mutation{cancelOrders(provider:ONRAMP,ids:["${cancellable}"]){orders{cancellation{status}}}}`;
    expect(await ask(page, mutation)).toEqual({
      data: { cancelOrders: { orders: [{ cancellation: { status: "CANCELLED" } }] } },
    });
  });

  it("a page of any other origin can do neither, and nothing is sent for it", async () => {
    const page = await openPage("https://elsewhere.example");
    const { cancellable } = firstLook.FINPAY;
    expect(await ask(page, "{__schema{queryType{name}}}")).toBe("TypeError: Failed to fetch");
    const mutation = `mutation{cancelOrders(provider:FINPAY,ids:["${cancellable}"]){orders{id}}}`;
    expect(await ask(page, mutation)).toBe("TypeError: Failed to fetch");
    expect(subgraph.simulator("FINPAY").received).toEqual([]);
  });

  /** A page of this origin, as far as the browser can tell. */
  async function openPage(origin: string): Promise<Page> {
    const page = await browser.newPage();
    await page.route(`${origin}/**`, (route) => route.fulfill({ contentType: "text/html", body: "<p>a page</p>" }));
    await page.goto(`${origin}/`);
    // While anything is routed, Playwright answers preflights itself.
    await page.unrouteAll();
    return page;
  }

  function ask(page: Page, query: string): Promise<unknown> {
    return page.evaluate(
      async ([url, body]) => {
        const headers = { "content-type": "application/json" };
        const answer = await fetch(url ?? "", { method: "POST", headers, body: body ?? "" }).catch(String);
        return typeof answer === "string" ? answer : answer.json();
      },
      [subgraph.url, JSON.stringify({ query })],
    );
  }
});
