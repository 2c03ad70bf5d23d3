import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { startApp } from "../../src/app.ts";
import { firstLook, startSimulators } from "../../src/simulators/simulators.ts";
import { post } from "../support/post.ts";
import { cancelOrders } from "../support/service.ts";

const folder = mkdtempSync(join(tmpdir(), "environment-"));
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
});

const settings = {
  PORT: "0",
  LOG_LEVEL: "silent",
  TRONSAVE_MIN_INTERVAL_MS: "10",
  DATABASE_URL: `file:${join(folder, "cancellations.db")}`,
};

it("what the simulators confirmed is not believed of a real provider: the start is refused and says why", async () => {
  const simulated = await startApp(settings);
  const ids = [firstLook.TRONSAVE.cancellable];
  const { data } = await post(simulated.url, { query: cancelOrders, variables: { provider: "TRONSAVE", ids } });
  expect(data.cancelOrders.orders[0].cancellation.status).toBe("CANCELLED");
  await simulated.stop();

  const elsewhere = await startSimulators({ minIntervalMs: 10 });
  closing.push(elsewhere.close);
  const { host } = new URL(elsewhere.settings.TRONSAVE_BASE_URL ?? "");
  await expect(startApp({ ...settings, ...elsewhere.settings })).rejects.toThrow(
    `DATABASE_URL: it holds TRONSAVE orders of simulator, and TRONSAVE is now set to ${host}`,
  );
  expect(elsewhere.simulators.flatMap(({ received }) => received)).toEqual([]);

  const again = await startApp(settings);
  await again.stop();
});
