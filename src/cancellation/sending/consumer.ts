import type { Claim, Progress } from "../../domain/cancellation.ts";
import type { Emit } from "../../domain/events.ts";
import type { ClaimOptions, Ledger, Selection } from "../../domain/ledger.ts";
import type { Alarm } from "../../util/alarm.ts";
import { rerun } from "../../util/single-flight.ts";
import type { CircuitBreaker } from "./breaker.ts";
import type { DatabaseHealth } from "./database-health.ts";
import type { Limiter, Permit } from "./limiter.ts";
import type { Sender } from "./sender.ts";

/**
 * Claims the due records of one provider at the moment when requests may be sent, and has them sent. So an instance claims only what
 * it can send now, and the instance that has the provider's slot sends the due orders of all instances.
 */
export interface Consumer {
  readonly provider: string;
  /** Most orders one request can carry. */
  readonly maxBatchSize: number;
  readonly breaker: Pick<CircuitBreaker, "state">;
  /** Whether an operator paused the provider: then nothing is claimed. */
  paused(): boolean;
  /** The claims whose step is under way. The scheduler renews them. */
  readonly held: ReadonlySet<Claim>;
  /** Claims and sends, as fast as the provider's limit allows, until no record is due. */
  pull(): void;
  /** Pulls, and prefers this record for a part of the requests: somebody waits for it. */
  pullFirst(id: number): void;
  /** Takes permits that are free at this moment for requests with this many orders; none if the provider may be down. */
  reserve(orders: number): Permit[];
  /** Sends what is claimed with these permits. Takes the promise, so that `idle` waits for it. It must not reject. */
  send(claims: Promise<readonly Claim[]>, permits: readonly Permit[]): void;
  /** Resolves when nothing that was claimed is at work any more. */
  idle(): Promise<void>;
}

export interface ConsumerOptions {
  provider: string;
  maxBatchSize: number;
  paused(): boolean;
  /** The only action that it takes; any unless given. */
  nextAction?: Progress["nextAction"] | undefined;
  ledger: Pick<Ledger, "claimDue">;
  limiter: Limiter;
  breaker: Pick<CircuitBreaker, "state" | "admits" | "restMs">;
  sender: Sender;
  health: Pick<DatabaseHealth, "failed" | "mayClaim" | "mayTakeOver">;
  alarm: Pick<Alarm, "now" | "in">;
  /** Age after which an order may be given up, ms. */
  giveUpAfterMs: number;
  /** Aborted when nothing more may be sent. */
  signal: AbortSignal;
  emit: Emit;
}

/** Most records that are put off in one transaction while the circuit is open. */
const skippedAtOnce = 100;

/** Most records that are prioritised at a time, and how often each is: another instance may have taken it. */
const mostPrioritised = 1000;
const mostTries = 3;

export function createConsumer(options: ConsumerOptions): Consumer {
  const { provider, maxBatchSize, paused, ledger, limiter, breaker, sender, health, alarm, signal, emit } = options;
  const held = new Set<Claim>();
  const atWork = new Set<Promise<void>>();
  const pulling = rerun(pullAll);
  /** Whether the last request carried records under suspicion: they get at most every other one. */
  let isolatedLast = false;
  /** How often each of these records was prioritised, oldest first. */
  const prioritised = new Map<number, number>();
  /** Whether the last request of one order carried a preferred one: those get at most every other one. */
  let prioritisedLast = false;

  return {
    provider,
    maxBatchSize,
    breaker,
    paused,
    held,
    pull: pulling.run,
    pullFirst: (id) => {
      if (prioritised.size < mostPrioritised) prioritised.set(id, 0);
      pulling.run();
    },
    reserve: (orders) => {
      // Do not overtake orders that already wait. If these orders are next, the next claim takes them as well.
      if (signal.aborted || paused() || pulling.running || breaker.admits !== "all") return [];
      return limiter.acquireFree(Math.ceil(orders / maxBatchSize));
    },
    send: (claims, permits) => {
      if (permits.length > 0) track(claims.then((claimed) => send(claimed, permits)));
    },
    idle: async () => {
      while (pulling.running || atWork.size > 0) await Promise.all([pulling.idle(), ...atWork]);
    },
  };

  async function pullAll(): Promise<void> {
    try {
      let claimed = false;
      while (await pullOnce()) claimed = true;
      if (claimed) alarm.now();
    } catch (error) {
      // There is no permit to be had because the ledger fails.
      if (!signal.aborted) health.failed("claim-failed", error);
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
    if (isDue) for (const probe of atWork) void probe.then(pulling.run);
    return isDue;
  }

  function allowed(): Selection {
    return maxBatchSize === 1 ? { kind: "any" } : { kind: "oneRequest", isolatedFirst: !isolatedLast };
  }

  async function take(permits: readonly Permit[], select: Selection): Promise<boolean> {
    const limit = permits.length * maxBatchSize;
    const claims = await claim({ limit, select, first: nextPrioritised(limit) });
    if (claims.length > 0) isolatedLast = claims.some(({ maxBatch }) => maxBatch !== null);
    for (const { id } of claims) prioritised.delete(id);
    track(send(claims, permits));
    return claims.length > 0;
  }

  /** None if nothing may be claimed now, or if the ledger fails. Never rejects. */
  async function claim(wanted: Pick<ClaimOptions, "limit" | "select" | "first">): Promise<readonly Claim[]> {
    if (signal.aborted || paused() || !health.mayClaim) return [];
    const inHand = { held: [...held].map(({ id }) => id), takeOver: health.mayTakeOver };
    return ledger.claimDue(provider, { ...wanted, ...inHand, nextAction: options.nextAction }).catch((error) => {
      health.failed("claim-failed", error);
      return [];
    });
  }

  /** For at most half of what is claimed, so that what waits for longer leaves, too. */
  function nextPrioritised(limit: number): number[] {
    const share = prioritisedLast ? Math.floor(limit / 2) : Math.ceil(limit / 2);
    const ids = [...prioritised.keys()].slice(0, share);
    for (const id of ids) {
      const tries = (prioritised.get(id) ?? 0) + 1;
      if (tries === mostTries) prioritised.delete(id);
      else prioritised.set(id, tries);
    }
    prioritisedLast = ids.length > 0;
    return ids;
  }

  /**
   * While the circuit is open, records wait in the ledger for an instance that can send them. Only those that are old enough to be
   * given up are claimed.
   */
  async function giveUpOld(): Promise<boolean> {
    const select = { kind: "old", olderThanMs: options.giveUpAfterMs } as const;
    const claims = await claim({ limit: skippedAtOnce, select });
    await hold(claims, () => sender.skip(claims));
    const restMs = breaker.restMs();
    // While a probe is under way there is no rest: its end pulls again.
    if (claims.length === 0 && restMs > 0) alarm.in(restMs);
    return claims.length > 0;
  }

  function send(claims: readonly Claim[], permits: readonly Permit[]): Promise<void> {
    return hold(claims, () => sender.send(claims, permits));
  }

  /** Holds these claims until the work on them is over. Never rejects: if it fails, their leases run out. */
  async function hold(claims: readonly Claim[], work: () => Promise<void>): Promise<void> {
    for (const claim of claims) held.add(claim);
    try {
      await work();
    } catch (error) {
      emit({ provider, event: "step-abandoned", orders: claims.length, error });
    } finally {
      for (const claim of claims) held.delete(claim);
    }
  }

  function track(work: Promise<void>): void {
    atWork.add(work);
    void work.then(() => atWork.delete(work));
  }
}
