import type { Claim } from "../../domain/cancellation.ts";
import type { Emit } from "../../domain/events.ts";
import type { Ledger, Step } from "../../domain/ledger.ts";
import type { LookupResult, Outcome } from "../../domain/outcome.ts";
import type { ProviderClient } from "../../domain/provider.ts";
import type { Policy } from "../decide.ts";
import type { RequestTraces } from "../request-traces.ts";
import { attemptStep, localStep, lookupStep, type Situation, skippedCancelStep, skippedLookupStep } from "../step.ts";
import { breakerPauseMs, type CircuitBreaker } from "./breaker.ts";
import { createExchanger } from "./exchange.ts";
import type { Permit } from "./limiter.ts";
import type { Writer } from "./writer.ts";

/** Makes the next step of each claim of one provider: in batches, with permits, and behind its circuit breaker. */
export interface Dispatcher {
  /**
   * Makes the next step of each of these. `permits`: enough for all requests that they may need; all are released. Resolves
   * when the steps are written, or the claims are released because that failed. Never rejects.
   */
  send(claims: readonly Claim[], permits: readonly Permit[]): Promise<void>;
  /** Puts these off until the circuit lets requests pass. Never rejects. */
  skip(claims: readonly Claim[]): Promise<void>;
  /** The claims whose step is under way. The poller renews them. */
  readonly claims: ReadonlySet<Claim>;
}

export interface DispatcherOptions {
  provider: string;
  client: ProviderClient;
  /** Most orders one request can carry. */
  maxBatchSize: number;
  ledger: Pick<Ledger, "markSent">;
  writer: Pick<Writer, "write" | "release">;
  breaker: CircuitBreaker;
  traces: Pick<RequestTraces, "of">;
  policy: Policy;
  /** Ms since some moment; never goes back. */
  elapsed(): number;
  /** In [0, 1). */
  random(): number;
  /** Called with the time until a record's next step is due, ms. */
  onDue(delayMs: number): void;
  /** Whether nothing may be sent at this moment. */
  paused(): boolean;
  /** Aborted when nothing more may be sent. */
  signal: AbortSignal;
  emit: Emit;
}

/** The outcome of an order that was not sent for a reason of ours. */
const notSent = { kind: "notSent", code: "PROVIDER_UNAVAILABLE" } satisfies Outcome;

