/** Bounds how many of something are held at once: in all, and by one caller. */
export interface Places {
  /** Takes `count` of them for this caller. Returns what gives them back, or whose places would not suffice. */
  take(caller: string | null, count?: number): (() => void) | "of all" | "of the caller";
  readonly taken: number;
}

/** Callers that no token names cannot be told apart: for them only `all` holds. */
export function createPlaces({ all, each }: { all: number; each: number }): Places {
  const ofCallers = new Map<string, number>();
  let taken = 0;

  const add = (caller: string | null, count: number) => {
    taken += count;
    if (caller === null) return;
    const own = takenBy(caller) + count;
    if (own === 0) ofCallers.delete(caller);
    else ofCallers.set(caller, own);
  };
  const takenBy = (caller: string) => ofCallers.get(caller) ?? 0;

  return {
    take: (caller, count = 1) => {
      if (caller !== null && takenBy(caller) + count > each) return "of the caller";
      if (taken + count > all) return "of all";
      add(caller, count);
      return () => add(caller, -count);
    },
    get taken() {
      return taken;
    },
  };
}
