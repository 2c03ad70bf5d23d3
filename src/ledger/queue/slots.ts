import type { Ledger } from "../../domain/ledger.ts";
import { fromNow, type Store } from "../store.ts";
import type { Times } from "./clock-jumps.ts";

/** The slots of providers that take one request at a time. Each is one row, held by one process of all instances. */
export function createSlots(store: Store, times: Pick<Times, "mend">): Pick<Ledger, "takeSlot" | "releaseSlot"> {
  const { db } = store;

  return {
    takeSlot: async (slot, token, leaseMs, idleMs = 0) => {
      await times.mend();
      // Read first: waiting processes ask many times a second, and must not lock the row that its holder wants to release.
      const waitMs = await shutForMs(slot, token, idleMs);
      if (waitMs !== undefined) return { taken: false, waitMs };
      const taken = await db
        .insertInto("provider_slots")
        .values({ provider: slot, free_at: 0, holder: token, held_until: fromNow(store, leaseMs), set_at: store.now() })
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
                  eb("provider_slots.free_at", "<=", fromNow(store, -idleMs)),
                  eb.or([
                    eb("provider_slots.holder", "is", null),
                    eb("provider_slots.held_until", "<=", fromNow(store, -idleMs)),
                  ]),
                ]),
              ]),
            ),
        )
        .returning("provider")
        .executeTakeFirst();
      return taken ? { taken: true } : { taken: false, waitMs: 0 };
    },

    releaseSlot: async (slot, token, intervalMs) => {
      await db
        .updateTable("provider_slots")
        .set({ holder: null, free_at: fromNow(store, intervalMs), set_at: store.now() })
        .where("provider", "=", slot)
        .where("holder", "=", token)
        .execute();
    },
  };

  /** Undefined if the slot is free, or this holder's. 0 if another holds it: it may be released at any moment. */
  async function shutForMs(name: string, token: string, idleMs: number): Promise<number | undefined> {
    const slot = await db
      .selectFrom("provider_slots")
      .select((eb) => ["holder", eb("held_until", "-", store.now()).as("held_ms")])
      .select((eb) => eb("free_at", "-", store.now()).as("shut_ms"))
      .where("provider", "=", name)
      .executeTakeFirst();
    if (!slot || slot.holder === token) return undefined;
    if (slot.holder !== null && Number(slot.held_ms) + idleMs > 0) return 0;
    const shutMs = Number(slot.shut_ms) + idleMs;
    return shutMs > 0 ? shutMs : undefined;
  }
}
