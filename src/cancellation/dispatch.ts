import type { Claim } from "../domain/cancellation.ts";
import type { Ledger } from "../domain/ledger.ts";
import type { Log } from "../domain/log.ts";
import type { Outcome, Standing } from "../domain/outcome.ts";
import { type BatchRefused, batchRefused, type ProviderClient } from "../domain/provider.ts";
import { breakerPauseMs, type Circuit, createBreaker } from "./circuit.ts";
import { askLeave, createLoader, type Leave } from "./departures.ts";
import type { Pace, Permit } from "./pace.ts";
import type { Policy } from "./settle.ts";
import { inSpan } from "./span.ts";
import { cancelStep, keptBackStep, lookupStep, type Situation } from "./step.ts";
import { tally } from "./tally.ts";
import type { Writer } from "./writer.ts";

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
  ledger: Pick<Ledger, "markSent">;
  writer: Pick<Writer, "write" | "handBack">;
  pace: Pace;
  policy: Policy;
  /** Ms since some moment; never goes back. */
  elapsed(): number;
  /** In [0, 1). */
  random(): number;
  /** Told in how many ms a record's next step is due. */
  onDue(delayMs: number): void;
  log: Log;
}

/** What was kept back here. */
const notSent = { kind: "notSent", code: "PROVIDER_UNAVAILABLE" } satisfies Outcome;

