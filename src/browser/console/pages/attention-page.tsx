import { useState } from "preact/hooks";
import { useConsole } from "../context.ts";
import { ConsoleAttentionDocument, type ConsoleAttentionQuery, type OrderProvider } from "../generated/graphql.ts";
import { Actions } from "../parts/actions.tsx";
import { ProviderName } from "../parts/badges.tsx";
import { Counts } from "../parts/counts.tsx";
import { Live } from "../parts/live.tsx";
import { OrderRow } from "../parts/order-row.tsx";
import { Pages } from "../parts/pages.tsx";
import { Troubles } from "../parts/troubles.tsx";
import { usePolled } from "../polling.ts";
import { writeRoute } from "../route.ts";
import { plural, showCount } from "../words.ts";

/** Orders of one page. The oldest come first, so that the rest can wait. */
const pageSize = 50;

/** What a person has to do, the oldest first. */
export function AttentionPage({ provider }: { provider: string | null }) {
  const { graph, viewer } = useConsole();
  const [after, setAfter] = useState<string[]>([]);
  const polled = usePolled(graph, ConsoleAttentionDocument, {
    provider: provider as OrderProvider | null,
    first: pageSize,
    after: after.at(-1) ?? null,
    canRead: viewer.canRead,
  });
  const { data } = polled;
  const { cancellations, cancellationCounts = [] } = data ?? {};
  return (
    <main>
      <header class="page">
        <h1>Attention</h1>
        <Live polled={polled} />
      </header>
      {data && <Troubles {...data} />}
      {!viewer.canRead && (
        <p class="notice info">
          You lack the scope <code>cancellations:read</code>, so you do not see which orders need a person.{" "}
          <a href={writeRoute({ page: "search", text: "" })}>Open an order</a> whose provider and id you know.
        </p>
      )}
      {cancellations && (
        <>
          <Filter {...{ counts: cancellationCounts, provider }} />
          <Unconfirmed key={after.at(-1) ?? ""} list={cancellations} onDone={polled.refresh} />
          <Pages pageInfo={cancellations.pageInfo} after={after} onTurn={setAfter} />
        </>
      )}
      <Counts counts={cancellationCounts} />
    </main>
  );
}

type List = NonNullable<ConsoleAttentionQuery["cancellations"]>;
type Count = NonNullable<ConsoleAttentionQuery["cancellationCounts"]>[number];

function Filter({ counts, provider }: { counts: readonly Count[]; provider: string | null }) {
  const unconfirmed = counts.filter(({ status }) => status === "UNCONFIRMED");
  const byProvider = Map.groupBy(unconfirmed, (each) => each.provider);
  const total = (some: readonly Count[]) => showCount(some.reduce((sum, { count }) => sum + count, 0));
  if (byProvider.size < 2 && provider === null) return null;
  return (
    <nav class="filter" aria-label="Providers">
      <a href={writeRoute({ page: "attention", provider: null })} aria-current={provider === null ? "page" : undefined}>
        All <span class="count">{total(unconfirmed)}</span>
      </a>
      {[...byProvider].map(([name, counts]) => (
        <a
          key={name}
          href={writeRoute({ page: "attention", provider: name })}
          aria-current={provider === name ? "page" : undefined}
        >
          <ProviderName provider={name} /> <span class="count">{total(counts)}</span>
        </a>
      ))}
    </nav>
  );
}

function Unconfirmed({ list, onDone }: { list: List; onDone(): void }) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const orders = list.edges.map(({ node }) => node);
  // What has left the list meanwhile is not selected any more.
  const chosen = orders.filter((order) => selected.has(keyOf(order)));
  const toggle = (order: (typeof orders)[number]) => {
    const next = new Set(chosen.map(keyOf));
    if (!next.delete(keyOf(order))) next.add(keyOf(order));
    setSelected(next);
  };
  if (orders.length === 0) {
    return (
      <section class="empty">
        <h2>Nothing to do</h2>
        <p>No order is unconfirmed. The service works on all that is pending by itself.</p>
      </section>
    );
  }
  return (
    <section aria-labelledby="unconfirmed">
      <h2 id="unconfirmed">Find out how these orders stand</h2>
      <p class="lead">
        The provider gave no definite answer: each of them may or may not be cancelled. The one that waits longest comes
        first.
      </p>
      <div class="bar">
        <label class="choice">
          <input
            type="checkbox"
            checked={chosen.length === orders.length}
            indeterminate={chosen.length > 0 && chosen.length < orders.length}
            onChange={() => setSelected(new Set(chosen.length === orders.length ? [] : orders.map(keyOf)))}
          />
          <span>{chosen.length === 0 ? `All ${plural(orders.length, "order")}` : `${chosen.length} selected`}</span>
        </label>
        <Actions
          orders={chosen.map(({ order, status }) => ({
            provider: order.provider as OrderProvider,
            id: order.id,
            status,
          }))}
          onDone={onDone}
        />
      </div>
      <ul class="orders">
        {orders.map((each) => (
          <OrderRow
            key={keyOf(each)}
            cancellation={each}
            selected={selected.has(keyOf(each))}
            onToggle={() => toggle(each)}
          />
        ))}
      </ul>
    </section>
  );
}

function keyOf({ order }: { order: { provider: string; id: string } }): string {
  return `${order.provider}/${order.id}`;
}
