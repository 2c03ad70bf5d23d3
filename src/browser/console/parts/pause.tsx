import { useState } from "preact/hooks";
import { useConsole } from "../context.ts";
import { PauseDialog } from "../dialogs/pause-dialog.tsx";
import { type OrderProvider, SetProviderPausedDocument } from "../generated/graphql.ts";
import { actionFailure } from "../graph.ts";
import { whyNotManage } from "../permissions.ts";

export interface PauseProps {
  provider: { provider: OrderProvider; paused: boolean; pausedAt: string | null };
  /** For people. */
  name: string;
  /** Called after it was paused or started. */
  onDone(): void;
}

/** Stops or starts a provider; or tells why this person cannot. */
export function Pause({ provider, name, onDone }: PauseProps) {
  const { graph, viewer, say } = useConsole();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const bySetting = provider.paused && provider.pausedAt === null;
  const why =
    whyNotManage(viewer) ?? (bySetting ? "A setting pauses it: only a new start without it ends that." : null);

  const set = async (paused: boolean, reason: string | null) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await graph.ask(SetProviderPausedDocument, { provider: provider.provider, paused, reason });
      setAsking(false);
      say(
        paused ? `${name} is paused, in all instances within 2 s.` : `${name} is started: what waits is sent.`,
        "good",
      );
      onDone();
    } catch (error) {
      const failure = actionFailure(error);
      setProblem(failure);
      if (!paused) say(failure, "bad");
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="actions">
      <div class="buttons">
        <button
          type="button"
          disabled={busy || why !== null}
          onClick={() => (provider.paused ? void set(false, null) : setAsking(true))}
        >
          {provider.paused ? `Start ${name}` : `Pause ${name}…`}
        </button>
      </div>
      {why !== null && <p class="hint">{why}</p>}
      {asking && (
        <PauseDialog
          {...{ name, problem, busy }}
          onSubmit={(reason) => set(true, reason)}
          onClose={() => {
            setAsking(false);
            setProblem(undefined);
          }}
        />
      )}
    </div>
  );
}
