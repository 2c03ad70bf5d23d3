import { useEffect, useRef, useState } from "preact/hooks";
import { useConsole } from "../context.ts";
import { ConsoleSearchDocument } from "../generated/graphql.ts";
import { Notice } from "../parts/badges.tsx";
import { Live } from "../parts/live.tsx";
import { OrderRow } from "../parts/order-row.tsx";
import { Pages } from "../parts/pages.tsx";
import { usePolled } from "../polling.ts";
import { writeRoute } from "../route.ts";
import { OpenOrder } from "./open-order.tsx";

/** Orders of one part of a group. */
const partSize = 50;

/** Of an order, characters, as the graph demands. */
const longestId = 200;

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
  const [inRequest, setInRequest] = useState<string[]>([]);
  const [ofCaller, setOfCaller] = useState<string[]>([]);
  const polled = usePolled(graph, ConsoleSearchDocument, {
    id: text.slice(0, longestId),
    text,
    first: partSize,
    afterInRequest: inRequest.at(-1) ?? null,
    afterOfCaller: ofCaller.at(-1) ?? null,
  });
  const { data } = polled;
  const groups = data && [
    { title: "Orders with this id", part: data.byOrder, after: [], onTurn: () => {} },
    { title: "Asked for in this request", part: data.byRequest, after: inRequest, onTurn: setInRequest },
    { title: "Asked for by this caller", part: data.byCaller, after: ofCaller, onTurn: setOfCaller },
  ];
  const shown = groups?.filter(
    ({ part, after }) => part.edges.length > 0 || part.pageInfo.hasNextPage || after.length > 0,
  );
  return (
    <>
      <Live polled={polled} />
      {shown?.length === 0 && (
        <section class="empty">
          <h2>Nothing found</h2>
          <p>
            No cancellation has this order id or request id, and nobody of this name has asked for one. Only whole ids
            are found.
          </p>
        </section>
      )}
      {shown?.map(({ title, part, after, onTurn }) => (
        <section key={title} aria-label={title}>
          <h2>{title}</h2>
          {part.edges.length === 0 ? (
            <p class="hint">There is none in this part of the records.</p>
          ) : (
            <ul class="orders">
              {part.edges.map(({ node }) => (
                <OrderRow key={`${node.order.provider}/${node.order.id}`} cancellation={node} />
              ))}
            </ul>
          )}
          <Pages pageInfo={part.pageInfo} after={after} onTurn={onTurn} />
        </section>
      ))}
    </>
  );
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
