import type { Claim } from "../../domain/cancellation.ts";
import type { ClaimOptions, Selection } from "../../domain/ledger.ts";
import type { CircuitBreaker } from "./breaker.ts";
import type { Limiter, Permit } from "./limiter.ts";
import type { Dispatcher } from "./sender.ts";

/**
 * Claims the due records of one provider at the moment when requests may be sent. So an instance holds no more than it sends at
 * once, and whoever has the provider's slot takes the orders of all instances along.
 */
export interface Puller {
  /** Claims and sends, as fast as the provider's limit allows, until no record is due. */
  pull(): void;
  /** Pulls, and prefers this record for a part of the requests: somebody waits for it. */
  pullFirst(id: number): void;
  /** Takes permits that are free at this moment for requests with this many orders; none if the provider may be down. */
  reserve(orders: number): Permit[];
  /** Sends what is claimed with these permits. Takes the promise, so that `idle` waits for it. */
  send(claims: Promise<readonly Claim[]>, permits: readonly Permit[]): void;
  /** Resolves when nothing that was claimed is at work any more. */
  idle(): Promise<void>;
}

export interface PullerOptions {
  limiter: Limiter;
  breaker: Pick<CircuitBreaker, "admits" | "restMs">;
  /** Most orders one request can carry. */
  maxBatchSize: number;
  claim(options: Pick<ClaimOptions, "limit" | "select" | "first">): Promise<readonly Claim[]>;
  dispatcher: Pick<Dispatcher, "send" | "skip">;
  /** Age after which an order may be given up, ms. */
  giveUpAfterMs: number;
  /** Called after records were claimed and no more is due. */
  onDone(): void;
  /** Called with the time until the circuit lets a request pass, ms. */
  onRest(restMs: number): void;
  /** Called if a permit could not be had. */
  onFailure(error: unknown): void;
  /** Aborted when nothing more may be sent. */
  signal: AbortSignal;
}

/** Most records that are put off in one transaction while the circuit is open. */
const skippedAtOnce = 100;

/** Most records that are preferred at a time, and how often each is: another instance may have taken it. */
const mostPreferred = 1000;
const mostTries = 3;

export function createPuller(options: PullerOptions): Puller {
  const { limiter, breaker, maxBatchSize, giveUpAfterMs, claim, dispatcher, onDone, onRest, onFailure, signal } =
    options;
  const atWork = new Set<Promise<void>>();
  let pulling: Promise<void> | undefined;
  let again = false;
  /** Whether the last request carried records under suspicion: they get at most every other one. */
  let suspectsLast = false;
  /** How often each of these records was preferred, oldest first. */
  const preferred = new Map<number, number>();
  /** Whether the last request of one order carried a preferred one: those get at most every other one. */
  let preferredLast = false;

  return {
    pull,
    pullFirst: (id) => {
      if (preferred.size < mostPreferred) preferred.set(id, 0);
      pull();
    },
    reserve: (orders) => {
      // Whoever is in line goes before: the next claim takes this request's orders along, if it is their turn.
      if (signal.aborted || pulling || breaker.admits !== "all") return [];
      return limiter.acquireFree(Math.ceil(orders / maxBatchSize));
    },
    send: (claims, permits) => track(claims.then((claimed) => dispatcher.send(claimed, permits))),
    idle: async () => {
      while (pulling || atWork.size > 0) await Promise.all([pulling, ...atWork]);
    },
  };

  function pull(): void {
    again = true;
    pulling ??= pullAll()
      .catch((error) => {
        again = false;
        if (!signal.aborted) onFailure(error);
      })
      .finally(() => {
        pulling = undefined;
        if (again) pull();
      });
  }

  async function pullAll(): Promise<void> {
    while (again) {
      again = false;
      let claimed = false;
      while (await pullOnce()) claimed = true;
      if (claimed) onDone();
    }
  }

  /** Resolves to whether anything was due. */
  async function pullOnce(): Promise<boolean> {
    if (signal.aborted) return false;
    if (breaker.admits === "none") return giveUpOld();
    const permit = await limiter.acquire();
    // The circuit may have opened or closed while this waited.
    if (breaker.admits === "all") return take([permit, ...limiter.acquireFree(Number.POSITIVE_INFINITY)], allowed());
    const isDue = await take([permit], { kind: "probe" });
    if (isDue) for (const probe of atWork) void probe.then(pull);
    return isDue;
  }

  function allowed(): Selection {
    return maxBatchSize === 1 ? { kind: "any" } : { kind: "oneRequest", suspectsFirst: !suspectsLast };
  }

  async function take(permits: readonly Permit[], select: Selection): Promise<boolean> {
    const limit = permits.length * maxBatchSize;
    const claims = await claim({ limit, select, first: nextPreferred(limit) });
    if (claims.length > 0) suspectsLast = claims.some(({ maxBatch }) => maxBatch !== null);
    for (const { id } of claims) preferred.delete(id);
    track(dispatcher.send(claims, permits));
    return claims.length > 0;
  }

  /** For at most half of what is claimed, so that what waits for longer leaves, too. */
  function nextPreferred(limit: number): number[] {
    const share = preferredLast ? Math.floor(limit / 2) : Math.ceil(limit / 2);
    const ids = [...preferred.keys()].slice(0, share);
    for (const id of ids) {
      const tries = (preferred.get(id) ?? 0) + 1;
      if (tries === mostTries) preferred.delete(id);
      else preferred.set(id, tries);
    }
    preferredLast = ids.length > 0;
    return ids;
  }

  /**
   * While the circuit is open, records wait in the ledger for whichever instance can send them. Only those that are old enough to be given
   * up are looked at.
   */
  async function giveUpOld(): Promise<boolean> {
    const claims = await claim({ limit: skippedAtOnce, select: { kind: "old", olderThanMs: giveUpAfterMs } });
    await dispatcher.skip(claims);
    const restMs = breaker.restMs();
    // While a probe is under way there is no rest: its end pulls again.
    if (claims.length === 0 && restMs > 0) onRest(restMs);
    return claims.length > 0;
  }

  function track(work: Promise<void>): void {
    atWork.add(work);
    void work.then(() => atWork.delete(work));
  }
}
