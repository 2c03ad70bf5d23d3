import { setTimeout as pause } from "node:timers/promises";
import { isBrokenCircuitError } from "cockatiel";
import type { Claim } from "../domain/cancellation.ts";
import type { Ledger, Step } from "../domain/ledger.ts";
import type { Log } from "../domain/log.ts";
import type { Outcome, Standing } from "../domain/outcome.ts";
import { type BatchRefused, batchRefused, type ProviderClient } from "../domain/provider.ts";
import { breakerPauseMs, type Circuit, circuitOf, createBreaker } from "./circuit.ts";
import { askLeave, createLoader, type Leave } from "./departures.ts";
import type { Pace, Permit } from "./pace.ts";
import type { Policy } from "./settle.ts";
import { inSpan } from "./span.ts";
import { cancelStep, keptBackStep, lookupStep, type Situation } from "./step.ts";

/** Takes claims of one provider through their next step: in batches, at its pace, behind its circuit breaker. */
export interface Dispatcher {
  /** Resolves once the step is written or the claim had to be let go; never rejects. */
  dispatch(claim: Claim): Promise<void>;
  /** Claims in hand, to be renewed. */
  readonly claims: ReadonlySet<Claim>;
  readonly circuit: Circuit;
}

export interface DispatcherOptions {
  provider: string;
  client: ProviderClient;
  /** Most orders one request can carry. */
  maxBatchSize: number;
  ledger: Ledger;
  pace: Pace;
  policy: Policy;
  now(): number;
  /** In [0, 1). */
  random(): number;
  /** Told when a record's next step is due, epoch ms. */
  onDue(at: number): void;
  /** Aborted when nothing more can be written. */
  signal: AbortSignal;
  log: Log;
}

/** What was kept back here. */
const notSent = { kind: "notSent", code: "PROVIDER_UNAVAILABLE" } satisfies Outcome;

