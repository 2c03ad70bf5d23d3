import type { ConsoleAttentionQuery } from "../generated/graphql.ts";
import { plural, providerWords } from "../words.ts";
import { Notice } from "./badges.tsx";
import { Age } from "./when.tsx";

/** What stops a whole provider: it explains much of what stands below. */
export function Troubles({ cancellationProviders, cancellationCounts = [] }: ConsoleAttentionQuery) {
  const troubles = cancellationProviders
    .filter(({ configured }) => configured)
    .flatMap(({ provider, paused, pausedAt, pausedReason, circuit }) => {
      const pending = cancellationCounts.filter((each) => each.provider === provider && each.status === "PENDING");
      const waiting = cancellationCounts.length > 0 ? `${plural(sum(pending), "order")} pending.` : "";
      const refused = pending.filter(({ problemCode }) => problemCode === "PROVIDER_REJECTED_CREDENTIALS");
      const name = providerWords[provider] ?? provider;
      return [
        sum(refused) > 0 && (
          <Notice kind="bad" key={`${provider} key`}>
            <strong>{name} refuses our key.</strong> {plural(sum(refused), "order")} cannot be sent. Somebody must set
            its credentials.
          </Notice>
        ),
        circuit === "OPEN" && (
          <Notice kind="bad" key={`${provider} circuit`}>
            <strong>{name} fails again and again.</strong> For some seconds nothing is sent to it. {waiting}
          </Notice>
        ),
        paused && (
          <Notice kind="warn" key={`${provider} pause`}>
            <strong>{name} is paused</strong> {pausedAt === null ? "by a setting" : <PausedFor since={pausedAt} />}
            {pausedReason !== null && <>: {pausedReason}</>}. {waiting}
          </Notice>
        ),
      ].filter(Boolean);
    });
  return troubles.length > 0 ? (
    <section class="stack" aria-label="Providers in trouble">
      {troubles}
    </section>
  ) : null;
}

function PausedFor({ since }: { since: string }) {
  return (
    <>
      for <Age since={since} />
    </>
  );
}

function sum(counts: readonly { count: number }[]): number {
  return counts.reduce((total, { count }) => total + count, 0);
}
