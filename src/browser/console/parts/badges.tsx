import type { CancellationStatus } from "../generated/graphql.ts";
import { providerWords, statusWords } from "../words.ts";

/** Colour and shape say it, and so does the text. */
export function StatusBadge({ status }: { status: CancellationStatus }) {
  return <span class={`badge ${status.toLowerCase()}`}>{statusWords[status]}</span>;
}

export function ProviderName({ provider }: { provider: string }) {
  return <span class="provider">{providerWords[provider] ?? provider}</span>;
}

export function Notice({ kind, children }: { kind: "bad" | "warn" | "info"; children: preact.ComponentChildren }) {
  return <div class={`notice ${kind}`}>{children}</div>;
}