/** Nothing was exchanged. */
const local = { marked: false, durationMs: null };

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { provider, client, ledger, writer, policy, elapsed, random, log } = options;
  const claims = new Set<Claim>();
  const breaker = createBreaker(provider, elapsed, log);
  const cancels = createLoader(options, (batch, leave) => sendCancels(batch, leave));
  const lookups = createLoader(options, (batch, leave) => sendLookups(batch, leave));

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
    if (claim.sentAt !== null) return write([cancelStep(claim, { kind: "unknown" }, situation(), local)]);
    if (claim.step === "lookup") return lookups.load(claim);
    const invalid = client.invalidId?.(claim.orderId);
    if (invalid === undefined) return cancels.load(claim);
    const outcome: Outcome = { kind: "refused", code: "INVALID_ORDER_ID", providerMessage: invalid };
    return write([cancelStep(claim, outcome, situation(), local)]);
  }

  /** `inDoubt`: an earlier request with these orders was refused as a whole, and part of it may have been acted on. */
  async function sendCancels(batch: readonly Claim[], { permit, waitMs }: Leave, inDoubt = false): Promise<void> {
    const doubted = (claim: Claim) => (inDoubt ? { ...claim, doubtful: true } : claim);
    const { kept, held, answer, durationMs } = await send(batch, permit);
    if (kept) return write(batch.map((claim) => cancelStep(doubted(claim), notSent, situation(), local)));
    if (answer === batchRefused) return sendHalves(held, keepHalf, (half, leave) => sendCancels(half, leave, true));
    const how = { marked: true, durationMs };
    if (answer) report("cancel", answer, { waitMs, durationMs });
    const outcomes = answer ?? held.map(() => notSent);
    await write(
      held.map((claim, index) => cancelStep(doubted(claim), outcomes[index] ?? { kind: "unknown" }, situation(), how)),
    );
  }

  /** Marks and sends. `kept`: the circuit is open. No answer: there was nothing left to send, or no time left to send it in. */
  async function send(batch: readonly Claim[], permit: Permit): Promise<Sent> {
    const pass = breaker.enter();
    let answer: Sent["answer"];
    try {
      if (!pass) return { kept: true, held: [], durationMs: 0 };
      const held = await ledger.markSent(batch);
      const startedAt = elapsed();
      if (held.length === 0 || startedAt > permit.sendBefore) return { kept: false, held, durationMs: 0 };
      const orderIds = held.map((claim) => claim.orderId);
      answer = await inSpan("cancel", { provider, orders: held.length }, () =>
        client.cancel(orderIds).catch((error) => brokenWord(error, orderIds, { kind: "unknown" } as const)),
      );
      return { kept: false, held, answer, durationMs: Math.round(elapsed() - startedAt) };
    } finally {
      pass?.leave(failed(answer));
      await release(permit, answer);
    }
  }

  /** Each by itself: what becomes of one half is nothing to the other. */
  async function sendHalves(
    batch: readonly Claim[],
    keep: (half: readonly Claim[]) => Promise<void>,
    sendHalf: (half: readonly Claim[], leave: Leave) => Promise<void>,
  ): Promise<void> {
    log.info({ provider, event: "batch-refused", orders: batch.length });
    const middle = Math.ceil(batch.length / 2);
    const halves = [batch.slice(0, middle), batch.slice(middle)].map(async (half) => {
      try {
        const leave = await askLeave(options).catch(() => undefined);
        await (leave ? sendHalf(half, leave) : keep(half));
      } catch (error) {
        await abandon(half, error);
      }
    });
    await Promise.all(halves);
  }

  /** Marked as sent with the whole batch, which was refused: in doubt, and sent again later. */
  function keepHalf(half: readonly Claim[]): Promise<void> {
    const refused = { ...notSent, carried: true } satisfies Outcome;
    return write(half.map((claim) => cancelStep({ ...claim, doubtful: true }, refused, situation(), local)));
  }

  async function sendLookups(batch: readonly Claim[], { permit, waitMs }: Leave): Promise<void> {
    const { kept, answer, durationMs } = await ask(batch, permit);
    if (kept) return write(batch.map((claim) => keptBackStep(claim, situation(), breakerPauseMs)));
    if (!answer) return writer.handBack(batch);
    if (answer === batchRefused) return sendHalves(batch, (half) => writer.handBack(half), sendLookups);
    report("lookup", answer, { waitMs, durationMs });
    await write(
      batch.map((claim, index) => lookupStep(claim, answer[index] ?? { kind: "unanswered" }, situation(), durationMs)),
    );
  }

  async function ask(batch: readonly Claim[], permit: Permit): Promise<Asked> {
    const startedAt = elapsed();
    const pass = breaker.enter();
    let answer: Asked["answer"];
    try {
      if (!pass) return { kept: true, durationMs: 0 };
      if (startedAt > permit.sendBefore) return { kept: false, durationMs: 0 };
      const orderIds = batch.map((claim) => claim.orderId);
      const lookup = async () => (await client.lookup?.(orderIds)) ?? [];
      answer = await inSpan("lookup", { provider, orders: batch.length }, () =>
        lookup().catch((error) => brokenWord(error, orderIds, { kind: "unanswered" } as const)),
      );
      return { kept: false, answer, durationMs: Math.round(elapsed() - startedAt) };
    } finally {
      pass?.leave(failed(answer));
      await release(permit, answer);
    }
  }

  /** A client must not throw. If it does, assume that the request was sent and nothing is known. */
  function brokenWord<Word>(error: unknown, orderIds: readonly string[], word: Word): Word[] {
    log.error({ provider, event: "client-failed", error });
    return orderIds.map(() => word);
  }

  function situation(): Situation {
    return { policy, world: { random: random(), canLookUp: client.lookup !== undefined } };
  }

  function report(
    event: string,
    answers: readonly (Outcome | Standing)[],
    times: { waitMs: number; durationMs: number },
  ) {
    log.info({ provider, event, orders: answers.length, ...times, outcomes: tally(answers.map(({ kind }) => kind)) });
  }

  async function write(steps: Parameters<Writer["write"]>[1]): Promise<void> {
    await writer.write(provider, steps);
    for (const { progress } of steps) if (progress.delayMs !== null) options.onDue(progress.delayMs);
  }

  async function release(permit: Permit, answer: Sent["answer"] | Asked["answer"]): Promise<void> {
    const use = answer === undefined ? undefined : { pauseMs: answer === batchRefused ? 0 : longestPause(answer) };
    await permit.release(use).catch((error) => log.error({ provider, event: "release-failed", error }));
  }

  /** Lets go of what could not be finished. If even that fails, the leases run out. */
  async function abandon(unfinished: readonly Claim[], error: unknown): Promise<void> {
    if (!isAbort(error)) log.error({ provider, event: "step-abandoned", orders: unfinished.length, error });
    await writer.handBack(unfinished).catch(() => {});
  }
}

/** What became of a batch: who was still ours, and the answer if it was sent. */
interface Sent {
  kept: boolean;
  held: readonly Claim[];
  answer?: readonly Outcome[] | BatchRefused;
  durationMs: number;
}

interface Asked {
  kept: boolean;
  answer?: readonly Standing[] | BatchRefused;
  durationMs: number;
}

/** Whether a whole exchange came to nothing: no order in it got a word that can be used. Undefined if there was none. */
function failed(answer: Sent["answer"] | Asked["answer"]): boolean | undefined {
  if (answer === undefined) return undefined;
  if (answer === batchRefused) return false;
  return (answer as readonly (Outcome | Standing)[]).every(
    (each) =>
      each.kind === "unknown" ||
      (each.kind === "unanswered" && !each.busy) ||
      (each.kind === "notSent" && each.code === "PROVIDER_UNAVAILABLE"),
  );
}

function longestPause(answers: readonly (Outcome | Standing)[]): number {
  return Math.max(0, ...answers.map((answer) => ("retryAfterMs" in answer ? (answer.retryAfterMs ?? 0) : 0)));
}

/** Work has ended: not a fault. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
