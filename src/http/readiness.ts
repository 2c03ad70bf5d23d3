import type { Emit } from "../domain/events.ts";
import { singleFlight } from "../util/single-flight.ts";
import { within } from "../util/within.ts";

/** Longest that a probe waits for the database, ms. A healthy one answers sooner, and orchestrators wait longer. */
const timeoutMs = 2000;

/**
 * Whether the database takes work. It always resolves within `timeoutMs`. Probes that arrive at the same time share one answer.
 * Each change is an event, with the database's error; a probe without a change is none.
 */
export function watchReadiness(ping: () => Promise<void>, emit: Emit): () => Promise<boolean> {
  let ready = true;

  const note = (answer: boolean, error?: unknown): boolean => {
    if (ready !== answer) emit(answer ? { event: "ready" } : { event: "not-ready", error });
    ready = answer;
    return answer;
  };

  return singleFlight(async () => {
    const late = Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" });
    const asked = ping().then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const failure = await within(timeoutMs, asked, { error: late });
    return failure ? note(false, failure.error) : note(true);
  });
}
