import { useEffect, useState } from "preact/hooks";
import { useConsole } from "../context.ts";
import {
  ConsoleOrderDocument,
  type ConsoleOrderQuery,
  type ConsoleOrderStateFragment,
  type OrderProvider,
} from "../generated/graphql.ts";
import { Actions } from "../parts/actions.tsx";
import { ProviderName, StatusBadge } from "../parts/badges.tsx";
import { Live } from "../parts/live.tsx";
import { ProblemText } from "../parts/order-row.tsx";
import { Timeline } from "../parts/timeline.tsx";
import { Age, When } from "../parts/when.tsx";
import { usePolled } from "../polling.ts";
import { writeRoute } from "../route.ts";

/** One order: how it stands, why, what can be done, and what happened. */
export function OrderPage({ provider, id }: { provider: string; id: string }) {
  const { graph, viewer } = useConsole();
  // Who may read the records may read all of them; others only orders that are theirs.
  const variables = { provider: provider as OrderProvider, orderId: id, canRead: viewer.canRead };
  const polled = usePolled(graph, ConsoleOrderDocument, variables);
  const cancellation = polled.data && shownOf(polled.data);
  return (
    <main>
      <header class="page">
        <h1>
          <ProviderName provider={provider} /> <code>{id}</code> <Copy text={id} />
        </h1>
        {cancellation && <StatusBadge status={cancellation.status} />}
        <Live polled={polled} />
      </header>
      {cancellation === null && (
        <section class="empty">
          <h2>Nothing is recorded here</h2>
          <p>
            Nobody has asked this service to cancel such an order.{" "}
            <a href={writeRoute({ page: "search", text: id })}>Search</a> for it at other providers.
          </p>
        </section>
      )}
      {cancellation && (
        <>
          <Facts cancellation={cancellation} />
          <section aria-labelledby="actions">
            <h2 id="actions">What you can do</h2>
            <Actions
              orders={[{ provider: provider as OrderProvider, id, status: cancellation.status }]}
              onDone={polled.refresh}
            />
          </section>
          <section aria-labelledby="history">
            <h2 id="history">What happened</h2>
            <Timeline provider={provider} history={cancellation.history} next={cancellation.nextAttemptAt} />
          </section>
        </>
      )}
    </main>
  );
}

/** Null if nothing is recorded. */
function shownOf({ cancellation, cancellations }: ConsoleOrderQuery): ConsoleOrderStateFragment | null {
  return cancellation ?? cancellations?.edges[0]?.node ?? null;
}

function Facts({ cancellation }: { cancellation: ConsoleOrderStateFragment }) {
  const { order, status, problem, requestedAt, settledAt, nextAttemptAt, attempts } = cancellation;
  return (
    <section class="facts" aria-label="How it stands">
      <p class="verdict">{verdicts[status]}</p>
      {problem && <ProblemText provider={order.provider} problem={problem} />}
      <dl>
        <div>
          <dt>Asked for</dt>
          <dd>
            <strong>
              <Age since={requestedAt} /> ago
            </strong>
            <br />
            <When at={requestedAt} />
          </dd>
        </div>
        {settledAt && (
          <div>
            <dt>{status === "UNCONFIRMED" ? "Given up" : "Settled"}</dt>
            <dd>
              <strong>
                <Age since={settledAt} /> ago
              </strong>
              <br />
              <When at={settledAt} />
            </dd>
          </div>
        )}
        {nextAttemptAt && (
          <div>
            <dt>Goes on</dt>
            <dd>
              <When at={nextAttemptAt} />
            </dd>
          </div>
        )}
        <div>
          <dt>Attempts</dt>
          <dd>
            <strong>{attempts}</strong>
          </dd>
        </div>
      </dl>
    </section>
  );
}

const verdicts = {
  PENDING: "The service is at work. The provider's final word is still to come.",
  CANCELLED: "The order is cancelled: the provider confirmed it, to the service or to a person.",
  REJECTED: "The order stands: the provider refused, or certainly did not act.",
  UNCONFIRMED: "Nobody knows: the order may or may not be cancelled. A person must find out.",
};

function Copy({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  // Only pages that came over https, or from this machine, may write to the clipboard.
  if (!navigator.clipboard) return null;
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => {},
    );
  return (
    <button type="button" class="link small" onClick={copy}>
      {copied ? "Copied" : "Copy id"}
    </button>
  );
}
