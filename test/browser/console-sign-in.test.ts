import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInChromium } from "../support/chromium.ts";
import { allScopes, type ConsoleStage, startConsole } from "../support/console.ts";

describeInChromium("signing in to the console", (open) => {
  let stage: ConsoleStage;
  beforeAll(async () => {
    stage = await startConsole({ CONSOLE_OIDC_CLIENT_ID: "console" });
  });
  afterAll(() => stage.close());

  const consoleUrl = () => new URL("/console", stage.service.url).href;

  it("at the issuer: a code with PKCE, and back to the same page; nothing of it stays in the address or in storage", async () => {
    stage.issuer.signInAs({ iss: stage.issuer.url, sub: "maya", scope: allScopes });
    const page = await (await open()).newPage();
    await page.goto(`${consoleUrl()}#/providers`);
    await page.getByRole("button", { name: "Sign in with your organisation" }).click();
    await page.getByRole("heading", { name: "Providers" }).waitFor();
    await page.getByText("maya").waitFor();
    expect(page.url()).toBe(`${consoleUrl()}#/providers`);
    expect(await page.evaluate("[localStorage.length, sessionStorage.length]")).toEqual([0, 0]);
    const { authorize, token } = stage.issuer.signIns.at(-1) ?? {};
    expect(authorize).toMatchObject({
      ...{ response_type: "code", client_id: "console", redirect_uri: consoleUrl(), code_challenge_method: "S256" },
      ...{ scope: allScopes, audience: "cancellations" },
    });
    expect(token).toMatchObject({ grant_type: "authorization_code", client_id: "console", redirect_uri: consoleUrl() });
    expect(token).not.toHaveProperty("client_secret");
  });

  it("the sign-in is renewed by itself before the token expires", async () => {
    stage.issuer.signInAs(
      { iss: stage.issuer.url, sub: "maya", scope: allScopes },
      { expires_in: 300, refresh_token: "r1" },
    );
    const page = await (await open()).newPage();
    await page.clock.install();
    await page.goto(consoleUrl());
    await page.getByRole("button", { name: "Sign in with your organisation" }).click();
    await page.getByRole("heading", { name: "Attention" }).waitFor();
    const renewed = page.waitForRequest((request) => request.postData()?.includes("grant_type=refresh_token") ?? false);
    await page.clock.fastForward(280_000);
    expect((await renewed).postData()).toContain("refresh_token=r1");
    await page.getByRole("heading", { name: "Attention" }).waitFor();
  });

  it("an answer of the issuer that this tab has not asked for signs nobody in", async () => {
    const page = await (await open()).newPage();
    for (const query of ["?error=access_denied&state=x", "?code=stolen&state=x"]) {
      await page.goto(`${consoleUrl()}${query}`);
      await page.getByRole("alert").getByText("was not begun in this tab").waitFor();
      expect(page.url()).toBe(consoleUrl());
    }
  });

  it("a person whom the issuer refuses hears why", async () => {
    stage.issuer.signInAs({ error: "access_denied", error_description: "Ask your manager" });
    const page = await (await open()).newPage();
    await page.goto(consoleUrl());
    await page.getByRole("button", { name: "Sign in with your organisation" }).click();
    await page.getByRole("alert").getByText("Ask your manager").waitFor();
  });

  it("a proxy that adds the header signs people in; when it does not any more, the page says so", async () => {
    const page = await (await open()).newPage();
    await page.clock.install();
    const { authorization } = await stage.issuer.bearer({ iss: stage.issuer.url, sub: "maya", scope: allScopes });
    await page.route("**/graphql", (route) =>
      route.continue({ headers: { ...route.request().headers(), authorization } }),
    );
    await page.goto(consoleUrl());
    await page.getByText("maya").waitFor();
    expect(await page.getByRole("button", { name: "Sign out" }).count()).toBe(0);
    await page.unrouteAll();
    await page.clock.fastForward(5000);
    await page.getByRole("alert").getByText("This needs an access token").waitFor();
  });
});
