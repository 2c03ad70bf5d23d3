import type { Emit } from "../domain/events.ts";

/** Longest that a probe waits for the database, ms. A healthy one answers sooner, and orchestrators wait longer. */
const patienceMs = 2000;

/**
 * Whether the database takes work. It always resolves within `patienceMs`. Probes that arrive at the same time share one answer.
 * Each change is an event, with the database's error; a probe without a change is none.
 */
export function watchReadiness(ping: () => Promise<void>, emit: Emit): () => Promise<boolean> {
  let ready = true;
  let asking: Promise<boolean> | undefined;

  const note = (answer: boolean, error?: unknown): boolean => {
    if (ready !== answer) emit(answer ? { event: "ready" } : { event: "not-ready", error });
    ready = answer;
    return answer;
  };
  const ask = async (): Promise<boolean> =>
    within(patienceMs, ping()).then(
      () => note(true),
      (error) => note(false, error),
    );

  return () => {
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  };
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" }));
  }, ms);
  await Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}
