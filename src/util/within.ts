import { setTimeout as pause } from "node:timers/promises";

/** What `promise` resolves to, or `other` if that takes longer than `ms`. */
export async function within<T, Other>(ms: number, promise: Promise<T>, other: Other): Promise<T | Other> {
  const late = new AbortController();
  const instead = pause(Math.max(0, ms), other, { signal: late.signal }).catch(() => other);
  return Promise.race([promise, instead]).finally(() => late.abort());
}
