import type { Claim } from "../domain/cancellation.ts";
import type { Emit } from "../domain/events.ts";
import type { Ledger, Step } from "../domain/ledger.ts";
import type { LookupResult, Outcome } from "../domain/outcome.ts";
import type { ProviderClient } from "../domain/provider.ts";
import { createBatcher } from "./batcher.ts";
import { breakerPauseMs, type Circuit, createBreaker } from "./circuit.ts";
import type { Policy } from "./decide.ts";
import { createExchanger } from "./exchange.ts";
import type { Limiter, Permit } from "./limiter.ts";
import type { RequestTraces } from "./request-traces.ts";
import { attemptStep, localStep, lookupStep, type Situation, skippedCancelStep, skippedLookupStep } from "./step.ts";
import type { Writer } from "./writer.ts";

/** Makes the next step of each claim of one provider: in batches, within its limit, and behind its circuit breaker. */
export interface Dispatcher {
  /** Resolves when the step is written, or the claim is released because that failed. Never rejects. */
  dispatch(claim: Claim): Promise<void>;
  /** The claims whose step is under way. The poller renews them. */
  readonly claims: ReadonlySet<Claim>;
  readonly circuit: Circuit;
}

export interface DispatcherOptions {
  provider: string;
  client: ProviderClient;
  /** Most orders one request can carry. */
  maxBatchSize: number;
  ledger: Pick<Ledger, "markSent">;
  writer: Pick<Writer, "write" | "release">;
  limiter: Limiter;
  traces: Pick<RequestTraces, "of">;
  policy: Policy;
  /** Ms since some moment; never goes back. */
  elapsed(): number;
  /** In [0, 1). */
  random(): number;
  /** Called with the time until a record's next step is due, ms. */
  onDue(delayMs: number): void;
  emit: Emit;
}

/** The outcome of an order that was not sent for a reason of ours. */
const notSent = { kind: "notSent", code: "PROVIDER_UNAVAILABLE" } satisfies Outcome;

/** How long an order waits if it could not be marked, or not sent in time, ms. */
const skippedForMs = 1000;

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { provider, client, ledger, writer, limiter, policy, elapsed, random, emit } = options;
  const claims = new Set<Claim>();
  const breaker = createBreaker(provider, elapsed, emit);
  const exchange = createExchanger({ provider, breaker, traces: options.traces, elapsed, emit });
  const cancels = createBatcher(options, (batch, permit) => sendCancels(batch, permit));
  const lookups = createBatcher(options, (batch, permit) => sendLookups(batch, permit));

  return {
    claims,
    get circuit() {
      return breaker.state;
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
    if (claim.sentAt !== null) return write([attemptStep(claim, { kind: "unknown" }, situation(), null)]);
    if (claim.step === "lookup") return lookups.load(claim);
    const invalid = client.invalidId?.(claim.orderId);
    if (invalid === undefined) return cancels.load(claim);
    const outcome = { kind: "refused", code: "INVALID_ORDER_ID", providerMessage: invalid } satisfies Outcome;
    emit({ event: "refused-here", provider, code: outcome.code });
    return write([localStep(claim, outcome, situation())]);
  }

  /** `inDoubt`: an earlier request with these orders was refused as a whole, and part of it may have been acted on. */
  async function sendCancels(batch: readonly Claim[], permit: Permit, inDoubt = false): Promise<void> {
    const known = (claim: Claim) => (inDoubt ? inDoubtNow(claim) : claim);
    const result = await exchange<Outcome>(
      {
        operation: "cancel",
        prepare: () => ledger.markSent(batch),
        ask: (orderIds) => client.cancel(orderIds),
        brokenAnswer: { kind: "unknown" },
      },
      permit,
    );
    switch (result.kind) {
      case "circuitOpen":
        return write(batch.map((claim) => localStep(known(claim), untilCircuitCloses(), situation())));
      case "refusedAsAWhole":
        return sendHalves(result.claims, keepHalf, (half, next) => sendCancels(half, next, true));
      case "unprepared":
        // They may have been marked although that failed. This write corrects both cases.
        return write(batch.map((claim) => skippedCancelStep(known(claim), claim.attempts, skippedForMs)));
      case "unsent":
        return write(result.claims.map((claim) => skippedCancelStep(known(claim), claim.attempts - 1, skippedForMs)));
      case "answered": {
        const { answers, durationMs } = result;
        const outcomeOf = (index: number): Outcome => answers[index] ?? { kind: "unknown" };
        return write(
          result.claims.map((claim, index) => attemptStep(known(claim), outcomeOf(index), situation(), durationMs)),
        );
      }
    }
  }

  async function sendLookups(batch: readonly Claim[], permit: Permit): Promise<void> {
    const result = await exchange<LookupResult>(
      {
        operation: "lookup",
        prepare: async () => batch,
        ask: async (orderIds) => (await client.lookup?.(orderIds)) ?? [],
        brokenAnswer: { kind: "unanswered" },
      },
      permit,
    );
    switch (result.kind) {
      case "circuitOpen":
        return write(batch.map((claim) => skippedLookupStep(claim, situation(), breakerPauseMs)));
      case "refusedAsAWhole":
        return sendHalves(batch, (half) => writer.release(half), sendLookups);
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

  /** Sends each half on its own: a failure of one does not stop the other. */
  async function sendHalves(
    batch: readonly Claim[],
    keep: (half: readonly Claim[]) => Promise<void>,
    send: (half: readonly Claim[], permit: Permit) => Promise<void>,
  ): Promise<void> {
    const middle = Math.ceil(batch.length / 2);
    const halves = [batch.slice(0, middle), batch.slice(middle)].map(async (half) => {
      try {
        const permit = await limiter.acquire().catch(() => undefined);
        await (permit ? send(half, permit) : keep(half));
      } catch (error) {
        await abandon(half, error);
      }
    });
    await Promise.all(halves);
  }

  /** These were marked as sent with the whole batch, which was refused. They are in doubt, and sent again later. */
  function keepHalf(half: readonly Claim[]): Promise<void> {
    return write(half.map((claim) => localStep(inDoubtNow(claim), notSent, situation())));
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

  /** Releases claims whose step failed. If that fails as well, their leases run out. */
  async function abandon(unfinished: readonly Claim[], error: unknown): Promise<void> {
    if (!isAbort(error)) emit({ provider, event: "step-abandoned", orders: unfinished.length, error });
    await writer.release(unfinished).catch(() => {});
  }
}

/** The refused batch may have had an effect just now. */
function inDoubtNow(claim: Claim): Claim {
  return { ...claim, inDoubt: true, watchedMs: 0 };
}

/** The service stops: that is no error. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
