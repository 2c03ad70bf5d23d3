import DataLoader from "dataloader";
import { breakerPauseMs, type CircuitBreaker, createBreaker, providerHealth } from "../cancellation/sending/breaker.ts";
import { type Call, createExchanger } from "../cancellation/sending/exchange.ts";
import { type Limiter, longestPause, type Permit } from "../cancellation/sending/limiter.ts";
import type { Emit } from "../domain/events.ts";
import type { LookupResult } from "../domain/outcome.ts";
import type { HttpClient, ProviderSetup } from "../domain/provider.ts";
import type { StandingReason, Word } from "./standing.ts";

/** The look-ups of one provider that no cancel depends on. What goes wrong here stops this lane alone. */
export interface Lane {
  /** Asks how the order stands, together with others. Resolves to the reason if it was not asked. Never rejects. */
  ask(orderId: string): Promise<Word | NotAsked>;
}

export interface NotAsked {
  notAsked: StandingReason;
}

export interface LaneOptions {
  provider: string;
  setup: Pick<ProviderSetup, "maxBatchSize" | "connect">;
  /** Sockets of this lane's own. */
  http: HttpClient;
  limiter: Limiter;
  /** Whether an operator has paused the provider. */
  paused(): boolean;
  /** Ms since some moment; never goes back. */
  elapsed(): number;
  emit: Emit;
}

/** An order that has waited for longer than this is not asked for any more, ms: who wanted to know has an answer. */
const staleAfterMs = 10_000;

/** How long this lane rests after a 429 without a time, ms. */
const busyPauseMs = breakerPauseMs;

/** Most ids that are left out because the provider refuses every request that names them, and for how long, ms. */
const mostRefused = 1000;
const refusedForMs = 10 * 60_000;

/** Requests that arrive together ask together: a batch leaves this long after its first order at the soonest, ms. */
const gatherMs = 20;

interface Question {
  orderId: string;
  since: number;
}

const unanswered: LookupResult = { kind: "unanswered" };
const notChecked: NotAsked = { notAsked: "NOT_CHECKED" };

export function createLane({ provider, setup, http, limiter, paused, elapsed, emit }: LaneOptions): Lane {
  const { maxBatchSize } = setup;
  const breaker: CircuitBreaker = createBreaker(provider, elapsed, () => {});
  const exchange = createExchanger({ provider, traces: { of: () => [] }, elapsed, emit });
  let pausedUntil = Number.NEGATIVE_INFINITY;
  /** Until when they are left out, by id: they would cost all that they are sent with. */
  const refused = new Map<string, number>();
  /** For the batch that is being dispatched. */
  let handed: Permit | undefined;
  const loader = new DataLoader<Question, Word | NotAsked>(
    (questions) => {
      const permit = handed;
      handed = undefined;
      return permit ? askWith(permit, questions) : Promise.resolve(questions.map(() => notChecked));
    },
    // While the batch waits for its permit, it takes more orders.
    { cache: false, maxBatchSize, batchScheduleFn: (dispatch) => void dispatchWithPermit(dispatch) },
  );

  return {
    ask: async (orderId) => {
      const why = (refused.get(orderId) ?? 0) > elapsed() ? "OUTCOME_UNKNOWN" : whyNot();
      return why ? { notAsked: why } : loader.load({ orderId, since: elapsed() });
    },
  };

  function whyNot(): StandingReason | undefined {
    if (paused()) return "PROVIDER_PAUSED";
    if (pausedUntil > elapsed()) return "PROVIDER_BUSY";
    return breaker.admits === "none" ? "PROVIDER_UNAVAILABLE" : undefined;
  }

  async function dispatchWithPermit(dispatch: () => void): Promise<void> {
    if (maxBatchSize > 1) await new Promise((resolve) => setTimeout(resolve, gatherMs));
    handed = await limiter.acquire().catch(() => undefined);
    dispatch();
  }

  async function askWith(permit: Permit, questions: readonly Question[]): Promise<(Word | NotAsked)[]> {
    const fresh = questions.filter(({ since }) => elapsed() - since <= staleAfterMs);
    const words = await askFresh(permit, fresh).catch(() => new Map<Question, Word | NotAsked>());
    return questions.map((question) => words.get(question) ?? notChecked);
  }

  async function askFresh(permit: Permit, questions: readonly Question[]): Promise<Map<Question, Word | NotAsked>> {
    const why = whyNot();
    const pass = questions.length > 0 && !why && permit.maySend() ? breaker.enter() : undefined;
    if (!pass) {
      await permit.releaseUnused();
      return new Map(questions.map((question) => [question, { notAsked: why ?? "NOT_CHECKED" }]));
    }
    const askedAt = elapsed();
    const orders = questions.map(({ orderId }) => ({ provider, orderId }));
    const { answers } = await exchange(readCall(permit), orders, permit.waitMs);
    const answeredAt = elapsed();
    // What a cancel cut short says nothing of the provider.
    const isRecalled = permit.recalled?.aborted === true;
    pass.leave(isRecalled ? undefined : providerHealth(answers, orders));
    rest(answers);
    // The pause is this lane's alone.
    await permit.release(0).catch((error) => emit({ provider, event: "release-failed", error }));
    if (answers.some(({ kind }) => kind === "batchRefused")) return askHalves(questions);
    return new Map(
      questions.map((question, index) => {
        const result = answers[index] ?? unanswered;
        return [question, isRecalled && result.kind === "unanswered" ? notChecked : { result, askedAt, answeredAt }];
      }),
    );
  }

  /** One bad id makes the provider refuse a whole batch. The others must not suffer. */
  async function askHalves(questions: readonly Question[]): Promise<Map<Question, Word | NotAsked>> {
    const middle = Math.ceil(questions.length / 2);
    const found: [Question, Word | NotAsked][] = [];
    for (const half of [questions.slice(0, middle), questions.slice(middle)]) {
      const words = await askFresh(await limiter.acquire(), half);
      found.push(...words);
      const [only] = half;
      if (only && half.length === 1 && isRefusal(words.get(only))) remember(only.orderId);
    }
    return new Map(found);
  }

  function remember(orderId: string): void {
    refused.delete(orderId);
    refused.set(orderId, elapsed() + refusedForMs);
    for (const oldest of refused.keys()) {
      if (refused.size <= mostRefused) break;
      refused.delete(oldest);
    }
  }

  /** A client for one exchange, which ends when its permit is recalled. */
  function readCall({ recalled }: Permit): Call<LookupResult> {
    const client = setup.connect?.({ now: http.now, exchange: (request) => http.exchange(request, recalled) });
    return { operation: "read", ask: async (id) => (await client?.lookup?.(id)) ?? unanswered, broken: unanswered };
  }

  function rest(answers: readonly LookupResult[]): void {
    const isBusy = answers.some((answer) => answer.kind === "unanswered" && answer.busy);
    if (isBusy) pausedUntil = elapsed() + (longestPause(answers) || busyPauseMs);
  }
}

/** Whether the provider refuses the request itself, as when an id is no id of its own. */
function isRefusal(word: Word | NotAsked | undefined): boolean {
  const { kind, httpStatus = 0 } = word && "result" in word ? word.result : unanswered;
  return kind === "unanswered" && [400, 413, 422].includes(httpStatus);
}
