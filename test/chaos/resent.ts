import type { ReceivedRequest, Simulator } from "../../src/simulators/kit/simulator.ts";
import { type OrderText, orderText } from "./client.ts";
import type { ControlledInstance } from "./controlled-instance.ts";
import type { Periods } from "./periods.ts";
import { requestHeader } from "./preload.ts";

export interface Evidence {
  simulators: readonly Simulator[];
  /** Which instance received the complete answer to the request of this number. */
  answered: ReadonlyMap<string, ControlledInstance>;
  /** When the database was away. */
  outages: Periods;
}

/** How long an instance needs at most to write down an answer that it has received, ms, also on a machine under heavy load. */
const writeMs = 5000;

/**
 * Orders whose cancel was sent again although an instance had the answer to an earlier one. An instance that was killed or
 * frozen before it could write the answer down does not count. Nor does a refusal that follows a cancel whose answer was
 * lost: it proves nothing, and the order may be asked about and cancelled again.
 */
export function resentOrders(evidence: Evidence): OrderText[] {
  return evidence.simulators.flatMap((simulator) => {
    const cancels = simulator.received.filter((request) => request.operation === "cancel" && !isUnread(request));
    const byOrder = Map.groupBy(
      cancels.flatMap((cancel) => cancel.orderIds.map((id) => ({ id, cancel }))),
      ({ id }) => id,
    );
    return [...byOrder]
      .filter(([id, all]) =>
        wasResent(
          all.map(({ cancel }) => cancel),
          simulator.orders.get(id)?.cancelledAt,
          evidence,
        ),
      )
      .map(([id]) => orderText(simulator.provider, id));
  });
}

/**
 * Whether the provider looked at none of its orders: there were too many requests, the batch was refused as a whole, or the time of
 * the signature was refused, after which it is signed once more.
 */
function isUnread({ status, orderIds }: ReceivedRequest): boolean {
  return status === 401 || status === 429 || (status === 400 && orderIds.length > 1);
}

/** All cancels of one order, as they arrived. */
function wasResent(cancels: readonly ReceivedRequest[], cancelledAt: number | undefined, evidence: Evidence): boolean {
  let inDoubt = false;
  for (const [index, cancel] of cancels.entries()) {
    const answeredAt = answerInHandAt(cancel, evidence);
    if (answeredAt === undefined) {
      inDoubt = true;
      continue;
    }
    const isConfirmed = cancelledAt !== undefined && cancelledAt >= cancel.at && cancelledAt <= answeredAt;
    const isAgain = cancels.slice(index + 1).some(({ at }) => at > answeredAt);
    if (isAgain && (isConfirmed || !inDoubt)) return true;
  }
  return false;
}

/** When an instance had a true answer and the time to write it down; undefined if none did. */
function answerInHandAt({ answeredAt, fault, headers }: ReceivedRequest, evidence: Evidence): number | undefined {
  const isTrue = fault === undefined || fault.kind === "delay";
  const instance = evidence.answered.get(String(headers[requestHeader]));
  if (!isTrue || !instance || answeredAt === undefined) return undefined;
  const outage = evidence.outages.within(answeredAt, answeredAt + writeMs);
  const writtenAt = Math.max(answeredAt, outage?.to ?? 0) + writeMs;
  return instance.away.within(answeredAt, writtenAt) ? undefined : answeredAt;
}