/** Waits before an outcome is written again while the database is away, ms; the last one repeats. */
const writeDelaysMs = [100, 500, 1000, 2000, 4000];

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { provider, client, ledger, policy, now, random, signal, log } = options;
  const claims = new Set<Claim>();
  const breaker = createBreaker(provider, log);
  const cancels = createLoader(options, sendCancels);
  const lookups = createLoader(options, sendLookups);

  return {
    claims,
    get circuit() {
      return circuitOf(breaker);
    },
    dispatch: async (claim) => {
      claims.add(claim);
      try {
        await takeStep(claim);
      } catch (error) {
        await abandon([claim], error);
      } finally {
        claims.delete(claim);
      }
    },
  };

  async function takeStep(claim: Claim): Promise<void> {
    const local = { marked: false, durationMs: null };
    if (claim.sentAt !== null) return write([cancelStep(claim, { kind: "unknown" }, situation(), local)]);
    if (claim.step === "lookup") return lookups.load(claim);
    const invalid = client.invalidId?.(claim.orderId);
    if (invalid === undefined) return cancels.load(claim);
    const outcome: Outcome = { kind: "refused", code: "INVALID_ORDER_ID", providerMessage: invalid };
    return write([cancelStep(claim, outcome, situation(), local)]);
  }

  async function sendCancels(batch: readonly Claim[], { permit, waitMs }: Leave): Promise<void> {
    let sent: Sent | undefined;
    try {
      sent = await breaker.execute(() => send(batch, permit));
    } catch (error) {
      if (!isBrokenCircuitError(error)) throw error;
      const local = { marked: false, durationMs: null };
      return write(batch.map((claim) => cancelStep(claim, notSent, situation(), local)));
    } finally {
      await release(permit, sent?.answer);
    }
    const { held, answer, durationMs } = sent;
    if (answer === batchRefused) return sendHalves(held);
    const how = { marked: true, durationMs };
    if (answer) report("cancel", answer, { waitMs, durationMs });
    const outcomes = answer ?? held.map(() => notSent);
    return write(
      held.map((claim, index) => cancelStep(claim, outcomes[index] ?? { kind: "unknown" }, situation(), how)),
    );
  }

  /** Without an answer where there was nothing left to send, or no time left to send it in. */
  async function send(batch: readonly Claim[], permit: Permit): Promise<Sent> {
    const held = await ledger.markSent(batch);
    const startedAt = now();
    if (held.length === 0 || startedAt > permit.sendBefore) return { held, durationMs: 0 };
    const orderIds = held.map((claim) => claim.orderId);
    const askSafely = () =>
      client.cancel(orderIds).catch((error) => brokenWord(error, orderIds, { kind: "unknown" } as const));
    const answer = await inSpan("cancel", { provider, orders: held.length }, askSafely);
    return { held, answer, durationMs: now() - startedAt };
  }

  /** Each by itself: what becomes of one half is nothing to the other. */
  async function sendHalves(batch: readonly Claim[]): Promise<void> {
    log.info({ provider, event: "batch-refused", orders: batch.length });
    const middle = Math.ceil(batch.length / 2);
    await Promise.all([batch.slice(0, middle), batch.slice(middle)].map(sendHalf));
  }

  async function sendHalf(half: readonly Claim[]): Promise<void> {
    try {
      const leave = await askLeave(options).catch(() => undefined);
      if (leave) return await sendCancels(half, leave);
      // Marked as sent with the whole batch, on which the provider certainly did not act.
      const refused = { ...notSent, carried: true } satisfies Outcome;
      const local = { marked: false, durationMs: null };
      await write(half.map((claim) => cancelStep(claim, refused, situation(), local)));
    } catch (error) {
      await abandon(half, error);
    }
  }

  async function sendLookups(batch: readonly Claim[], { permit, waitMs }: Leave): Promise<void> {
    const startedAt = now();
    if (startedAt > permit.sendBefore) {
      await release(permit, undefined);
      return ledger.handBack(batch);
    }
    const orderIds = batch.map((claim) => claim.orderId);
    const ask = async () => (await client.lookup?.(orderIds)) ?? [];
    const askSafely = () => ask().catch((error) => brokenWord(error, orderIds, { kind: "unanswered" } as const));
    let standings: readonly Standing[] | undefined;
    try {
      standings = await breaker.execute(() => inSpan("lookup", { provider, orders: batch.length }, askSafely));
    } catch (error) {
      if (!isBrokenCircuitError(error)) throw error;
      return write(batch.map((claim) => keptBackStep(claim, situation(), breakerPauseMs)));
    } finally {
      await release(permit, standings);
    }
    const durationMs = now() - startedAt;
    report("lookup", standings, { waitMs, durationMs });
    const found = standings;
    await write(
      batch.map((claim, index) => lookupStep(claim, found[index] ?? { kind: "unanswered" }, situation(), durationMs)),
    );
  }

  /** Clients do not throw; one that does has sent something and told nothing. */
  function brokenWord<Word>(error: unknown, orderIds: readonly string[], word: Word): Word[] {
    log.error({ provider, event: "client-failed", error });
    return orderIds.map(() => word);
  }

  function situation(): Situation {
    return { policy, world: { now: now(), random: random(), canLookUp: client.lookup !== undefined } };
  }

  function report(
    event: string,
    answers: readonly (Outcome | Standing)[],
    times: { waitMs: number; durationMs: number },
  ) {
    log.info({ provider, event, orders: answers.length, ...times, outcomes: tally(answers.map(({ kind }) => kind)) });
  }

  /**
   * An outcome in hand is worth waiting for the database, however long: the records stay ours meanwhile, or were taken over
   * and count as unknown, and then nothing is written.
   */
  async function write(steps: readonly Step[]): Promise<void> {
    if (steps.length === 0) return;
    for (let tries = 0; ; tries += 1) {
      try {
        await ledger.write(steps);
        break;
      } catch (error) {
        if (signal.aborted) throw error;
        log.error({ provider, event: "write-failed", error });
        await pause(writeDelaysMs[Math.min(tries, writeDelaysMs.length - 1)], undefined, { signal });
      }
    }
    for (const { progress } of steps) if (progress.dueAt !== null) options.onDue(progress.dueAt);
    const ends = steps.map(({ progress }) => progress.status).filter((status) => status !== "PENDING");
    if (ends.length > 0) log.info({ provider, event: "settled", orders: ends.length, outcomes: tally(ends) });
  }

  async function release(permit: Permit, answer: Sent["answer"] | readonly Standing[]): Promise<void> {
    const use = answer === undefined ? undefined : { pauseMs: answer === batchRefused ? 0 : longestPause(answer) };
    await permit.release(use).catch((error) => log.error({ provider, event: "release-failed", error }));
  }

  /** Lets go of what could not be finished; where even that fails, the leases run out. */
  async function abandon(unfinished: readonly Claim[], error: unknown): Promise<void> {
    if (!isAbort(error)) log.error({ provider, event: "step-abandoned", orders: unfinished.length, error });
    await ledger.handBack(unfinished).catch(() => {});
  }
}

/** What became of a batch: who was still ours, and the answer where it was sent. */
interface Sent {
  held: readonly Claim[];
  answer?: readonly Outcome[] | BatchRefused;
  durationMs: number;
}

function longestPause(answers: readonly (Outcome | Standing)[]): number {
  return Math.max(0, ...answers.map((answer) => ("retryAfterMs" in answer ? (answer.retryAfterMs ?? 0) : 0)));
}

function tally(words: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    Map.groupBy(words, (word) => word)
      .entries()
      .map(([word, { length }]) => [word, length]),
  );
}

/** Work has ended: not a fault. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
