import type { Ledger } from "../../domain/ledger.ts";
import { fromNow, type Store } from "../store.ts";
import type { Times } from "./clock-jumps.ts";

/** The slots of providers that take one request at a time. Each is one row, held by one process of all instances. */
export function createSlots(store: Store, times: Pick<Times, "mend">): Pick<Ledger, "takeSlot" | "releaseSlot"> {
  const { db } = store;

  return {
    takeSlot: async (provider, token, leaseMs) => {
      await times.mend();
      // Read first: waiting processes ask many times a second, and must not lock the row that its holder wants to release.
      const waitMs = await shutForMs(provider, token);
      if (waitMs !== undefined) return { taken: false, waitMs };
      const taken = await db
        .insertInto("provider_slots")
        .values({ provider, free_at: 0, holder: token, held_until: fromNow(store, leaseMs), set_at: store.now() })
        .onConflict((conflict) =>
          conflict
            .column("provider")
            .doUpdateSet((eb) => ({
              holder: eb.ref("excluded.holder"),
              held_until: eb.ref("excluded.held_until"),
              set_at: eb.ref("excluded.set_at"),
            }))
            .where((eb) =>
              eb.or([
                eb("provider_slots.holder", "=", token),
                eb.and([
                  eb("provider_slots.free_at", "<=", store.now()),
                  eb.or([eb("provider_slots.holder", "is", null), eb("provider_slots.held_until", "<=", store.now())]),
                ]),
              ]),
            ),
        )
        .returning("provider")
        .executeTakeFirst();
      return taken ? { taken: true } : { taken: false, waitMs: 0 };
    },

    releaseSlot: async (provider, token, intervalMs) => {
      await db
        .updateTable("provider_slots")
        .set({ holder: null, free_at: fromNow(store, intervalMs), set_at: store.now() })
        .where("provider", "=", provider)
        .where("holder", "=", token)
        .execute();
    },
  };

  /** Undefined if the slot is free, or this holder's. 0 if another holds it: it may be released at any moment. */
  async function shutForMs(provider: string, token: string): Promise<number | undefined> {
    const slot = await db
      .selectFrom("provider_slots")
      .select((eb) => ["holder", eb("held_until", "-", store.now()).as("held_ms")])
      .select((eb) => eb("free_at", "-", store.now()).as("shut_ms"))
      .where("provider", "=", provider)
      .executeTakeFirst();
    if (!slot || slot.holder === token) return undefined;
    if (slot.holder !== null && Number(slot.held_ms) > 0) return 0;
    return Number(slot.shut_ms) > 0 ? Number(slot.shut_ms) : undefined;
  }
}
