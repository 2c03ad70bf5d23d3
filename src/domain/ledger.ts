import type {
  Cancellation,
  CancellationEvent,
  CancellationStatus,
  Claim,
  OrderKey,
  Pause,
  Progress,
} from "./cancellation.ts";
import type { Outbox } from "./outbox.ts";
import type { ProblemCode } from "./outcome.ts";

/**
 * The store of cancellations. Every method rejects if the database is unreachable or full. Once a method has resolved, its
 * writes are durable. A record's state changes only in updates that name the state they leave. All times are by one clock, the
 * ledger's own.
 */
export interface Ledger extends Outbox {
  /**
   * Records in one transaction that these orders are to be cancelled: one request for each provider. Claims those of the first `claim`
   * orders of each that it opened. The others are due at once, and any instance may claim them. Records that are CANCELLED or PENDING
   * are left as they are. Resolves to the claims and to the records of all other orders, each in the order of the requests.
   */
  open(...requests: OpenRequest[]): Promise<{ claims: Claim[]; records: Cancellation[] }>;
  /** One record per key, in order; undefined if none was ever made. One query. */
  read(keys: readonly OrderKey[]): Promise<(Cancellation | undefined)[]>;
  /** The latest `last` events of each of these records, oldest first, in order. It reads no others. One query. */
  history(ids: readonly number[], last: number): Promise<CancellationEvent[][]>;
  /** Records by when they were first asked for. One or two queries, which take milliseconds however many records there are. */
  page(filter: PageFilter): Promise<Page>;
  /** How many records of these providers stand how; those that are not 0, each counted up to 10,000. */
  counts(providers: readonly string[]): Promise<RecordCount[]>;
  /** How many records settled in each of the last `minutes` whole minutes and in the current one; none that are 0. */
  settledByMinute(minutes: number): Promise<SettledCount[]>;
  /** How many records are PENDING, by provider, with the age of the oldest request in ms. One query. */
  backlog(): Promise<{ provider: string; open: number; oldestAgeMs: number }[]>;
  /** How many records of each of these providers are UNCONFIRMED; counting ends at 10,000. */
  unconfirmed(providers: readonly string[]): Promise<{ provider: string; orders: number }[]>;
  /**
   * Records what a person found out about these distinct orders, in one transaction. One record per order, in order; undefined for an
   * order that is not UNCONFIRMED: it is not changed.
   */
  resolve(orders: readonly OrderKey[], resolution: Resolution): Promise<(Cancellation | undefined)[]>;
  /**
   * Records what look-ups of UNCONFIRMED orders found, in one transaction. One record per look-up, in order; undefined if the order was
   * settled or asked for anew meanwhile: it is not changed.
   */
  recordLookups(lookups: readonly RecordedLookup[]): Promise<(Cancellation | undefined)[]>;
  /**
   * Deletes up to `limit` of the records that were settled longest ago, if that is longer ago than `olderThanMs`, with their
   * audit trails, in one transaction. Resolves to their number. Deletes nothing for an hour after the ledger's clock was seen to
   * jump forward.
   */
  deleteSettled(options: { olderThanMs: number; limit: number }): Promise<number>;
  /** By provider: in how many ms the next of its PENDING records is due, 0 or less if one is. Absent if it has none. One query. */
  nextDue(providers: readonly string[]): Promise<{ provider: string; dueInMs: number }[]>;
  /**
   * Claims records that are due (their wait is over, or their lease ran out), in their order: by when they became due and how
   * far their caller's other orders put them back.
   */
  claimDue(provider: string, options: ClaimOptions): Promise<Claim[]>;
  /** Marks as sent and counts the attempt. Resolves to the claims that this instance still holds, as they are now. */
  markSent(claims: readonly Claim[]): Promise<Claim[]>;
  /**
   * Writes the results of these steps and releases the records. Resolves to the steps that are written, by this call or by an
   * earlier one whose answer got lost. A record that another instance holds now is not changed.
   */
  write(steps: readonly Transition[]): Promise<readonly Transition[]>;
  /** Releases records without another change: they are due at once. */
  release(claims: readonly Claim[]): Promise<void>;
  /** Renews the leases on these records, each for a whole lease from now. */
  renew(claims: readonly Claim[]): Promise<void>;
  /**
   * Calls back after each change of a record, by any instance; with the record, if this instance settled it. Returns a function that
   * ends that.
   */
  onChange(listener: (key: OrderKey, change: Change, settled?: Cancellation) => void): () => void;
  /** Calls back after a time in which changes by other instances went unheard. Returns a function that ends that. */
  onGap(listener: () => void): () => void;
  /** Calls back if this instance hears of the changes of others no longer, or again. Returns a function that ends that. */
  onHearing(listener: (hears: boolean) => void): () => void;
  /** How often to read again what may have changed, ms. Infinite if no other instance writes. Often if this one does not hear of it. */
  readAgainMs(): number;

