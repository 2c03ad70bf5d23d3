import type { Cancellation, CancellationEvent, CancellationStatus, Claim, OrderKey, Progress } from "./cancellation.ts";

/**
 * Where cancellations are recorded. Every method rejects if the database is away or full; what it has resolved is durable.
 * State moves only in updates that name the state they leave. All times are of one clock, the ledger's own.
 */
export interface Ledger {
  /**
   * Records that these orders are to be cancelled, in one transaction, and claims the first `claim` of those it opened; the
   * others are due at once, for whoever claims them. Left as they are: CANCELLED, and PENDING, which somebody is at work on.
   */
  open(orders: {
    provider: string;
    orderIds: readonly string[];
    requestedBy: string | null;
    claim: number;
  }): Promise<{ claims: Claim[]; records: Cancellation[] }>;
  /** One record per key, in order; undefined if none was ever made. One query. */
  read(keys: readonly OrderKey[]): Promise<(Cancellation | undefined)[]>;
  /** The audit trails of these records, each oldest first, in order. One query. */
  history(ids: readonly number[]): Promise<CancellationEvent[][]>;
  /** Records newest first, as they were first asked for; `after` is the `id` of the last one seen. One query. */
  page(filter: PageFilter): Promise<Cancellation[]>;
  /** What is PENDING, by provider, with the age of its oldest request in ms. One query. */
  backlog(): Promise<{ provider: string; open: number; oldestAgeMs: number }[]>;
  /** Claims what has been due for longest: waits that are over, and leases that ran out. */
  claimDue(provider: string, options: ClaimOptions): Promise<Claim[]>;
  /** Marks as sent and counts the attempt; resolves to those that are still ours, as they are now. */
  markSent(claims: readonly Claim[]): Promise<Claim[]>;
  /**
   * Writes what these steps came to and lets the records go. Resolves to the steps that are written, by this call or by an
   * earlier one whose answer got lost; what is no longer ours is left alone.
   */
  write(steps: readonly Step[]): Promise<readonly Step[]>;
  /** Lets records go untouched, due at once. */
  release(claims: readonly Claim[]): Promise<void>;
  /** Holds on to records for another lease. */
  renew(claims: readonly Claim[]): Promise<void>;
  /** Calls back after each write, by whichever instance. Returns what ends that. */
  onChange(listener: (key: OrderKey) => void): () => void;

  /**
   * Takes the provider's one slot, for `leaseMs` at the most; otherwise says in how many ms to ask again. The caller names the
   * token, so that it can ask again if the answer got lost: the slot is its own already.
   */
  takeSlot(
    provider: string,
    token: string,
    leaseMs: number,
  ): Promise<{ taken: true } | { taken: false; waitMs: number }>;
  /** Gives the slot back, free `intervalMs` from now. A slot that went to another meanwhile is left alone. */
  releaseSlot(provider: string, token: string, intervalMs: number): Promise<void>;

  /**
   * Notes which environment (the host of its base URL) each provider's records come from. Rejects, with a sentence for the
   * operator, if the ledger holds records of another one: what a test host confirmed is not true of the real provider.
   */
  bindEnvironments(environments: readonly { provider: string; host: string }[]): Promise<void>;
  /** Rejects unless the database answers and, as is tried now and then, can be written. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface ClaimOptions {
  /** Most records to claim. */
  limit: number;
  /** Ids of records that this process holds already: it never claims those, even if their leases ran out meanwhile. */
  held: readonly number[];
  /** Whether to claim what others hold beyond their leases. */
  takeOver: boolean;
}

/** What one step came to: written to the record, with its event. */
export interface Step {
  claim: Claim;
  progress: Progress;
  /** How many attempts the record counts now; as marked unless the request never left. */
  attempts: number;
  /** Null if nothing happened that anybody would look for. */
  event: Pick<CancellationEvent, "kind" | "problemCode" | "httpStatus" | "durationMs" | "failure"> | null;
}

export interface PageFilter {
  provider?: string;
  status?: CancellationStatus;
  /** Most records to return. */
  first: number;
  after?: number;
}
