import type { Order } from "./orders.ts";

interface RowProps {
  order: Order;
  /** Whether a cancel is offered. */
  offered: boolean;
  /** Whether the mutation has not answered yet. */
  sending: boolean;
  selected: boolean;
  onSelect(on: boolean): void;
  onCancel(): void;
}

/** What a person reads for each status. */
const words = {
  PENDING: "Cancelling…",
  CANCELLED: "Cancelled",
  REJECTED: "Not cancelled",
  UNCONFIRMED: "Unknown",
} as const;

export function Row({ order, offered, sending, selected, onSelect, onCancel }: RowProps) {
  const { provider, id, description, amount, currency, cancellation, cancellability } = order;
  // Until the mutation has answered, an order may be settled already, or show how an earlier try has ended.
  const earlier = sending && cancellation?.status !== "CANCELLED";
  const status = earlier ? "PENDING" : cancellation?.status;
  const problem = earlier ? null : cancellation?.problem;
  return (
    <tr data-order={`${provider} ${id}`} data-status={status ?? "NONE"}>
      <td>
        <input
          type="checkbox"
          aria-label={`Select ${description} of ${provider}`}
          checked={selected && offered && !sending}
          disabled={!offered || sending}
          onChange={({ target }) => onSelect(target.checked)}
        />
      </td>
      <td>
        {description}
        <code>{id}</code>
      </td>
      <td>{provider}</td>
      <td className="amount">
        {amount} {currency}
      </td>
      <td aria-live="polite">
        {status ? <span className={`status ${status.toLowerCase()}`}>{words[status]}</span> : null}
        {problem ? <small>{problem.message}</small> : null}
        {!status && !offered ? <small>{cancellability?.message}</small> : null}
      </td>
      <td>
        {offered && !sending ? (
          <button type="button" className="quiet" onClick={onCancel}>
            {cancellation ? "Try again" : "Cancel"}
          </button>
        ) : null}
      </td>
    </tr>
  );
}
