/** Does `work` once at a time: calls that come while it is under way get that same result. */
export function singleFlight<T>(work: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined;
  return () => {
    underWay ??= work().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}

/** Work that never runs twice at a time. A call of `run` while it runs makes it run once more. */
export interface Rerun {
  run(): void;
  readonly running: boolean;
  /** Resolves when it is not running. */
  idle(): Promise<void>;
}

/** `work` must not reject. */
export function rerun(work: () => Promise<void>): Rerun {
  let asked = false;
  let running: Promise<void> | undefined;

  return {
    run: () => {
      asked = true;
      running ??= workOff();
    },
    get running() {
      return running !== undefined;
    },
    idle: async () => {
      while (running) await running;
    },
  };

  async function workOff(): Promise<void> {
    while (asked) {
      asked = false;
      await work();
    }
    running = undefined;
  }
}
