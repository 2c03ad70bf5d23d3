import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, textAnswer } from "./answer.ts";

/**
 * What goes wrong with one request. `effect` says whether the provider acts on it first, so that the order is cancelled
 * but the client does not learn it.
 */
export type Fault =
  /** Acts on arrival and answers normally, late. */
  | { kind: "delay"; ms: number }
  /** The socket is reset (RST) without an answer. */
  | { kind: "reset"; effect: boolean }
  /** Never answers; the socket is closed when the simulator closes. */
  | { kind: "hang"; effect: boolean }
  /** For example 500, or 429 with `retry-after`. */
  | { kind: "status"; status: number; headers?: Record<string, string>; body?: string; effect: boolean }
  /** 200 with text that is not JSON. */
  | { kind: "garbage"; effect: boolean };

/** What is written back under this fault, once its delay is over; undefined where nothing is. */
export async function applyFault(
  answer: () => Answer,
  fault: Fault | undefined,
  response: ServerResponse,
  closing: AbortSignal,
): Promise<Answer | undefined> {
  const normal = hasEffect(fault) ? answer() : undefined;
  switch (fault?.kind) {
    case undefined:
      return normal;
    case "delay":
      await sleep(fault.ms, undefined, { signal: closing }).catch(() => undefined);
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
    case "garbage":
      return textAnswer(200, "<html><body>It works!</body></html>");
  }
}

function hasEffect(fault: Fault | undefined): boolean {
  return fault === undefined || fault.kind === "delay" || fault.effect;
}
