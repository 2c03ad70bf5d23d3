import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { ViewerQuery } from "./generated/graphql.ts";
import type { Graph } from "./graph.ts";

export type Viewer = ViewerQuery["viewer"];

/** How it went. */
export type SaidKind = "good" | "warn" | "bad";

/** What all pages use. */
export interface Console {
  graph: Graph;
  viewer: Viewer;
  /** Tells the person what has happened. */
  say(message: string, kind?: SaidKind): void;
}

const context = createContext<Console | undefined>(undefined);
export const ConsoleProvider = context.Provider;

export function useConsole(): Console {
  const found = useContext(context);
  if (!found) throw new Error("outside of ConsoleProvider");
  return found;
}
