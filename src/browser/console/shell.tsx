import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Console, ConsoleProvider, type SaidKind, type Viewer } from "./context.ts";
import { ViewerDocument } from "./generated/graphql.ts";
import { createGraph, type Failure } from "./graph.ts";
import { AttentionPage } from "./pages/attention-page.tsx";
import { OrderPage } from "./pages/order-page.tsx";
import { PendingPage } from "./pages/pending-page.tsx";
import { ProvidersPage } from "./pages/providers-page.tsx";
import { SearchPage } from "./pages/search-page.tsx";
import { SignInPage } from "./pages/sign-in-page.tsx";
import { type Route, readRoute, writeRoute } from "./route.ts";
import type { Session } from "./session.ts";

/** The frame of all pages: who uses them, and what has been done. */
export function Shell({ session, graphqlUrl }: { session: Session; graphqlUrl: string }) {
  const token = useToken(session);
  const [viewer, setViewer] = useState<Viewer>();
  const [failure, setFailure] = useState<Failure>();
  const known = useRef(false);
  const graph = useMemo(() => {
    const signedOut = (reason: Failure) => {
      // Without a token it is news only to those who were known: a proxy had signed them in.
      if (session.token() === undefined && !known.current) return;
      known.current = false;
      session.refused(reason.message);
      setViewer(undefined);
      setFailure(reason);
    };
    return createGraph(graphqlUrl, session.token, signedOut);
  }, [session, graphqlUrl]);
  const [said, setSaid] = useState<{ message: string; kind: SaidKind }>();
  const route = useRoute();
  usePageChange(route.page);

  const identify = () => {
    setFailure(undefined);
    const identified = (found: Viewer) => {
      known.current = true;
      setViewer(found);
    };
    graph.ask(ViewerDocument, {}).then(({ viewer }) => identified(viewer), setFailure);
  };
  useEffect(() => {
    known.current = false;
    setViewer(undefined);
    identify();
  }, [graph, token]);
  const shared = useMemo<Console | undefined>(
    () => viewer && { graph, viewer, say: (message, kind = "good") => setSaid({ message, kind }) },
    [graph, viewer],
  );
  return (
    <>
      <Top {...{ route, viewer, session, token }} />
      <div class="said" role="status">
        {said && (
          <p class={`notice ${said.kind}`}>
            {said.message}{" "}
            <button type="button" class="link" onClick={() => setSaid(undefined)}>
              Dismiss
            </button>
          </p>
        )}
      </div>
      {shared ? (
        <ConsoleProvider value={shared}>
          <Page route={route} />
        </ConsoleProvider>
      ) : failure?.kind === "signedOut" ? (
        <SignInPage session={session} message={session.message} />
      ) : (
        <main>
          {failure ? (
            <p class="notice bad" role="alert">
              {failure.message}{" "}
              <button type="button" class="link" onClick={identify}>
                Try again
              </button>
            </p>
          ) : (
            <p class="loading">Loading</p>
          )}
        </main>
      )}
    </>
  );
}

/** The window's title says which page it is; and so does the focus, if it was left behind on another page. */
function usePageChange(page: Route["page"]): void {
  const shown = useRef(page);
  useEffect(() => {
    document.title = `${titles[page]} · Cancellations`;
    if (shown.current === page) return;
    shown.current = page;
    const main = document.querySelector("main");
    const heading = main?.querySelector("h1");
    if (!heading || main?.contains(document.activeElement)) return;
    heading.tabIndex = -1;
    heading.focus();
  }, [page]);
}

function Page({ route }: { route: Route }) {
  switch (route.page) {
    case "attention":
      return <AttentionPage key={route.provider} provider={route.provider} />;
    case "pending":
      return <PendingPage key={writeRoute(route)} provider={route.provider} problem={route.problem} />;
    case "search":
      return <SearchPage text={route.text} />;
    case "order":
      return <OrderPage key={writeRoute(route)} provider={route.provider} id={route.id} />;
    case "providers":
      return <ProvidersPage />;
  }
}

const titles: Readonly<Record<Route["page"], string>> = {
  attention: "Attention",
  pending: "Pending",
  search: "Search",
  order: "Order",
  providers: "Providers",
};

/** Where one can go from everywhere. */
const links: readonly Route[] = [
  { page: "attention", provider: null },
  { page: "search", text: "" },
  { page: "providers" },
];

function Top(props: { route: Route; viewer: Viewer | undefined; session: Session; token: string | undefined }) {
  const { route, viewer, session, token } = props;
  return (
    <header class="top">
      <div class="brand">Cancellations</div>
      {viewer && (
        <nav class="pages" aria-label="Pages">
          {links.map((to) => (
            <a key={to.page} href={writeRoute(to)} aria-current={to.page === route.page ? "page" : undefined}>
              {titles[to.page]}
            </a>
          ))}
        </nav>
      )}
      {viewer && (
        <div class="viewer">
          <span>{viewer.subject ?? "without sign-in"}</span>
          {token !== undefined && (
            <button type="button" class="link" onClick={session.signOut}>
              Sign out
            </button>
          )}
        </div>
      )}
    </header>
  );
}

function useToken(session: Session): string | undefined {
  const [token, setToken] = useState(session.token());
  useEffect(() => session.watch(() => setToken(session.token())), [session]);
  return token;
}

function useRoute(): Route {
  const [route, setRoute] = useState(() => readRoute(location.hash));
  useEffect(() => {
    const listener = () => setRoute(readRoute(location.hash));
    window.addEventListener("hashchange", listener);
    return () => window.removeEventListener("hashchange", listener);
  }, []);
  return route;
}
