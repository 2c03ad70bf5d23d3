import type { Emit } from "../domain/events.ts";

/** Longest that a probe waits for the database, ms: longer than a healthy one takes, and within what orchestrators wait. */
const patienceMs = 2000;

/**
 * Tells whether the database takes work, within `patienceMs` whatever it does. Probes that come at the same time share one
 * answer. Each change is logged once, with the database's code; probes by themselves are not.
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
