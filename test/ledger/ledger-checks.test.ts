import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Ledger } from "../../src/domain/ledger.ts";
import { createLedger } from "../../src/ledger/ledger.ts";
import type { Store } from "../../src/ledger/store.ts";
import { createTestClock, type TestClock } from "../support/clock.ts";
import { testedStores } from "../support/stores.ts";

describe.each(testedStores())("a ledger on $name", (tested) => {
  let clock: TestClock;
  let store: Store;
  let ledger: Ledger;

  beforeEach(async () => {
    clock = createTestClock();
    store = await tested.open(await tested.createDatabase(), clock);
    ledger = createLedger(store, { leaseMs: 30_000 });
  });
  afterEach(() => ledger.close());

  it("records of one environment: the ledger refuses to open for another", async () => {
    await ledger.bindEnvironments([bound("TRONSAVE", "simulator"), bound("FINPAY", "simulator")]);
    await record("TRONSAVE");
    await expect(ledger.bindEnvironments([bound("TRONSAVE", "api.example")])).rejects.toThrow(
      "it holds TRONSAVE orders of simulator, and TRONSAVE is now set to api.example; give each environment a database of its own",
    );
    await ledger.bindEnvironments([bound("TRONSAVE", "simulator")]);
  });

  it("lets a provider change its environment while there are no records of it", async () => {
    await ledger.bindEnvironments([bound("TRONSAVE", "simulator"), bound("FINPAY", "simulator")]);
    await record("TRONSAVE");
    await ledger.bindEnvironments([bound("FINPAY", "api.example")]);
    await record("FINPAY");
    await expect(ledger.bindEnvironments([bound("FINPAY", "simulator")])).rejects.toThrow(
      "FINPAY orders of api.example",
    );
  });

  it("records nothing once another instance has bound the provider to another environment", async () => {
    await ledger.bindEnvironments([bound("TRONSAVE", "simulator")]);
    const other = createLedger(store, { leaseMs: 30_000 });
    await other.bindEnvironments([bound("TRONSAVE", "api.example")]);
    await expect(record("TRONSAVE")).rejects.toThrow("TRONSAVE is now set to simulator");
    expect(await ledger.read([{ provider: "TRONSAVE", orderId: "a" }])).toEqual([undefined]);
  });

  it("takes records that were made before environments were noted for those of the first start", async () => {
    await record("TRONSAVE");
    await ledger.bindEnvironments([bound("TRONSAVE", "api.example")]);
    await expect(ledger.bindEnvironments([bound("TRONSAVE", "simulator")])).rejects.toThrow("orders of api.example");
  });

  it("notices within seconds that the database answers but takes no writes", async () => {
    await ledger.check();
    await store.db.schema.alterTable("ledger_checks").renameTo("gone").execute();
    clock.pass(5000);
    await expect(ledger.check()).rejects.toThrow("ledger_checks");
  });

  async function record(provider: string): Promise<void> {
    await ledger.open({ provider, orderIds: ["a"], requestedBy: null, claim: 0 });
  }
});

function bound(provider: string, host: string) {
  return { provider, host };
}
