import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { type Answer, textAnswer } from "./answer.ts";

/**
 * What goes wrong with one request. `effect` says whether the provider acts on it first, so that the order is cancelled
 * but the client does not learn it. With `effectAfterMs` it acts only so many ms after the request arrived. Until then
 * look-ups show the orders as they were, and every other cancel of them is refused as too late.
 */
export type Fault =
  /** Acts on arrival and answers normally, late. */
  | { kind: "delay"; ms: number }
  /** Acts on arrival and answers normally, once this is fulfilled. */
  | { kind: "held"; until: Promise<unknown> }
  /** The socket is reset (RST) without an answer. */
  | { kind: "reset"; effect: boolean; effectAfterMs?: number }
  /** Never answers; the socket is closed when the simulator closes. */
  | { kind: "hang"; effect: boolean; effectAfterMs?: number }
  /** For example 500, or 429 with `retry-after`. */
  | {
      kind: "status";
      status: number;
      headers?: Record<string, string>;
      body?: string;
      effect: boolean;
      effectAfterMs?: number;
    }
  /** Acts and answers normally, after a 100 Continue that was not asked for, or in a coding that was not. */
  | { kind: "continue" }
  | { kind: "gzip" }
  /** 200 with text that is not JSON. */
  | { kind: "garbage"; effect: boolean };

/** What the provider can do about one request. */
export interface Effect {
  /** Acts, then says how. */
  now(): Answer;
  later(afterMs: number): void;
}

/** What is written back under this fault, once its delay is over; undefined if nothing is. */
export async function applyFault(
  effect: Effect,
  fault: Fault | undefined,
  response: ServerResponse,
  closing: AbortSignal,
): Promise<Answer | undefined> {
  const normal = act(effect, fault);
  switch (fault?.kind) {
    case undefined:
      return normal;
    case "delay":
      await sleep(fault.ms, undefined, { signal: closing }).catch(() => undefined);
      return normal;
    case "held":
      await fault.until;
      return normal;
    case "reset":
      response.socket?.resetAndDestroy();
      return undefined;
    case "hang":
      return undefined;
    case "status": {
      const plain = textAnswer(fault.status, fault.body ?? "");
      return { ...plain, headers: { ...plain.headers, ...fault.headers } };
    }
    case "continue":
      response.writeContinue();
      return normal;
    case "gzip":
      return (
        normal && { ...normal, headers: { ...normal.headers, "content-encoding": "gzip" }, body: gzipSync(normal.body) }
      );
    case "garbage":
      return textAnswer(200, "<html><body>It works!</body></html>");
  }
}

function act(effect: Effect, fault: Fault | undefined): Answer | undefined {
  if (fault === undefined || !("effect" in fault)) return effect.now();
  if (!fault.effect) return undefined;
  if ("effectAfterMs" in fault && fault.effectAfterMs !== undefined) {
    effect.later(fault.effectAfterMs);
    return undefined;
  }
  return effect.now();
}
