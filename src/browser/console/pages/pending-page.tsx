import { useState } from "preact/hooks";
import { useConsole } from "../context.ts";
import { type CancellationProblemCode, ConsolePendingDocument, type OrderProvider } from "../generated/graphql.ts";
import { Live } from "../parts/live.tsx";
import { OrderRow } from "../parts/order-row.tsx";
import { Pages } from "../parts/pages.tsx";
import { usePolled } from "../polling.ts";
import { problemWords, providerWords } from "../words.ts";

/** Orders of one page. */
const pageSize = 50;

/** What waits for a provider, the oldest first: the service works on it by itself. */
export function PendingPage({ provider, problem }: { provider: string; problem: string | null }) {
  const { graph } = useConsole();
  const [after, setAfter] = useState<string[]>([]);
  const polled = usePolled(graph, ConsolePendingDocument, {
    provider: provider as OrderProvider,
    problemCode: problem as CancellationProblemCode | null,
    first: pageSize,
    after: after.at(-1) ?? null,
  });
  const list = polled.data?.cancellations;
  const why = problem === null ? "" : `: ${problemWords[problem as CancellationProblemCode] ?? problem}`;
  return (
    <main>
      <header class="page">
        <h1>
          Pending at {providerWords[provider] ?? provider}
          {why}
        </h1>
        <Live polled={polled} />
      </header>
      <p class="lead">The service goes on with these orders by itself. The one that waits longest comes first.</p>
      {list?.edges.length === 0 && (
        <section class="empty">
          <h2>Nothing waits any more</h2>
        </section>
      )}
      {list && list.edges.length > 0 && (
        <ul class="orders">
          {list.edges.map(({ node }) => (
            <OrderRow key={`${node.order.provider}/${node.order.id}`} cancellation={node} />
          ))}
        </ul>
      )}
      {list && <Pages pageInfo={list.pageInfo} after={after} onTurn={setAfter} />}
    </main>
  );
}
