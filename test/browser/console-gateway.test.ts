import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInChromium } from "../support/chromium.ts";
import { type ConsoleStage, startConsole } from "../support/console.ts";
import { type HiveGateway, startHiveGateway } from "../support/hive-gateway.ts";
import { freePort } from "../support/ports.ts";

const secret = "of-the-gateway-alone";
const sdl = readFileSync(new URL("../../schema/cancellations.graphql", import.meta.url), "utf8");

describeInChromium("the console of a subgraph that only the gateway may ask", (open) => {
  let stage: ConsoleStage;
  let gateway: HiveGateway;
  beforeAll(async () => {
    const port = await freePort();
    stage = await startConsole({
      GATEWAY_SECRET: secret,
      CONSOLE_GRAPHQL_URL: `http://127.0.0.1:${port}/graphql`,
    });
    const subgraphs = { cancellations: { sdl, url: stage.service.url } };
    gateway = await startHiveGateway({ subgraphs, subscribeBy: "GET", secret, port });
    stage.add([{ provider: "FINPAY", orderId: "STUCK-1", status: "UNCONFIRMED", requestedAt: Date.now() - 60_000 }]);
  });
  afterAll(async () => {
    await gateway.stop();
    await stage.close();
  });

  it("asks the gateway: lists, history and what a person does", async () => {
    const page = await stage.enter(await open());
    await page.getByRole("link", { name: "STUCK-1" }).click();
    await page.getByRole("button", { name: "Close by hand" }).click();
    await page.getByLabel("The provider says that the order stands").check();
    await page.getByLabel("Who told what, and when").fill("told by phone");
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
    await page.getByText("told by phone").waitFor();
  });

  it("a token that has expired leads to the sign-in, and a missing scope is told", async () => {
    const page = await stage.enter(await open(), "", { exp: Math.floor(Date.now() / 1000) - 60 });
    await page.getByRole("alert").getByText("The access token has expired.").waitFor();
    await page.getByLabel("Access token").fill(await stage.issuer.token({ iss: stage.issuer.url, scope: "openid" }));
    await page.getByRole("button", { name: "Use this token" }).click();
    await page.getByText("You lack the scope cancellations:read").waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  });
});
