/** Orders that a simulator knows from the start, and one that it does not know. */
export interface SampleOrders {
  /** One id of each kind to try by hand. */
  readonly firstLook: { cancellable: string; tooLate: string; unknown: string };
  /** Ids of all orders that can be cancelled at the start; at least five. */
  readonly open: readonly string[];
  /** Ids of all orders that are too late to cancel. */
  readonly completed: readonly string[];
}

/**
 * Sample orders whose ids begin with `prefix`, which has the format that the provider's page shows, and end in two digits:
 * 01 to 06 are open, 91 and 92 completed, 99 is unknown. `moreOpen` are ids of another format.
 */
export function sampleOrders(prefix: string, moreOpen: readonly string[] = []): SampleOrders {
  const like = (...endings: string[]) => endings.map((ending) => prefix + ending);
  return {
    firstLook: { cancellable: `${prefix}01`, tooLate: `${prefix}91`, unknown: `${prefix}99` },
    open: [...like("01", "02", "03", "04", "05", "06"), ...moreOpen],
    completed: like("91", "92"),
  };
}
