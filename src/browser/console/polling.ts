import { useEffect, useRef, useState } from "preact/hooks";
import type { TypedDocumentString } from "./generated/graphql.ts";
import type { Failure, Graph } from "./graph.ts";

/** What was read last, and whether that still goes on. */
export interface Polled<Data> {
  /** Undefined until the first answer. */
  data: Data | undefined;
  /** When it was read, by this machine's clock. */
  readAt: number | undefined;
  /** Why the latest read failed; undefined if it did not. */
  failure: Failure | undefined;
  /** Reads at once. */
  refresh(): void;
}

/** From the end of a read to the next one, ms. */
const intervalMs = 5000;

/** The same after reads that failed, one after another; the last one repeats. */
const failedMs = [5000, 10_000, 20_000, 30_000];

/** Reads again and again while the page can be seen. Other variables begin anew, without data. */
export function usePolled<Data, Variables>(
  graph: Graph,
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
): Polled<Data> {
  const [state, setState] = useState<Omit<Polled<Data>, "refresh">>(nothing);
  const poll = useRef<{ refresh(): void } | undefined>(undefined);
  useEffect(() => {
    setState(nothing);
    const polling = startPolling(async () => {
      try {
        const data = await graph.ask(document, variables);
        return () => setState({ data, readAt: Date.now(), failure: undefined });
      } catch (error) {
        return { failed: () => setState((last) => ({ ...last, failure: error as Failure })) };
      }
    });
    poll.current = polling;
    return polling.stop;
  }, [graph, document, JSON.stringify(variables)]);
  return { ...state, refresh: () => poll.current?.refresh() };
}

const nothing = { data: undefined, readAt: undefined, failure: undefined };

type Show = (() => void) | { failed(): void };

/** What a read found is shown only if no newer read was begun meanwhile. */
function startPolling(read: () => Promise<Show>): { refresh(): void; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let newest = 0;
  let failures = 0;
  let stopped = false;

  const run = async () => {
    clearTimeout(timer);
    const number = ++newest;
    const show = await read();
    if (stopped || number !== newest) return;
    if (typeof show === "function") {
      failures = 0;
      show();
    } else {
      failures += 1;
      show.failed();
    }
    timer = setTimeout(next, failures === 0 ? intervalMs : failedMs[Math.min(failures, failedMs.length) - 1]);
  };
  /** A page that nobody sees costs nothing. */
  const next = () => {
    if (!document.hidden) void run();
  };
  const seen = () => {
    if (!document.hidden) void run();
  };
  document.addEventListener("visibilitychange", seen);
  window.addEventListener("online", seen);
  void run();
  return {
    refresh: () => void run(),
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
      window.removeEventListener("online", seen);
    },
  };
}
