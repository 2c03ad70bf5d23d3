import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

export interface DialogProps {
  title: string;
  /** What the button says that does it. */
  action: string;
  /** Whether the action cannot be taken back. */
  grave?: boolean;
  /** Why it was not done, if it was tried. */
  problem: string | undefined;
  busy: boolean;
  onSubmit(): void;
  onClose(): void;
  children: ComponentChildren;
}

/** Modal. The browser keeps the focus inside, closes it on Escape, and gives the focus back. */
export function Dialog({ title, action, grave, problem, busy, onSubmit, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby={heading} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) onSubmit();
        }}
      >
        <h2 id={heading}>{title}</h2>
        {children}
        {problem && (
          <p class="notice bad" role="alert">
            {problem}
          </p>
        )}
        <div class="buttons end">
          <button type="button" onClick={() => dialog.current?.close()}>
            Back
          </button>
          <button type="submit" class={grave ? "grave" : "primary"} disabled={busy}>
            {busy ? "Working…" : action}
          </button>
        </div>
      </form>
    </dialog>
  );
}
