import type { CancellationStatus, OrderKey } from "./cancellation.ts";

/** A settled cancellation that is still to be announced by the webhook. One instance holds it while it tries. */
export interface Announcement extends OrderKey {
  id: number;
  /** Names the message: the same in every try, and in no other message. */
  messageId: string;
  status: Exclude<CancellationStatus, "PENDING">;
  /** Epoch ms, by the ledger's clock. */
  settledAt: number;
  /** How many tries have failed. */
  failures: number;
  /** The token under which it is held. */
  token: string;
}

/**
 * The announcements that the webhook owes. Each is added in the transaction that settles its cancellation, if the ledger was
 * opened with `announceSettled`. Updates of announcements that another instance holds meanwhile change nothing.
 */
export interface Outbox {
  /** Claims those that have been due for longest, for `leaseMs`. Of one cancellation, only one is held at a time. */
  claimAnnouncements(limit: number, leaseMs: number): Promise<Announcement[]>;
  /** It was delivered: nothing of it is kept. */
  deleteAnnouncement(announcement: Announcement): Promise<void>;
  /** It was not delivered, and is due again in `delayMs`; null if it is given up. It is kept then, for an operator. */
  postponeAnnouncement(announcement: Announcement, delayMs: number | null): Promise<void>;
  /** Nothing came of this try: due at once. */
  releaseAnnouncement(announcement: Announcement): Promise<void>;
  /** How many are still to be delivered, and how many were given up; each counted up to 10,000. */
  undelivered(): Promise<{ waiting: number; abandoned: number }>;
}
