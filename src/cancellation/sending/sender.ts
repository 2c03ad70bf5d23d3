import type { Claim } from "../../domain/cancellation.ts";
import type { Emit } from "../../domain/events.ts";
import type { Ledger, Transition } from "../../domain/ledger.ts";
import type { LookupResult, Outcome } from "../../domain/outcome.ts";
import type { ProviderClient } from "../../domain/provider.ts";
import type { RequestTraces } from "../../telemetry/tracing.ts";
import { attemptTransition, localTransition, skippedCancelTransition } from "../decide/after-cancel.ts";
import { lookupTransition, skippedLookupTransition } from "../decide/after-lookup.ts";
import type { Policy, Situation } from "../decide/progress.ts";
import { breakerPauseMs, type CircuitBreaker, providerHealth } from "./breaker.ts";
import { type Answer, type Call, createExchanger } from "./exchange.ts";
import { longestPause, type Permit, sendWithinMs } from "./limiter.ts";
import type { Writer } from "./writer.ts";

/** Makes the next step of each claim of one provider: in requests, with permits, and behind its circuit breaker. */
export interface Sender {
  /**
   * Makes the next step of each of these. `permits`: enough for all requests that they may need; all are released. Resolves
   * when the transitions are written, or the claims are released because that failed.
   */
  send(claims: readonly Claim[], permits: readonly Permit[]): Promise<void>;
  /** Puts these off until the circuit lets requests pass. */
  skip(claims: readonly Claim[]): Promise<void>;
}

export interface SenderOptions {
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

export function createSender(options: SenderOptions): Sender {
  const { provider, client, maxBatchSize, ledger, writer, breaker, policy, elapsed, random, paused, signal, emit } =
    options;
  const exchange = createExchanger({ provider, traces: options.traces, elapsed, emit });
  const cancel: Call<Outcome> = { operation: "cancel", ask: (id) => client.cancel(id), broken: { kind: "unknown" } };
  const unanswered: LookupResult = { kind: "unanswered" };
  const lookup: Call<LookupResult> = {
    operation: "lookup",
    ask: async (id) => (await client.lookup?.(id)) ?? unanswered,
    broken: unanswered,
  };

  return {
    send: async (claims, permits) => {
      if (signal.aborted || paused()) {
        await Promise.all([writer.release(claims), releaseAll(permits)]);
        return;
      }
      const parts = Map.groupBy(claims, (claim) => (isDecided(claim) ? "decided" : claim.nextAction));
      const requests = [...batches(parts.get("cancel") ?? []), ...batches(parts.get("lookup") ?? [])];
      const decided = parts.get("decided") ?? [];
      await Promise.all([
        ...requests.map((batch, index) => finish(batch, () => send(batch, permits[index]))),
        releaseAll(permits.slice(requests.length)),
        finish(decided, () => writer.write(provider, decided.map(decidedTransition))),
      ]);
    },
    skip: (claims) => finish(claims, () => writer.write(provider, claims.map(skippedTransition))),
  };

  /** If a step fails, its claims are released. If that fails as well, their leases run out. */
  async function finish(batch: readonly Claim[], step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      emit({ provider, event: "step-abandoned", orders: batch.length, error });
      await writer.release(batch).catch(() => {});
    }
  }

  function batches(claims: readonly Claim[]): (readonly Claim[])[] {
    const starts = Array.from({ length: Math.ceil(claims.length / maxBatchSize) }, (_, index) => index * maxBatchSize);
    return starts.map((start) => claims.slice(start, start + maxBatchSize));
  }

  async function send(batch: readonly Claim[], permit: Permit | undefined): Promise<void> {
    if (!permit) throw new Error("a request needs a permit");
    const transitions = await request(batch, permit);
    await (transitions ? writer.write(provider, transitions) : writer.release(batch));
  }