  /**
   * Takes the slot of this name, for `leaseMs` at the most, if it was free for `idleMs` (0 unless given). If not, says in how many ms
   * to ask again. The caller chooses the token. If the answer gets lost, it asks again with the same token, and gets the slot that
   * is its own already.
   */
  takeSlot(
    slot: string,
    token: string,
    leaseMs: number,
    idleMs?: number,
  ): Promise<{ taken: true } | { taken: false; waitMs: number }>;
  /** Releases the slot: it is free `intervalMs` from now. If another holder has it meanwhile, nothing changes. */
  releaseSlot(slot: string, token: string, intervalMs: number): Promise<void>;

  /** The providers that are paused. One query of a table with a few rows. */
  pauses(): Promise<Pause[]>;
  /** Pauses a provider, or starts it again. A provider that is paused already only gets another reason. */
  setPaused(provider: string, paused: boolean, reason: string | null): Promise<void>;

  /**
   * Records which environment (the host of its base URL) each provider's records come from. Rejects, with a sentence for the
   * operator, if the ledger holds records of another environment: an order that a test host cancelled is not cancelled at the
   * real provider.
   */
  bindEnvironments(environments: readonly { provider: string; host: string }[]): Promise<void>;
  /** Rejects unless the database answers. From time to time it also tries a write, and rejects if that fails. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** A caller asks to cancel these orders of one provider. */
export interface OpenRequest {
  provider: string;
  orderIds: readonly string[];
  requestedBy: string | null;
  /** The id of the GraphQL request, for the history. */
  requestId?: string | null;
  claim: number;
  places?: Places;
}

/** Where the orders of one request stand in line among the due records: all at the front, unless given. */
export interface Places {
  /** How far the first order stands behind orders that become due at the same moment, ms. */
  placeMs: number;
  /** How far each further order stands behind the one before, ms. */
  spacingMs: number;
}

/** What changed in a record: a request named it (again), its request is about to be sent, or the result of a step was written. */
export type Change = "requested" | "sent" | "written";

export interface ClaimOptions {
  /** Most records to claim. */
  limit: number;
  /** `any` unless given. */
  select?: Selection;
  /** Only records with this next action. */
  nextAction?: Progress["nextAction"] | undefined;
  /** Ids of records to claim before all others, if they are due and match the selection. */
  first?: readonly number[];
  /** Ids of records that this process holds already. They are never claimed, even if their leases ran out meanwhile. */
  held: readonly number[];
  /** Whether to claim records whose holders let their leases run out. */
  takeOver: boolean;
}

/**
 * Which of the due records to claim. `any`: all alike. `oneRequest`: records that one request can carry, which is those that take the same
 * step; records under suspicion (see `maxBatch`) travel only with their like. `isolatedFirst` prefers those. `probe`: one record
 * to find out whether the provider works again, if possible one that was never sent. `old`: records whose cancel was asked for
 * longer ago than that.
 */
export type Selection =
  | { kind: "any" }
  | { kind: "oneRequest"; isolatedFirst: boolean }
  | { kind: "probe" }
  | { kind: "old"; olderThanMs: number };

/** The result of one step. It is written to the record, together with its event. */
export interface Transition {
  claim: Claim;
  progress: Progress;
  /** How many attempts the record counts now. It is the number as marked, unless the request was never sent. */
  attempts: number;
  /** Null if nothing was sent. */
  event: Pick<
    CancellationEvent,
    "kind" | "problemCode" | "providerCode" | "providerMessage" | "httpStatus" | "durationMs" | "failure"
  > | null;
}

/** What a person found out about UNCONFIRMED orders. */
export interface Resolution extends Pick<CancellationEvent, "requestedBy" | "requestId"> {
  status: "CANCELLED" | "REJECTED";
  note: string;
}

/** What a look-up found that a person asked for. */
export interface RecordedLookup {
  /** The record, UNCONFIRMED, as it was read before the look-up. */
  record: Cancellation;
  progress: Pick<Progress, "status" | "problem">;
  event: Omit<CancellationEvent, "at" | "kind" | "attempt" | "status" | "note">;
}

export interface RecordCount {
  provider: string;
  status: CancellationStatus;
  problemCode: ProblemCode | null;
  count: number;
  /** When the oldest of these requests was made, epoch ms. */
  oldestRequestedAt: number;
}

export interface SettledCount {
  provider: string;
  status: CancellationStatus;
  /** When the minute began, epoch ms. */
  minute: number;
  count: number;
}

/** What is absent or null does not filter. */
export interface PageFilter {
  provider?: string | null;
  status?: CancellationStatus | null;
  problemCode?: ProblemCode | null;
  /** Those of these orders; few. */
  keys?: readonly OrderKey[] | null;
  /** Those for which this subject asked something, be it only once. */
  requestedBy?: string | null;
  /** Those for which this request asked something. */
  requestId?: string | null;
  /** Epoch ms. */
  settledBefore?: number | null;
  oldestFirst?: boolean;
  /** Most records to return. */
  first: number;
  /** The `after` of the page before. */
  after?: number | null;
}

export interface Page {
  /** There may be fewer than asked for, even none, although more follow: looking for them would have taken too long. */
  records: Cancellation[];
  /** Where the next page begins; null if there is none. */
  after: number | null;
}
