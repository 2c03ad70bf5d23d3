import { readFileSync } from "node:fs";
import type { PlayedAnswer } from "./play.ts";

/**
 * Answers in one provider's own format, from its fixtures. In each, `WORDS` stands for any words and `ORDER_ID` for the order; an entry
 * of a list that names `ORDER_ID` stands for one entry per order.
 */
export interface Wordings {
  refusals: readonly PlayedAnswer[];
  /** A success of its pages, with words beside it. */
  successes: readonly PlayedAnswer[];
  /** A look-up of an order in a state of this name, which no page has; or one that names no state. */
  states: readonly PlayedAnswer[];
  /** If it signs times: how it refuses one. */
  timeRefused?: PlayedAnswer;
  /** Further settings that change what is asked. */
  settings?: readonly Record<string, string>[];
}

export function wordingsOf(provider: string): Wordings {
  const path = new URL(`../fixtures/${provider.toLowerCase()}.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, "utf8")) as { wordings: Wordings }).wordings;
}

export function fillIn({ status = 200, json }: PlayedAnswer, words: string, orderIds: readonly string[]) {
  return { status, json: fill(json, words, orderIds) };
}

function fill(value: unknown, words: string, orderIds: readonly string[]): unknown {
  if (value === "WORDS") return words;
  if (value === "ORDER_ID") return orderIds[0];
  if (Array.isArray(value)) return value.flatMap((inner) => fillEach(inner, words, orderIds));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fill(inner, words, orderIds)]));
}

function fillEach(inner: unknown, words: string, orderIds: readonly string[]): unknown[] {
  const isPerOrder = JSON.stringify(inner).includes('"ORDER_ID"');
  return isPerOrder ? orderIds.map((id) => fill(inner, words, [id])) : [fill(inner, words, orderIds)];
}