  /**
   * Makes one request. Resolves to what follows from it; undefined if the claims only need to be released. The permit is released
   * before the results are written, because the next request need not wait for them.
   */
  async function request(batch: readonly Claim[], permit: Permit): Promise<readonly Transition[] | undefined> {
    const pass = breaker.enter();
    let asked: { answers: readonly Answer[]; transitions: readonly Transition[] } | undefined;
    try {
      if (!pass) return batch.map(skippedTransition);
      const isLookup = batch[0]?.nextAction === "lookup";
      const markingSince = elapsed();
      // From here to the answer, a crash leaves records that say that they may have been sent.
      const claims = isLookup ? batch : await mark(batch);
      // They may have been marked although that failed. This write corrects both cases.
      if (!claims) return batch.map((claim) => skippedCancelTransition(claim, claim.attempts, skippedForMs));
      const isInTime = elapsed() - markingSince <= sendWithinMs;
      if (claims.length === 0 || paused() || !isInTime || !permit.maySend()) {
        if (isLookup) return undefined;
        return claims.map((claim) => skippedCancelTransition(claim, claim.attempts - 1, skippedForMs));
      }
      asked = isLookup ? await lookUpAll(claims, permit) : await cancelAll(claims, permit);
      return asked.transitions;
    } finally {
      pass?.leave(asked && providerHealth(asked.answers, batch));
      await release(permit, asked?.answers);
    }
  }

  /** Resolves to the claims that this instance still holds; undefined if the ledger fails. */
  async function mark(batch: readonly Claim[]): Promise<readonly Claim[] | undefined> {
    try {
      return await ledger.markSent(batch);
    } catch (error) {
      emit({ provider, event: "not-marked", error });
      return undefined;
    }
  }

  async function cancelAll(claims: readonly Claim[], { waitMs }: Permit) {
    const { answers, durationMs } = await exchange(cancel, claims, waitMs);
    const outcomeOf = (index: number) => answers[index] ?? cancel.broken;
    const transitions = claims.map((claim, index) =>
      attemptTransition(claim, outcomeOf(index), situation(), durationMs),
    );
    return { answers, transitions };
  }

  async function lookUpAll(claims: readonly Claim[], { waitMs }: Permit) {
    const { answers, durationMs } = await exchange(lookup, claims, waitMs);
    const resultOf = (index: number) => answers[index] ?? lookup.broken;
    const transitions = claims.map((claim, index) => lookupTransition(claim, resultOf(index), situation(), durationMs));
    return { answers, transitions };
  }

  /** Never rejects, so that the answer is kept. If the permit cannot be released, the lease on its slot runs out. */
  async function release(permit: Permit, answers: readonly Answer[] | undefined): Promise<void> {
    const released = answers ? permit.release(longestPause(answers)) : permit.releaseUnused();
    await released.catch((error) => emit({ provider, event: "release-failed", error }));
  }

  async function releaseAll(permits: readonly Permit[]): Promise<void> {
    await Promise.all(permits.map((permit) => release(permit, undefined)));
  }

  /** Whether its next step needs no request: an earlier holder may have sent it, or its id cannot be one. */
  function isDecided(claim: Claim): boolean {
    return claim.sentAt !== null || (claim.nextAction === "cancel" && client.invalidId?.(claim.orderId) !== undefined);
  }

  function decidedTransition(claim: Claim): Transition {
    if (claim.sentAt !== null) return attemptTransition(claim, { kind: "unknown" }, situation(), null);
    const providerMessage = client.invalidId?.(claim.orderId) ?? "";
    const outcome = { kind: "refused", code: "INVALID_ORDER_ID", providerMessage } satisfies Outcome;
    emit({ event: "refused-here", provider, code: outcome.code });
    return localTransition(claim, outcome, situation());
  }

  function skippedTransition(claim: Claim): Transition {
    if (isDecided(claim)) return decidedTransition(claim);
    if (claim.nextAction === "lookup") return skippedLookupTransition(claim, situation(), breakerPauseMs);
    // Not sent again before the circuit lets the next request pass.
    return localTransition(claim, { ...notSent, retryAfterMs: breaker.restMs() }, situation());
  }

  function situation(): Situation {
    return { policy, conditions: { random: random(), canLookUp: client.lookup !== undefined } };
  }
}
