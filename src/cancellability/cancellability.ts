import { type Cancellation, type OrderKey, orderKeyText } from "../domain/cancellation.ts";
import type { Clock } from "../domain/clock.ts";
import type { CancellabilitySource, Emit } from "../domain/events.ts";
import type { Ledger } from "../domain/ledger.ts";
import type { ProviderClient } from "../domain/provider.ts";
import type { Lane, NotAsked } from "./lane.ts";
import { createMemory } from "./memory.ts";
import { type Standing, standingOfRecord, standingOfWord, unable, unknown, type Word } from "./standing.ts";

/** Tells whether orders can still be cancelled: by our record, or by what the provider says. */
export interface Cancellability {
  /**
   * Begins the questions of one request. `mostAsked`: how many orders providers may be asked about, 100 unless given. With 0 no question
   * waits, not even for what others ask.
   */
  begin(mostAsked?: number): Questions;
}

/** The questions of one request. Together they wait for 2.5 s at the most. */
export interface Questions {
  /**
   * How this order stands. `record`: our own, as it is now. An answer of the provider that can still change is at most `maxAgeMs`
   * old. Null if the provider is not set up. Never rejects.
   */
  ask(key: OrderKey, record: Cancellation | undefined, maxAgeMs: number): Promise<Standing | null>;
  /** How an order stands whose id cannot be one of any provider. */
  impossible(key: OrderKey): Standing | null;
}

export interface ServedProvider {
  provider: string;
  lane: Lane;
  /** Why this text cannot be an id. */
  invalidId: ProviderClient["invalidId"];
}

export interface CancellabilityOptions {
  providers: readonly ServedProvider[];
  ledger: Pick<Ledger, "onChange" | "onGap">;
  clock: Clock;
  emit: Emit;
  /** Longest that one request waits for providers, ms. */
  waitMs?: number;
}

const mostAskedByDefault = 100;

/** Most orders that are asked for at once, over all requests. */
const mostInFlight = 2000;

export function createCancellability(options: CancellabilityOptions): Cancellability {
  const { ledger, clock, emit, waitMs = 2500 } = options;
  const { elapsed } = clock;
  const served = new Map(options.providers.map((each) => [each.provider, each]));
  const memory = createMemory(elapsed);
  /** What is asked at this moment, by order: all requests share it. */
  const inFlight = new Map<string, Promise<Word | NotAsked>>();
  ledger.onChange((key) => forget(orderKeyText(key)));
  ledger.onGap(() => {
    memory.clear();
    inFlight.clear();
  });

  return {
    begin: (mostAsked = mostAskedByDefault) => {
      let left = mostAsked;
      let timeUp: Promise<NotAsked> | undefined;

      const impossible: Questions["impossible"] = ({ provider }) => {
        if (!served.has(provider)) return null;
        return told(provider, "record", unable("INVALID_ORDER_ID", clock.now()));
      };

      return {
        impossible,
        ask: async (key, record, maxAgeMs) => {
          const { provider, orderId } = key;
          const serving = served.get(provider);
          if (!serving) return null;
          const known = record && standingOfRecord(record, clock.now());
          if (known) return told(provider, "record", known);
          if (serving.invalidId?.(orderId) !== undefined) return impossible(key);
          const text = orderKeyText(key);
          const remembered = memory.find(text, maxAgeMs);
          if (remembered) return told(provider, "cache", judge(remembered, record));
          const underWay = mostAsked > 0 ? inFlight.get(text) : undefined;
          if (!underWay && (left <= 0 || inFlight.size >= mostInFlight))
            return told(provider, "none", unknown("NOT_CHECKED"));
          if (!underWay) left -= 1;
          timeUp ??= notCheckedAfter(waitMs);
          const said = await Promise.race([underWay ?? start(serving.lane, orderId, text), timeUp]);
          if ("notAsked" in said) return told(provider, "none", unknown(said.notAsked));
          return told(provider, "provider", judge(said, record));
        },
      };
    },
  };

  function start(lane: Lane, orderId: string, text: string): Promise<Word | NotAsked> {
    const asking = lane.ask(orderId).then((said) => {
      // Otherwise the order was sent or settled meanwhile: this may be how it stood before.
      if (inFlight.get(text) === asking) {
        inFlight.delete(text);
        if ("result" in said) memory.keep(text, said);
      }
      return said;
    });
    inFlight.set(text, asking);
    return asking;
  }

  function forget(text: string): void {
    memory.drop(text);
    inFlight.delete(text);
  }

  function judge(word: Word, record: Cancellation | undefined): Standing {
    return standingOfWord(word, record, { now: clock.now(), elapsed: elapsed() });
  }

  function told<Answer extends Standing>(provider: string, source: CancellabilitySource, standing: Answer): Answer {
    emit({ event: "cancellability", provider, source });
    return standing;
  }
}

/** One timer for all questions of a request. */
function notCheckedAfter(ms: number): Promise<NotAsked> {
  return new Promise((resolve) => setTimeout(resolve, ms, { notAsked: "NOT_CHECKED" }).unref());
}
