import axe from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { firstLook } from "../../src/simulators/simulators.ts";
import { describeInChromium } from "../support/chromium.ts";
import { type Service, startService } from "../support/service.ts";

const cdn = "https://embeddable-sandbox.cdn.apollographql.com";
const sandboxSite = "https://sandbox.embed.apollographql.com";

describeInChromium("the landing page", (open) => {
  let subgraph: Service;
  beforeAll(async () => {
    subgraph = await startService();
  });
  afterAll(() => subgraph.stop());

  it("without internet runs the mutation, and shows nothing of Sandbox", async () => {
    const page = await (await open()).newPage();
    await page.route(`${cdn}/**`, (route) => route.abort("namenotresolved"));
    await page.goto(subgraph.url);
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText('"status": "CANCELLED"').waitFor();
    expect(await page.getByRole("heading", { name: "Apollo Sandbox" }).count()).toBe(0);
    await page.getByLabel("Variables").fill("{");
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText("The variables are not valid JSON.").waitFor();
    expect(await page.evaluate(`${axe.source}; axe.run().then(({ violations }) => violations)`)).toEqual([]);
  });

  it("with internet embeds Apollo Sandbox, with the same operation, and its policy lets it", async () => {
    const page = await (await open()).newPage();
    const refused: string[] = [];
    page.on("console", (message) => {
      if (message.text().includes("Content Security Policy")) refused.push(message.text());
    });
    await page.route(`${cdn}/**`, (route) => route.fulfill({ contentType: "text/javascript", body: embedding }));
    await page.route(`${sandboxSite}/**`, (route) =>
      route.fulfill({ contentType: "text/html", body: "Sandbox is here" }),
    );
    await page.goto(new URL("/", subgraph.url).href);
    await page.frameLocator("iframe").getByText("Sandbox is here").waitFor();
    const given = await page.evaluate("window.given");
    expect(given).toMatchObject({
      initialEndpoint: subgraph.url,
      initialState: { variables: { provider: "TRONSAVE" } },
    });
    expect(refused).toEqual([]);
  });

  it("the hosted Sandbox can introspect and run the mutation", async () => {
    const page = await otherSite("https://studio.apollographql.com");
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
    const page = await otherSite("https://elsewhere.example");
    const { cancellable } = firstLook.FINPAY;
    expect(await ask(page, "{__schema{queryType{name}}}")).toBe("TypeError: Failed to fetch");
    const mutation = `mutation{cancelOrders(provider:FINPAY,ids:["${cancellable}"]){orders{id}}}`;
    expect(await ask(page, mutation)).toBe("TypeError: Failed to fetch");
    expect(subgraph.simulator("FINPAY").received).toEqual([]);
  });

  /** A page of this origin, as far as the browser can tell. */
  async function otherSite(origin: string): Promise<Page> {
    const page = await (await open()).newPage();
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

/** As far as a page notices, what Apollo's code does. */
const embedding = `window.EmbeddedSandbox = class {
  constructor(options) {
    window.given = JSON.parse(JSON.stringify(options));
    const frame = document.createElement("iframe");
    frame.src = "${sandboxSite}/";
    document.querySelector(options.target).append(frame);
  }
}`;
