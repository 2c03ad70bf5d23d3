import type { Pause } from "../domain/cancellation.ts";
import type { Emit } from "../domain/events.ts";
import type { Ledger } from "../domain/ledger.ts";
import type { Alarm } from "../util/alarm.ts";
import { singleFlight } from "../util/single-flight.ts";

/** Which providers nothing is sent to, because an operator wants it so. Disposed, it reads nothing more. */
export interface Pauses extends AsyncDisposable {
  /** Undefined unless the provider is paused. Answers from memory. */
  of(provider: string): Pause | undefined;
  /** Pauses or starts the provider in all instances; in this one at once. The setting `<PROVIDER>_PAUSED` wins. */
  set(provider: string, paused: boolean, reason: string | null): Promise<void>;
}

export interface PausesOptions {
  ledger: Pick<Ledger, "pauses" | "setPaused">;
  /** The providers that this instance's settings pause. */
  bySetting: ReadonlySet<string>;
  /** Rings when a provider is started again: its records may be due. */
  alarm: Pick<Alarm, "now">;
  emit: Emit;
  /** How often this reads the ledger, ms: it knows of another instance's change after this time. docs/operate.md promises 2 s. */
  everyMs?: number;
}

/** Resolves when the ledger was read once, so that an instance sends nothing to a paused provider when it starts. */
export async function startPauses({ ledger, bySetting, alarm, emit, everyMs = 1800 }: PausesOptions): Promise<Pauses> {
  let paused = new Map<string, Pause>();
  let failing = false;
  await read();
  const readAgain = singleFlight(tryToRead);
  const polling = setInterval(readAgain, everyMs);

  return {
    of: (provider) => (bySetting.has(provider) ? pauseBySetting(provider) : paused.get(provider)),
    set: async (provider, pause, reason) => {
      await ledger.setPaused(provider, pause, reason);
      // What is being read now may be older.
      await readAgain();
      await read();
    },
    [Symbol.asyncDispose]: async () => clearInterval(polling),
  };

  /** While the database is away nothing can be sent: every request is marked first. Until then the last state read stays in force. */
  async function tryToRead(): Promise<void> {
    try {
      await read();
      failing = false;
    } catch (error) {
      if (!failing) emit({ event: "pauses-unread", error });
      failing = true;
    }
  }

  async function read(): Promise<void> {
    const found = await ledger.pauses();
    const before = paused;
    paused = new Map(found.map((pause) => [pause.provider, pause]));
    for (const provider of paused.keys()) if (!before.has(provider)) emit({ event: "provider-paused", provider });
    for (const provider of before.keys()) {
      if (paused.has(provider)) continue;
      emit({ event: "provider-started", provider });
      alarm.now();
    }
  }
}

function pauseBySetting(provider: string): Pause {
  return { provider, pausedAt: null, reason: `The setting ${provider}_PAUSED is true.` };
}
