import { useEffect, useRef, useState } from "preact/hooks";
import { useConsole } from "../context.ts";
import { ConsoleSearchDocument, type ConsoleSearchQuery } from "../generated/graphql.ts";
import { Notice } from "../parts/badges.tsx";
import { Live } from "../parts/live.tsx";
import { OrderRow } from "../parts/order-row.tsx";
import { usePolled } from "../polling.ts";
import { writeRoute } from "../route.ts";
import { OpenOrder } from "./open-order.tsx";

/** Most orders in each group. */
const mostShown = 50;

/** One text: the id of an order, of a request, or of a caller. */
export function SearchPage({ text }: { text: string }) {
  const { viewer } = useConsole();
  const [typed, setTyped] = useState(text);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    setTyped(text);
    if (text === "") field.current?.focus();
  }, [text]);
  if (!viewer.canRead) return <WithoutList />;
  return (
    <main>
      <h1>Search</h1>
      <search>
        <form
          class="search"
          onSubmit={(event) => {
            event.preventDefault();
            location.hash = writeRoute({ page: "search", text: typed.trim() });
          }}
        >
          <label for="search-text">Id of an order, id of a request, or who asked</label>
          <div class="row">
            <input
              id="search-text"
              ref={field}
              type="search"
              required
              maxLength={255}
              spellcheck={false}
              autoComplete="off"
              value={typed}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
            <button type="submit" class="primary">
              Search
            </button>
          </div>
        </form>
      </search>
      {text !== "" && <Found key={text} text={text} />}
    </main>
  );
}

function Found({ text }: { text: string }) {
  const { graph } = useConsole();
  const polled = usePolled(graph, ConsoleSearchDocument, { id: text.slice(0, 200), text, first: mostShown });
  const { data } = polled;
  const groups = data ? groupsOf(data) : [];
  return (
    <>
      <Live polled={polled} />
      {data && groups.length === 0 && (
        <section class="empty">
          <h2>Nothing found</h2>
          <p>
            No cancellation has this order id or request id, and nobody of this name has asked for one. Only whole ids
            are found.
          </p>
        </section>
      )}
      {groups.map(({ title, nodes, more }) => (
        <section key={title} aria-label={title}>
          <h2>{title}</h2>
          <ul class="orders">
            {nodes.map((node) => (
              <OrderRow key={`${node.order.provider}/${node.order.id}`} cancellation={node} />
            ))}
          </ul>
          {more && <p class="hint">There are more. These are the newest {mostShown}.</p>}
        </section>
      ))}
    </>
  );
}

function groupsOf({ byOrder, byRequest, byCaller }: ConsoleSearchQuery) {
  const all = [
    { title: "Orders with this id", found: byOrder },
    { title: "Asked for in this request", found: byRequest },
    { title: "Asked for by this caller", found: byCaller },
  ];
  return all
    .map(({ title, found }) => ({
      title,
      nodes: found.edges.map(({ node }) => node),
      more: found.pageInfo.hasNextPage,
    }))
    .filter(({ nodes }) => nodes.length > 0);
}

/** Everybody may read an order whose provider and id they know. */
function WithoutList() {
  return (
    <main>
      <h1>Search</h1>
      <Notice kind="info">
        You lack the scope <code>cancellations:read</code>, so you cannot search. You can open an order if you know its
        provider and its id.
      </Notice>
      <OpenOrder />
    </main>
  );
}
