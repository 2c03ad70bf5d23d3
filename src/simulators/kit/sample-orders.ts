import type { Fault } from "./fault.ts";

/** Orders that a simulator knows from the start, and one that it does not know. */
export interface SampleOrders {
  /** One id of each kind to try by hand. */
  readonly firstLook: { cancellable: string; tooLate: string; unknown: string };
  /** Ids of all orders that can be cancelled at the start; at least five. */
  readonly open: readonly string[];
  /** Ids of all orders that are too late to cancel. */
  readonly completed: readonly string[];
  /** Open orders with which something goes wrong: ids by what it is. */
  readonly troubled: Readonly<Record<Trouble, string>>;
}

/**
 * `hangs`: the first cancel is never answered and has no effect. `busy`: the first cancel is answered 429. `answerLost`: the
 * first cancel takes effect, and its connection is reset. `unclear`: no cancel has an effect or an answer, and from then on
 * each look-up fails; in a batch the order is left out of the answer instead. `tooEarly`: the order is 100 s old when the first request names it.
 */
export type Trouble = "hangs" | "busy" | "answerLost" | "unclear" | "tooEarly";

/**
 * Sample orders whose ids begin with `prefix`, which has the format that the provider's page shows, and end in two digits:
 * 01 to 06 are open, 81 to 85 troubled, 91 and 92 completed, 99 is unknown. `moreOpen` are ids of another format.
 */
export function sampleOrders(prefix: string, moreOpen: readonly string[] = []): SampleOrders {
  const like = (...endings: string[]) => endings.map((ending) => prefix + ending);
  return {
    firstLook: { cancellable: `${prefix}01`, tooLate: `${prefix}91`, unknown: `${prefix}99` },
    open: [...like("01", "02", "03", "04", "05", "06"), ...moreOpen],
    completed: like("91", "92"),
    troubled: {
      hangs: `${prefix}81`,
      busy: `${prefix}82`,
      answerLost: `${prefix}83`,
      unclear: `${prefix}84`,
      tooEarly: `${prefix}85`,
    },
  };
}

/** Of an order that is too early to cancel at a provider that waits two minutes, when the first request names it. */
export const tooEarlyAgeMs = 100_000;

/** Makes the troubled samples go wrong. `onFirst` hears of the first request that names an order, before it takes effect. */
export function sampleFaults(
  { hangs, busy, answerLost, unclear }: SampleOrders["troubled"],
  onFirst: (id: string) => void,
): (request: { operation: string; orderIds: readonly string[] }) => Fault | undefined {
  const named = new Set<string>();
  const cancelled = new Set<string>();
  return ({ operation, orderIds }) => {
    for (const id of orderIds) {
      if (!named.has(id)) onFirst(id);
      named.add(id);
    }
    const alone = orderIds.length === 1 ? orderIds[0] : undefined;
    if (operation !== "cancel") {
      return alone === unclear && cancelled.has(unclear) ? { kind: "status", status: 500, effect: false } : undefined;
    }
    const first = orderIds.filter((id) => !cancelled.has(id));
    for (const id of first) cancelled.add(id);
    if (alone === unclear) return { kind: "reset", effect: false };
    if (first.includes(hangs)) return { kind: "hang", effect: false };
    if (first.includes(busy)) return { kind: "status", status: 429, headers: { "retry-after": "3" }, effect: false };
    return first.includes(answerLost) ? { kind: "reset", effect: true } : undefined;
  };
}
