import { useId, useState } from "preact/hooks";
import { Dialog } from "./dialog.tsx";

export interface PauseDialogProps {
  name: string;
  problem: string | undefined;
  busy: boolean;
  onSubmit(reason: string | null): void;
  onClose(): void;
}

/** As the graph demands, characters. */
const longestReason = 500;

export function PauseDialog({ name, problem, busy, onSubmit, onClose }: PauseDialogProps) {
  const [reason, setReason] = useState("");
  const field = useId();
  return (
    <Dialog
      title={`Pause ${name}?`}
      action={`Pause ${name}`}
      grave
      {...{ problem, busy, onClose }}
      onSubmit={() => onSubmit(reason.trim() || null)}
    >
      <p>
        Nothing is sent to {name} any more, by any instance. Cancels are still recorded: they stay pending until
        somebody starts it again.
      </p>
      <label for={field}>Reason</label>
      <input
        id={field}
        maxLength={longestReason}
        value={reason}
        placeholder="Their maintenance until 15:00"
        onInput={(event) => setReason(event.currentTarget.value)}
      />
      <p class="hint">Everybody who may read here can read it.</p>
    </Dialog>
  );
}