/** How long an order waits if it could not be marked, or not sent in time, ms. */
const skippedForMs = 1000;

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { provider, client, maxBatchSize, ledger, writer, breaker, policy, elapsed, random, paused, signal, emit } =
    options;
  const claims = new Set<Claim>();
  const exchange = createExchanger({ provider, breaker, paused, traces: options.traces, elapsed, emit });

  return {
    claims,
    send: (taken, permits) =>
      hold(taken, async () => {
        if (signal.aborted || paused()) return Promise.all([writer.release(taken), releaseAll(permits)]);
        const { decided, toCancel, toLookUp } = divide(taken);
        const requests = [...batches(toCancel), ...batches(toLookUp)];
        return Promise.all([
          ...requests.map((batch, index) => finish(batch, () => sendBatch(batch, permits[index]))),
          releaseAll(permits.slice(requests.length)),
          finish(decided, () => write(decided.map(decidedStep))),
        ]);
      }),
    skip: (taken) => hold(taken, () => finish(taken, () => write(taken.map(skippedStep)))),
  };

  async function hold(taken: readonly Claim[], work: () => Promise<unknown>): Promise<void> {
    for (const claim of taken) claims.add(claim);
    try {
      await work();
    } catch (error) {
      emit({ provider, event: "step-abandoned", orders: taken.length, error });
    } finally {
      for (const claim of taken) claims.delete(claim);
    }
  }

  /** If a step fails, its claims are released. If that fails as well, their leases run out. */
  async function finish(batch: readonly Claim[], step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      emit({ provider, event: "step-abandoned", orders: batch.length, error });
      await writer.release(batch).catch(() => {});
    }
  }

  function divide(taken: readonly Claim[]) {
    const parts = Map.groupBy(taken, (claim) => (isDecided(claim) ? "decided" : claim.step));
    return {
      decided: parts.get("decided") ?? [],
      toCancel: parts.get("cancel") ?? [],
      toLookUp: parts.get("lookup") ?? [],
    };
  }

  /** Whether its next step needs no request: an earlier holder may have sent it, or its id cannot be one. */
  function isDecided(claim: Claim): boolean {
    return claim.sentAt !== null || (claim.step === "cancel" && client.invalidId?.(claim.orderId) !== undefined);
  }

  function decidedStep(claim: Claim): Step {
    if (claim.sentAt !== null) return attemptStep(claim, { kind: "unknown" }, situation(), null);
    const providerMessage = client.invalidId?.(claim.orderId) ?? "";
    const outcome = { kind: "refused", code: "INVALID_ORDER_ID", providerMessage } satisfies Outcome;
    emit({ event: "refused-here", provider, code: outcome.code });
    return localStep(claim, outcome, situation());
  }

  function skippedStep(claim: Claim): Step {
    if (isDecided(claim)) return decidedStep(claim);
    if (claim.step === "lookup") return skippedLookupStep(claim, situation(), breakerPauseMs);
    return localStep(claim, untilCircuitCloses(), situation());
  }

  function batches(toSend: readonly Claim[]): (readonly Claim[])[] {
    const starts = Array.from({ length: Math.ceil(toSend.length / maxBatchSize) }, (_, index) => index * maxBatchSize);
    return starts.map((start) => toSend.slice(start, start + maxBatchSize));
  }

  function sendBatch(batch: readonly Claim[], permit: Permit | undefined): Promise<void> {
    if (!permit) throw new Error("a request needs a permit");
    return batch[0]?.step === "lookup" ? sendLookups(batch, permit) : sendCancels(batch, permit);
  }

  async function sendCancels(batch: readonly Claim[], permit: Permit): Promise<void> {
    const result = await exchange<Outcome>(
      {
        operation: "cancel",
        prepare: () => ledger.markSent(batch),
        ask: (orderId) => client.cancel(orderId),
        brokenAnswer: { kind: "unknown" },
      },
      permit,
    );
    switch (result.kind) {
      case "circuitOpen":
        return write(batch.map(skippedStep));
      case "unprepared":
        // They may have been marked although that failed. This write corrects both cases.
        return write(batch.map((claim) => skippedCancelStep(claim, claim.attempts, skippedForMs)));
      case "unsent":
        return write(result.claims.map((claim) => skippedCancelStep(claim, claim.attempts - 1, skippedForMs)));
      case "answered": {
        const { answers, durationMs } = result;
        const outcomeOf = (index: number): Outcome => answers[index] ?? { kind: "unknown" };
        return write(
          result.claims.map((claim, index) => attemptStep(claim, outcomeOf(index), situation(), durationMs)),
        );
      }
    }
  }

  async function sendLookups(batch: readonly Claim[], permit: Permit): Promise<void> {
    const result = await exchange<LookupResult>(
      {
        operation: "lookup",
        prepare: async () => batch,
        ask: async (orderId) => (await client.lookup?.(orderId)) ?? { kind: "unanswered" },
        brokenAnswer: { kind: "unanswered" },
      },
      permit,
    );
    switch (result.kind) {
      case "circuitOpen":
        return write(batch.map(skippedStep));
      case "unprepared":
      case "unsent":
        return writer.release(batch);
      case "answered": {
        const { answers, durationMs } = result;
        const resultOf = (index: number): LookupResult => answers[index] ?? { kind: "unanswered" };
        return write(batch.map((claim, index) => lookupStep(claim, resultOf(index), situation(), durationMs)));
      }
    }
  }

  /** A permit that cannot be released is the slot of a ledger that is away: its lease runs out. */
  async function releaseAll(permits: readonly Permit[]): Promise<void> {
    const failed = (error: unknown) => emit({ provider, event: "release-failed", error });
    await Promise.all(permits.map((permit) => permit.releaseUnused().catch(failed)));
  }

  /** Not sent again before the circuit lets the next request pass. */
  function untilCircuitCloses(): Outcome {
    return { ...notSent, retryAfterMs: breaker.restMs() };
  }

  function situation(): Situation {
    return { policy, conditions: { random: random(), canLookUp: client.lookup !== undefined } };
  }

  async function write(steps: readonly Step[]): Promise<void> {
    await writer.write(provider, steps);
    for (const { progress } of steps) if (progress.delayMs !== null) options.onDue(progress.delayMs);
  }
}
