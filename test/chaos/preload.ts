import { randomUUID } from "node:crypto";
import { subscribe } from "node:diagnostics_channel";

/**
 * Loaded into an instance before the service itself (`node --import`), for chaos runs. It lets the parent process set the
 * instance's clock, and tells the parent which of the provider's answers have arrived completely.
 */
export type FromParent = { clockOffsetMs: number };
/** The number is in `requestHeader` of the request. */
export type ToParent = { clockIsSet: true } | { answered: string };

/** Every request of the instance carries its number in this header: the instance's name, a blank, and a text of its own. */
export const requestHeader = "x-chaos-request";

/** `performance.now` and timers are left alone: a jump of the wall clock does not touch the monotonic one. */
function shiftClock(): { set(offsetMs: number): void } {
  const RealDate = Date;
  const realNow = Date.now;
  let offsetMs = Number(process.env.CHAOS_CLOCK_OFFSET_MS ?? 0);
  const now = () => realNow() + offsetMs;
  RealDate.now = now;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: (target) => new target(now()).toString(),
  });
  return {
    set: (ms) => {
      offsetMs = ms;
    },
  };
}

interface UndiciRequest {
  addHeader(name: string, value: string): void;
}

/** By undici's own events (its docs/api/DiagnosticsChannel.md, 8.12): `trailers` is the end of a complete answer. */
function reportAnswers(report: (answered: string) => void): void {
  const ids = new WeakMap<UndiciRequest, string>();
  subscribe("undici:request:create", (message) => {
    const { request } = message as { request: UndiciRequest };
    const id = `${process.env.CHAOS_INSTANCE} ${randomUUID()}`;
    ids.set(request, id);
    request.addHeader(requestHeader, id);
  });
  subscribe("undici:request:trailers", (message) => {
    const id = ids.get((message as { request: UndiciRequest }).request);
    if (id) report(id);
  });
}

function tell(message: ToParent): void {
  // The parent may be gone.
  process.send?.(message, undefined, undefined, () => {});
}

// The parent imports this file for its types and names only.
if (process.env.CHAOS_CLOCK_OFFSET_MS !== undefined) {
  const clock = shiftClock();
  reportAnswers((answered) => tell({ answered }));
  process.on("message", ({ clockOffsetMs }: FromParent) => {
    clock.set(clockOffsetMs);
    tell({ clockIsSet: true });
  });
  process.on("disconnect", () => process.exit(1));
}
