import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeInChromium } from "../support/chromium.ts";
import { allScopes, type ConsoleStage, startConsole } from "../support/console.ts";

/** Each would run as code in a page that takes texts for HTML. */
const hostile = {
  id: `"><img src=x onerror=pwned()>`,
  code: "<svg onload=pwned()>",
  words: "</q><script>pwned()</script><a href=javascript:pwned()>",
  subject: "<iframe srcdoc='<script>parent.pwned()</script>'>",
  request: "'-pwned()-'",
  note: "<style>*{display:none}</style>{{constructor.constructor('pwned()')()}}",
  reason: "<img src=x onerror=pwned()>",
};

describeInChromium("the console under attack", (open) => {
  let stage: ConsoleStage;
  beforeAll(async () => {
    stage = await startConsole();
    stage.add([
      {
        ...{ provider: "FINPAY", orderId: hostile.id, status: "UNCONFIRMED", problemCode: "OUTCOME_UNKNOWN" },
        ...{ requestedAt: Date.now() - 60_000, providerCode: hostile.code, providerMessage: hostile.words },
        ...{ requestedBy: hostile.subject, requestId: hostile.request, note: hostile.note },
      },
    ]);
    const manager = await stage.issuer.bearer({ iss: stage.issuer.url, scope: allScopes });
    const pause = `mutation($reason: String) { setProviderPaused(provider: ONRAMP, paused: true, reason: $reason) { provider { paused } } }`;
    expect((await stage.service.ask(pause, { reason: hostile.reason }, manager)).messages).toEqual([]);
  });
  afterAll(() => stage.close());

  it("texts from outside are shown as they are, and none of them runs", async () => {
    const context = await open({});
    const found = await watched(context);
    const page = await stage.enter(context, "", { sub: hostile.subject });
    await page.getByText(hostile.id).waitFor();
    await page.getByText(hostile.words).waitFor();
    await page.getByText(`: ${hostile.reason}`).waitFor();
    await page.getByRole("link", { name: hostile.id }).click();
    for (const text of [hostile.note, hostile.request, hostile.code, hostile.words]) {
      await page.getByText(text).first().waitFor();
    }
    expect(await page.getByText(hostile.subject).count()).toBeGreaterThan(1);
    await page.getByRole("link", { name: "Search" }).click();
    for (const text of [hostile.id, hostile.request, hostile.subject]) {
      await page.getByRole("searchbox").fill(text);
      await page.keyboard.press("Enter");
      await page.getByRole("link", { name: hostile.id }).waitFor();
    }
    await page.getByRole("link", { name: "Providers" }).click();
    await page.getByText(`: ${hostile.reason}`).waitFor();
    expect(await page.locator("img, svg[onload], iframe, style, a[href^=javascript]").count()).toBe(0);
    expect(found()).toEqual([]);
  });

  it("an address that holds code shows it as a text", async () => {
    const context = await open({});
    const found = await watched(context);
    const page = await stage.enter(context, "#javascript:pwned()");
    for (const fragment of ["#/orders/FINPAY/<img src=x onerror=pwned()>", "#/search/<img src=x onerror=pwned()>"]) {
      await page.evaluate(`location.hash = ${JSON.stringify(fragment)}`);
      await page.getByText("Live", { exact: true }).waitFor();
      expect(await page.locator("img").count()).toBe(0);
    }
    expect(found()).toEqual([]);
  });

  it("a page of another site cannot show it in a frame", async () => {
    const page = await otherSite(await open(), `<iframe src="${consoleUrl()}"></iframe>`);
    await expect.poll(() => page.frames()[1]?.url()).toMatch(/^chrome-error:/);
  });

  it("a page of another site can send nothing that changes anything", async () => {
    const page = await otherSite(await open(), "");
    const mutation = `mutation{resolveCancellation(provider:FINPAY,orderId:${JSON.stringify(hostile.id)},status:CANCELLED,note:"n"){cancellation{status}}}`;
    const sent = await page.evaluate(
      async ({ url, body, token }) => {
        const ask = (headers: Record<string, string>) =>
          fetch(url, { method: "POST", headers, body, credentials: "include" }).then(() => "answered", String);
        // With the token of a person, which the attacker cannot even have: it is still refused.
        const authorization = `Bearer ${token}`;
        return [
          await ask({ "content-type": "text/plain" }),
          await ask({ "content-type": "application/json", authorization }),
        ];
      },
      { url: stage.service.url, body: JSON.stringify({ query: mutation }), token: await token() },
    );
    expect(sent).toEqual(["TypeError: Failed to fetch", "TypeError: Failed to fetch"]);
    const { data } = await stage.service.ask(
      "query($id: ID!) { cancellation(provider: FINPAY, orderId: $id) { status } }",
      { id: hostile.id },
      { authorization: `Bearer ${await token()}` },
    );
    expect(data?.cancellation.status).toBe("UNCONFIRMED");
  });

  describe("a token", () => {
    const past = Math.floor(Date.now() / 1000) - 60;
    it("that has expired, or is for another audience, or of another issuer, shows nothing but the reason", async () => {
      const page = await stage.enter(await open(), "", { exp: past });
      await page.getByRole("alert").getByText("The access token has expired.").waitFor();
      for (const claims of [{ aud: "billing" }, { iss: "https://other.example/" }]) {
        await page.getByLabel("Access token").fill(await token(claims));
        await page.getByRole("button", { name: "Use this token" }).click();
        await page.getByRole("alert").getByText("The access token is not valid.").waitFor();
      }
      expect(await page.getByText(hostile.id).count()).toBe(0);
    });

    it("that expires meanwhile leads to the sign-in, and after it back to the same page", async () => {
      const page = await stage.enter(await open(), "#/providers");
      await page.getByRole("heading", { name: "Providers" }).waitFor();
      const refusal = {
        errors: [{ message: "The access token has expired.", extensions: { code: "UNAUTHENTICATED" } }],
      };
      await page.route("**/graphql", (route) => route.fulfill({ status: 401, json: refusal }));
      await page.clock.fastForward(5000);
      await page.getByRole("alert").getByText("The access token has expired.").waitFor();
      expect(await page.getByRole("link", { name: "Providers" }).count()).toBe(0);
      await page.unrouteAll();
      await page.getByLabel("Access token").fill(await token());
      await page.getByRole("button", { name: "Use this token" }).click();
      await page.getByRole("heading", { name: "Providers" }).waitFor();
    });

    it("is kept nowhere but in memory", async () => {
      const context = await open();
      const page = await stage.enter(context);
      await page.getByText(hostile.id).waitFor();
      expect(await page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")).toEqual([0, 0, ""]);
      expect(await page.evaluate("location.href + document.documentElement.outerHTML")).not.toContain("eyJ");
      expect(await context.cookies()).toEqual([]);
      await page.reload();
      await page.getByLabel("Access token").waitFor();
      await page.getByLabel("Access token").fill(await token());
      await page.getByRole("button", { name: "Use this token" }).click();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByText("The token is forgotten").waitFor();
      expect(await page.getByText(hostile.id).count()).toBe(0);
    });
  });

  const consoleUrl = () => new URL("/console", stage.service.url).href;
  const token = (claims = {}) => stage.issuer.token({ iss: stage.issuer.url, scope: allScopes, ...claims });
});

/** What the browser has run or refused to run; it must be nothing. */
async function watched(context: BrowserContext): Promise<() => string[]> {
  const found: string[] = [];
  await context.exposeFunction("pwned", () => void found.push("code of an attacker has run"));
  context.on("weberror", (error) => void found.push(String(error.error())));
  context.on("console", (message) => {
    if (/Content Security Policy|Trusted/i.test(message.text())) found.push(message.text());
  });
  context.on("dialog", (dialog) => void found.push(dialog.message()));
  return () => found;
}

/** A page of another origin, as far as the browser can tell. */
async function otherSite(context: BrowserContext, body: string): Promise<Page> {
  const page = await context.newPage();
  const site = "https://elsewhere.example";
  await page.route(`${site}/**`, (route) => route.fulfill({ contentType: "text/html", body: `<p>a page</p>${body}` }));
  await page.goto(`${site}/`);
  // While anything is routed, Playwright answers preflights itself.
  await page.unrouteAll();
  return page;
}
