import type { LookupResult } from "../domain/outcome.ts";
import { isFinal, type Word } from "./standing.ts";

/** What providers said lately, by order. It forgets the oldest beyond `most`. */
export interface Memory {
  /** What may still be believed of this order and is not older than `maxAgeMs`, unless it never changes any more. */
  find(order: string, maxAgeMs: number): Word | undefined;
  keep(order: string, word: Word): void;
  drop(order: string): void;
  clear(): void;
  readonly size: number;
}

/** How long a word is believed, ms: one that never changes any more, and any other. */
const [finalForMs, openForMs] = [60 * 60_000, 15_000];

/** `elapsed`: ms since some moment; never goes back. */
export function createMemory(elapsed: () => number, most: number = 10_000): Memory {
  const words = new Map<string, Word>();

  return {
    find: (order, maxAgeMs) => {
      const word = words.get(order);
      if (!word) return undefined;
      const leftMs = believedUntil(word) - elapsed();
      if (leftMs <= 0) words.delete(order);
      const isYoung = isFinal(word.result) || elapsed() - word.askedAt <= maxAgeMs;
      return leftMs > 0 && isYoung ? word : undefined;
    },
    keep: (order, word) => {
      // An answer that did not come says nothing about the order: the next reader asks the provider again.
      if (word.result.kind === "unanswered" || word.result.kind === "batchRefused") return;
      words.delete(order);
      words.set(order, { ...word, result: withoutDetails(word.result) });
      for (const oldest of words.keys()) {
        if (words.size <= most) break;
        words.delete(oldest);
      }
    },
    drop: (order) => void words.delete(order),
    clear: () => words.clear(),
    get size() {
      return words.size;
    },
  };
}

/** What the provider said beside that is long, and shown to no reader. */
function withoutDetails(result: LookupResult): LookupResult {
  const { providerCode: _, providerMessage: __, httpStatus: ___, ...kept } = result;
  return kept;
}

/** That an order cannot be cancelled yet is true until it opens. */
function believedUntil({ result, askedAt, answeredAt }: Word): number {
  const until = askedAt + (isFinal(result) ? finalForMs : openForMs);
  const opensInMs = result.kind === "unclear" ? result.opensInMs : undefined;
  return opensInMs === undefined ? until : Math.min(until, answeredAt + opensInMs);
}
