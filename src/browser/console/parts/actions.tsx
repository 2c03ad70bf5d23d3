import { useState } from "preact/hooks";
import { useConsole } from "../context.ts";
import { CloseDialog } from "../dialogs/close-dialog.tsx";
import { Dialog } from "../dialogs/dialog.tsx";
import { type ActionableOrder, OrderNames } from "../dialogs/order-names.tsx";
import {
  type CancellationStatus,
  CancelSelectedOrdersDocument,
  RecheckCancellationsDocument,
  ResolveCancellationsDocument,
} from "../generated/graphql.ts";
import { actionFailure } from "../graph.ts";
import { whyNotCancel, whyNotResolve } from "../permissions.ts";
import { plural, statusWords } from "../words.ts";

export interface ActionsProps {
  orders: readonly ActionableOrder[];
  /** Called after something was done. */
  onDone(): void;
}

/** What an action has led to. */
interface Done {
  orders: readonly { cancellation: { status: CancellationStatus } | null }[];
  /** Why some of them were left as they are. */
  problems?: readonly { message: string }[];
}

/** What a person can do with these orders, and why not. */
export function Actions({ orders, onDone }: ActionsProps) {
  const { graph, viewer, say } = useConsole();
  const [asking, setAsking] = useState<"cancel" | "close">();
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const keys = orders.map(({ provider, id }) => ({ provider, id }));
  const count = plural(keys.length, "order");
  const statuses = orders.map(({ status }) => status);
  const none = orders.length === 0 ? "Select orders first." : null;
  const reasons = {
    lookUp: none ?? whyNotResolve(viewer, statuses),
    cancel: none ?? whyNotCancel(viewer, statuses),
    close: none ?? whyNotResolve(viewer, statuses),
  };

  /** Keeps the dialog open if it fails. */
  const run = async (what: string, work: () => Promise<Done>) => {
    setBusy(true);
    setProblem(undefined);
    try {
      const done = await work();
      setAsking(undefined);
      say(`${what}: ${summaryOf(done)}`, done.problems?.length ? "warn" : "good");
      onDone();
    } catch (error) {
      const failure = actionFailure(error);
      setProblem(failure);
      if (!asking) say(failure, "bad");
    } finally {
      setBusy(false);
    }
  };
  const lookUp = () =>
    run(
      `Looked up ${count}`,
      async () => (await graph.ask(RecheckCancellationsDocument, { orders: keys })).recheckCancellations,
    );
  const cancel = () =>
    run(
      `Asked for the cancel of ${count}`,
      async () => (await graph.ask(CancelSelectedOrdersDocument, { orders: keys })).cancelSelectedOrders,
    );
  const close = (status: "CANCELLED" | "REJECTED", note: string) =>
    run(
      `Closed ${count} by hand`,
      async () => (await graph.ask(ResolveCancellationsDocument, { orders: keys, status, note })).resolveCancellations,
    );
  const leave = () => {
    setAsking(undefined);
    setProblem(undefined);
  };

  return (
    <div class="actions">
      <div class="buttons">
        <button type="button" class="primary" disabled={busy || reasons.lookUp !== null} onClick={lookUp}>
          Look up again
        </button>
        <button type="button" disabled={busy || reasons.cancel !== null} onClick={() => setAsking("cancel")}>
          Cancel again…
        </button>
        <button type="button" disabled={busy || reasons.close !== null} onClick={() => setAsking("close")}>
          Close by hand…
        </button>
      </div>
      <Reasons reasons={reasons} />
      {asking === "cancel" && (
        <Dialog
          title={`Send the cancel of ${plural(keys.length, "order")} again?`}
          action="Send the cancel"
          grave
          {...{ problem, busy }}
          onSubmit={cancel}
          onClose={leave}
        >
          <p>
            The service asks the provider to cancel. That is safe to repeat. An order that still stands is cancelled
            then; if you only want to know how it stands, look it up.
          </p>
          <OrderNames orders={orders} />
        </Dialog>
      )}
      {asking === "close" && <CloseDialog {...{ orders, problem, busy }} onSubmit={close} onClose={leave} />}
    </div>
  );
}

const actionWords = { lookUp: "Look up", cancel: "Cancel", close: "Close by hand" };

/** One line for each reason. */
function Reasons({ reasons }: { reasons: Record<keyof typeof actionWords, string | null> }) {
  const names = Object.keys(actionWords) as (keyof typeof actionWords)[];
  const byReason = Map.groupBy(
    names.filter((name) => reasons[name] !== null),
    (name) => reasons[name],
  );
  return (
    <ul class="reasons">
      {[...byReason].map(([reason, actions]) => (
        <li key={reason}>
          {actions.length < names.length && <>{actions.map((name) => actionWords[name]).join(", ")}: </>}
          {reason}
        </li>
      ))}
    </ul>
  );
}

function summaryOf({ orders, problems = [] }: Done): string {
  const byStatus = Map.groupBy(orders, ({ cancellation }) => cancellation?.status);
  const found = [...byStatus].map(
    ([status, some]) => `${some.length} ${status ? statusWords[status].toLowerCase() : "not known here"}`,
  );
  const left = [...Map.groupBy(problems, ({ message }) => message)].map(
    ([message, some]) => `${some.length} not looked up: ${message}`,
  );
  return [`${found.join(", ")}.`, ...left].join(" ");
}
