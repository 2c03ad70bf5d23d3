import { createServer } from "node:http";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeInChromium } from "../support/chromium.ts";
import { type ConsoleStage, startConsole } from "../support/console.ts";
import { listenOnAnyPort } from "../support/listen.ts";

const minute = 60_000;
const [finpay, kwikpaisa, onramp] = ["STUCK-FINPAY-1", "STUCK-KWIKPAISA-1", "10000071"];

describeInChromium("an on-call person", (open) => {
  let stage: ConsoleStage;
  beforeAll(async () => {
    stage = await startConsole();
    const now = Date.now();
    const settled = Array.from({ length: 10_000 }, (_, i) => ({
      ...{ provider: "TRONSAVE", orderId: `settled-${i}`, requestedAt: now - 600 * minute + i },
      status: i % 3 === 0 ? ("REJECTED" as const) : ("CANCELLED" as const),
    }));
    const unknown = { status: "UNCONFIRMED" as const, problemCode: "OUTCOME_UNKNOWN" };
    stage.add(settled.slice(0, 5000));
    stage.add([
      { ...unknown, provider: "KWIKPAISA", orderId: kwikpaisa, requestedAt: now - 300 * minute, requestedBy: "shop" },
      {
        ...{ ...unknown, provider: "FINPAY", orderId: finpay, requestedAt: now - 200 * minute },
        ...{ providerCode: "504", providerMessage: "upstream request timeout", requestId: "request-77" },
      },
      { ...unknown, provider: "ONRAMP", orderId: onramp, requestedAt: now - 100 * minute },
    ]);
    stage.add(settled.slice(5000));
    // What the look-up will find: its cancel had worked.
    stage.service.simulator("FINPAY").add(finpay, { state: "cancelled" });
  });
  afterAll(() => stage.close());

  it("finds the three orders of 10,000, looks one up, closes one with a note, pauses a provider, and sees what happens", async () => {
    const page = await stage.enter(await open());

    await expect.poll(() => ids(page)).toEqual([kwikpaisa, finpay, onramp]);
    const row = page.getByRole("listitem").filter({ hasText: finpay });
    expect(await row.innerText()).toMatch(/Finpay said: .?upstream request timeout.? 504/);
    expect(await row.innerText()).toContain("waits 3 h 20 min");

    await page.getByLabel(`Select FINPAY ${finpay}`).check();
    await page.getByRole("button", { name: "Look up again" }).click();
    await page.getByRole("status").getByText("Looked up 1 order: 1 cancelled.").waitFor();
    await expect.poll(() => ids(page)).toEqual([kwikpaisa, onramp]);
    expect(stage.service.simulator("FINPAY").received.map(({ operation }) => operation)).not.toContain("cancel");

    await page.getByRole("link", { name: kwikpaisa }).click();
    await page.getByRole("button", { name: "Close by hand" }).click();
    await page.getByLabel("The provider says that the order is cancelled").check();
    await page.getByLabel("Who told what, and when").fill("Mira of their support, by chat\nat 14:05");
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
    await page.getByText("Closed by hand as cancelled").waitFor();
    const step = page.getByRole("listitem").filter({ hasText: "Closed by hand" });
    expect(await step.innerText()).toMatch(/By: maya.*Mira of their support, by chat\nat 14:05/s);
    expect(await stage.service.ask(standing, { id: kwikpaisa }, await reader())).toMatchObject({
      data: { cancellation: { status: "CANCELLED" } },
    });

    await page.getByRole("link", { name: "Providers" }).click();
    await page.getByRole("button", { name: "Pause Tronsave" }).click();
    await page.getByLabel("Reason").fill("their maintenance");
    await page.getByRole("dialog").getByRole("button", { name: "Pause Tronsave" }).click();
    await page.getByRole("button", { name: "Start Tronsave" }).waitFor();
    await page.getByRole("link", { name: "Attention" }).click();
    await page.getByText(/Tronsave is paused.*their maintenance/).waitFor();
    await page.getByRole("link", { name: "Providers" }).click();
    await page.getByRole("button", { name: "Start Tronsave" }).click();
    await page.getByRole("button", { name: "Pause Tronsave" }).waitFor();
  });

  it("cancels again only after a question, and the provider is asked", async () => {
    const page = await stage.enter(await open(), `#/orders/ONRAMP/${onramp}`);
    stage.service.simulator("ONRAMP").add(onramp);
    await page.getByRole("button", { name: "Cancel again" }).click();
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(stage.service.simulator("ONRAMP").received).toEqual([]);
    await page.getByRole("button", { name: "Cancel again" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Send the cancel" }).click();
    await page.getByRole("status").getByText("Asked for the cancel of 1 order: 1 cancelled.").waitFor();
    await page.getByText("The order is cancelled").waitFor();
  });

  it("finds orders by their id, by the id of a request, and by who asked", async () => {
    const page = await stage.enter(await open(), "#/search");
    for (const [text, group] of [
      [finpay, "Orders with this id"],
      ["request-77", "Asked for in this request"],
      ["shop", "Asked for by this caller"],
    ] as const) {
      await page.getByRole("searchbox").fill(text);
      await page.keyboard.press("Enter");
      await page.getByRole("region", { name: group }).getByRole("link").first().waitFor();
      expect(await page.getByRole("heading", { level: 2 }).allInnerTexts()).toEqual([group]);
    }
  });

  it("turns the parts of what one caller has asked for", async () => {
    const ofRobot = { provider: "SMS4SATS", status: "CANCELLED" as const, requestedBy: "robot" };
    const ids60 = Array.from({ length: 60 }, (_, i) => `robot-${i}`);
    stage.add(ids60.map((orderId, i) => ({ ...ofRobot, orderId, requestedAt: Date.now() - i })));
    const page = await stage.enter(await open(), "#/search/robot");
    await expect.poll(() => ids(page)).toEqual(ids60.slice(10).toReversed());
    await page.getByRole("button", { name: "Next" }).click();
    await expect.poll(() => ids(page)).toEqual(ids60.slice(0, 10).toReversed());
    await page.getByRole("button", { name: "Previous" }).click();
    await expect.poll(() => ids(page)).toHaveLength(50);
  });

  it("sees how many orders wait for a provider and why, and which", async () => {
    const waiting = {
      provider: "SMS4SATS",
      orderId: "waiting-1",
      status: "PENDING" as const,
      problemCode: "TOO_EARLY",
    };
    stage.add([{ ...waiting, requestedAt: Date.now() - 7 * minute }]);
    const page = await stage.enter(await open());
    const row = page.getByRole("row").filter({ hasText: "sms4sats" });
    expect(await row.innerText()).toMatch(/Pending\s+sms4sats\s+Too early\s+1\s+7 min/);
    await row.getByRole("link").click();
    await page.getByRole("heading", { name: "Pending at sms4sats: Too early" }).waitFor();
    await expect.poll(() => ids(page)).toEqual(["waiting-1"]);
  });

  describe("without scopes sees why she cannot", () => {
    it("change anything, though she reads", async () => {
      const page = await stage.enter(await open(), `#/orders/FINPAY/${finpay}`, { scope: "cancellations:read" });
      await page.getByText("Look up, Close by hand: You lack the scope cancellations:resolve.").waitFor();
      await page.getByText("You lack the scope orders:cancel.").waitFor();
      for (const name of ["Look up again", "Cancel again…", "Close by hand…"]) {
        expect(await page.getByRole("button", { name }).isDisabled()).toBe(true);
      }
      await page.getByRole("link", { name: "Providers" }).click();
      await page.getByText("You lack the scope providers:manage.").first().waitFor();
      expect(await page.getByRole("button", { name: "Pause Finpay" }).isDisabled()).toBe(true);
    });

    it("see the list, though she can open an order that she knows", async () => {
      const page = await stage.enter(await open(), "", { scope: "openid" });
      await page.getByText("You lack the scope cancellations:read").waitFor();
      await page.getByRole("link", { name: "Search" }).click();
      await page.getByLabel("Provider").selectOption("FINPAY");
      await page.getByLabel("Id of the order").fill(finpay);
      await page.getByRole("button", { name: "Open" }).click();
      await page.getByRole("heading", { name: finpay }).waitFor();
    });
  });

  const standing = "query($id: ID!) { cancellation(provider: KWIKPAISA, orderId: $id) { status } }";
  const reader = () => stage.issuer.bearer({ iss: stage.issuer.url });
});

describeInChromium("an on-call person who owns no orders, beside ACCESS_CHECK_URL", (open) => {
  it("opens the order of a customer, because she may read all records", async () => {
    const closing: (() => unknown)[] = [];
    const checker = createServer((_, response) => response.end('{"allowed":[]}'));
    const stage = await startConsole({ ACCESS_CHECK_URL: `${await listenOnAnyPort(checker, "http", closing)}` });
    closing.push(stage.close);
    stage.add([{ provider: "FINPAY", orderId: finpay, status: "UNCONFIRMED", requestedAt: Date.now() - minute }]);
    const page = await stage.enter(await open(), `#/orders/FINPAY/${finpay}`);
    await page.getByText("A person must find out.").waitFor();
    for (const close of closing.reverse()) await close();
  });
});

function ids(page: Page): Promise<string[]> {
  return page.locator(".order a").allInnerTexts();
}
