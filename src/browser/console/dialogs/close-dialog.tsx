import { useId, useState } from "preact/hooks";
import { plural } from "../words.ts";
import { Dialog } from "./dialog.tsx";
import { type ActionableOrder, OrderNames } from "./order-names.tsx";

export interface CloseDialogProps {
  orders: readonly ActionableOrder[];
  problem: string | undefined;
  busy: boolean;
  onSubmit(status: "CANCELLED" | "REJECTED", note: string): void;
  onClose(): void;
}

/** As the graph demands, characters. */
const longestNote = 1000;

/** Records what the provider told a person. */
export function CloseDialog({ orders, problem, busy, onSubmit, onClose }: CloseDialogProps) {
  const [status, setStatus] = useState<"CANCELLED" | "REJECTED">();
  const [note, setNote] = useState("");
  const noteId = useId();
  return (
    <Dialog
      title={`Close ${plural(orders.length, "order")} by hand`}
      action="Close"
      grave
      {...{ problem, busy, onClose }}
      onSubmit={() => status && onSubmit(status, note.trim())}
    >
      <OrderNames orders={orders} />
      <fieldset>
        <legend>What did the provider tell you?</legend>
        <label class="choice">
          <input type="radio" name="status" required onChange={() => setStatus("CANCELLED")} />
          <span>
            <strong>Cancelled.</strong> The provider says that{" "}
            {orders.length === 1 ? "the order is" : "all of them are"} cancelled.
          </span>
        </label>
        <label class="choice">
          <input type="radio" name="status" required onChange={() => setStatus("REJECTED")} />
          <span>
            <strong>Not cancelled.</strong> The provider says that{" "}
            {orders.length === 1 ? "the order stands" : "all of them stand"}.
          </span>
        </label>
      </fieldset>
      <label for={noteId}>Who told what, and when</label>
      <textarea
        id={noteId}
        required
        rows={3}
        maxLength={longestNote}
        value={note}
        placeholder="Support chat with Mira, 14:05: cancelled on their side"
        onInput={(event) => setNote(event.currentTarget.value)}
      />
      <p class="hint">The note stays in the history, with your name.</p>
    </Dialog>
  );
}
