/** Stretches of time during which something was so. Instants are epoch ms. */
export interface Periods {
  begin(): void;
  end(): void;
  /** The first of them that overlaps these two instants; `to` is infinite while it goes on. */
  within(from: number, to: number): { from: number; to: number } | undefined;
}

export function recordPeriods(): Periods {
  const periods: { from: number; to: number }[] = [];
  return {
    begin: () => void periods.push({ from: Date.now(), to: Number.POSITIVE_INFINITY }),
    end: () => {
      const last = periods.at(-1);
      if (last) last.to = Date.now();
    },
    within: (from, to) => periods.find((each) => each.from <= to && each.to >= from),
  };
}
