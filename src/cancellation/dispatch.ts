import { setTimeout as pause } from "node:timers/promises";
import { isBrokenCircuitError } from "cockatiel";
import type { Claim, Progress } from "../domain/cancellation.ts";
import type { Ledger, Step } from "../domain/ledger.ts";
import type { Log } from "../domain/log.ts";
import type { Outcome, ProblemCode, Standing } from "../domain/outcome.ts";
import { batchRefused, type ProviderClient } from "../domain/provider.ts";
import { type Circuit, circuitOf, createBreaker } from "./circuit.ts";
import { askLeave, createLoader, type Leave } from "./departures.ts";
import type { Pace, Permit } from "./pace.ts";
import { type Policy, settle, settleStanding } from "./settle.ts";
import { inSpan } from "./span.ts";

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
  log: Log;
}

/** What was kept back here. */
const notSent: Outcome = { kind: "notSent", code: "PROVIDER_UNAVAILABLE" };

/** Waits before an outcome is written again while the database is away, ms; together shorter than a lease. */
const writeDelaysMs = [100, 500, 1000, 2000, 4000, 8000];

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { provider, client, ledger, policy, now, random, log } = options;
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
        if (!isAbort(error)) log.error({ provider, event: "step-abandoned", error });
        await ledger.handBack([claim]).catch(() => {});
      } finally {
        claims.delete(claim);
      }
    },
  };

  async function takeStep(claim: Claim): Promise<void> {
    if (claim.sentAt !== null) return write([toStep(claim, { kind: "unknown" }, null)]);
    const invalid = claim.step === "cancel" ? invalidId(claim.orderId) : undefined;
    if (invalid !== undefined) {
      const outcome: Outcome = { kind: "refused", code: "INVALID_ORDER_ID", providerMessage: invalid };
      return write([toStep(claim, outcome, null)]);
    }
    return (claim.step === "lookup" ? lookups : cancels).load(claim);
  }

  function invalidId(orderId: string): string | undefined {
    return /[/\\]/.test(orderId) ? "it holds a slash" : client.invalidId?.(orderId);
  }

  async function sendCancels(batch: readonly Claim[], { permit, waitMs }: Leave): Promise<void> {
    let pauseMs = 0;
    let sent: { held: readonly Claim[]; answer: Awaited<ReturnType<ProviderClient["cancel"]>>; durationMs: number };
    try {
      sent = await breaker.execute(async () => {
        const held = await ledger.markSent(batch);
        const startedAt = now();
        if (startedAt > permit.sendBefore) return { held, answer: held.map(() => notSent), durationMs: 0 };
        if (held.length === 0) return { held, answer: [], durationMs: 0 };
        const orderIds = held.map((claim) => claim.orderId);
        const answer = await inSpan("cancel", { provider, orders: held.length }, () => client.cancel(orderIds));
        return { held, answer, durationMs: now() - startedAt };
      });
      if (sent.answer !== batchRefused) pauseMs = longestPause(sent.answer);
    } catch (error) {
      if (!isBrokenCircuitError(error)) throw error;
      return write(batch.map((claim) => toStep(claim, notSent, null)));
    } finally {
      await release(permit, pauseMs);
    }
    const { held, answer, durationMs } = sent;
    if (answer !== batchRefused) {
      log.info({
        provider,
        event: "cancel",
        orders: held.length,
        waitMs,
        durationMs,
        outcomes: tally(answer.map(kindOf)),
      });
      return write(held.map((claim, index) => toStep(claim, answer[index] ?? { kind: "unknown" }, durationMs)));
    }
    log.info({ provider, event: "batch-refused", orders: held.length, waitMs, durationMs });
    const middle = Math.ceil(held.length / 2);
    const halves = [held.slice(0, middle), held.slice(middle)];
    await Promise.all(halves.map(async (half) => sendCancels(half, await askLeave(options))));
  }

  async function sendLookups(batch: readonly Claim[], { permit, waitMs }: Leave): Promise<void> {
    const startedAt = now();
    let standings: readonly Standing[] = [];
    try {
      const orderIds = batch.map((claim) => claim.orderId);
      const ask = async () => (await client.lookup?.(orderIds)) ?? [];
      standings = await breaker.execute(() => inSpan("lookup", { provider, orders: batch.length }, ask));
    } catch (error) {
      if (!isBrokenCircuitError(error)) throw error;
    } finally {
      await release(permit, longestPause(standings));
    }
    const durationMs = now() - startedAt;
    log.info({
      provider,
      event: "lookup",
      orders: batch.length,
      waitMs,
      durationMs,
      outcomes: tally(standings.map(kindOf)),
    });
    await write(
      batch.map((claim, index) => {
        const standing = standings[index] ?? { kind: "unanswered" };
        const progress = settleStanding(claim, standing, policy, circumstances());
        return toLookupStep(claim, standing, progress, durationMs);
      }),
    );
  }

  function toStep(claim: Claim, outcome: Outcome, durationMs: number | null): Step {
    const progress = settle(claim, outcome, policy, circumstances());
    // Marked as sent, but the cancel never reached them: it does not count.
    const uncounted = outcome.kind === "notSent" && !outcome.carried && claim.sentAt !== null;
    const event = { kind: "ANSWERED" as const, problemCode: codeOf(outcome), httpStatus: outcome.httpStatus ?? null };
    return { claim, progress, attempts: claim.attempts - (uncounted ? 1 : 0), event: { ...event, durationMs } };
  }

  function circumstances() {
    return { now: now(), random: random(), canLookUp: client.lookup !== undefined };
  }

  /** An outcome in hand is worth waiting for the database; beyond the lease the record counts as unknown anyway. */
  async function write(steps: readonly Step[]): Promise<void> {
    for (const delayMs of writeDelaysMs) {
      try {
        await ledger.write(steps);
        for (const { progress } of steps) if (progress.dueAt !== null) options.onDue(progress.dueAt);
        const settled = steps.map(({ progress }) => progress.status).filter((status) => status !== "PENDING");
        if (settled.length > 0)
          log.info({ provider, event: "settled", orders: settled.length, outcomes: tally(settled) });
        return;
      } catch (error) {
        log.error({ provider, event: "write-failed", error });
        await pause(delayMs);
      }
    }
    throw new Error("outcomes could not be written");
  }

  async function release(permit: Permit, pauseMs: number): Promise<void> {
    await permit.release(pauseMs).catch((error) => log.error({ provider, event: "release-failed", error }));
  }
}

function longestPause(answers: readonly (Outcome | Standing)[]): number {
  return Math.max(0, ...answers.map((answer) => ("retryAfterMs" in answer ? (answer.retryAfterMs ?? 0) : 0)));
}

function kindOf({ kind }: Outcome | Standing): string {
  return kind;
}

function tally(words: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    Map.groupBy(words, (word) => word)
      .entries()
      .map(([word, { length }]) => [word, length]),
  );
}

function codeOf(answer: Outcome | Standing): ProblemCode | null {
  if ("code" in answer) return answer.code;
  return answer.kind === "cancelled" || answer.kind === "open" ? null : "OUTCOME_UNKNOWN";
}

function toLookupStep(claim: Claim, standing: Standing, progress: Progress, durationMs: number): Step {
  const event = { kind: "LOOKED_UP" as const, problemCode: codeOf(standing), httpStatus: standing.httpStatus ?? null };
  return { claim, progress, attempts: claim.attempts, event: { ...event, durationMs } };
}

/** Work has ended: not a fault. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
