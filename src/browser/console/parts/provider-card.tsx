import type { ConsoleProvidersQuery } from "../generated/graphql.ts";
import { writeRoute } from "../route.ts";
import { formatAge } from "../times.ts";
import { providerWords, showCount } from "../words.ts";
import { Pause } from "./pause.tsx";
import { Rates } from "./rates.tsx";
import { Age, When } from "./when.tsx";

type Provider = ConsoleProvidersQuery["cancellationProviders"][number];
type Counts = NonNullable<ConsoleProvidersQuery["cancellationCounts"]>;
type Minutes = NonNullable<ConsoleProvidersQuery["cancellationRates"]>;

export interface ProviderCardProps {
  provider: Provider;
  /** Of this provider; undefined if the caller may not read them. */
  counts: Counts | undefined;
  rates: Minutes | undefined;
  onDone(): void;
}

export function ProviderCard({ provider, counts, rates, onDone }: ProviderCardProps) {
  const name = providerWords[provider.provider] ?? provider.provider;
  return (
    <section class={provider.configured ? "card" : "card absent"} aria-label={name}>
      <header>
        <h2>{name}</h2>
        <States provider={provider} />
      </header>
      {provider.paused && (
        <p class="notice warn">
          {provider.pausedAt === null ? (
            "A setting of this service pauses it."
          ) : (
            <>
              Paused for <Age since={provider.pausedAt} />, since <When at={provider.pausedAt} />
            </>
          )}
          {provider.pausedReason !== null && (
            <>
              <br />
              Reason: {provider.pausedReason}
            </>
          )}
        </p>
      )}
      {provider.configured && counts && <Backlog provider={provider.provider} counts={counts} />}
      {provider.configured && rates && <Rates rates={rates} />}
      <Limits provider={provider} />
      {provider.configured && <Pause {...{ provider, name, onDone }} />}
    </section>
  );
}

function States({ provider: { configured, sandbox, paused, circuit } }: { provider: Provider }) {
  if (!configured) return <span class="badge quiet">Not set up</span>;
  return (
    <span class="badges">
      {sandbox && <span class="badge info">Test environment</span>}
      {paused && <span class="badge warn">Paused</span>}
      {circuit === "OPEN" && <span class="badge bad">Fails: nothing is sent</span>}
      {circuit === "HALF_OPEN" && <span class="badge warn">Tries again</span>}
      {!paused && circuit === "CLOSED" && <span class="badge good">Requests flow</span>}
    </span>
  );
}

function Backlog({ provider, counts }: { provider: string; counts: Counts }) {
  const [pending, unconfirmed] = (["PENDING", "UNCONFIRMED"] as const).map((status) => {
    const some = counts.filter((each) => each.status === status);
    const oldest = some.flatMap(({ oldestRequestedAt }) => oldestRequestedAt ?? []).toSorted()[0];
    return { count: some.reduce((sum, { count }) => sum + count, 0), oldest };
  });
  return (
    <dl class="figures">
      {[
        { name: "Pending", figure: pending, to: writeRoute({ page: "pending", provider, problem: null }) },
        { name: "Unconfirmed", figure: unconfirmed, to: writeRoute({ page: "attention", provider }) },
      ].map(({ name, figure, to }) => (
        <div key={name} class={name === "Unconfirmed" && figure?.count ? "figure warn" : "figure"}>
          <dt>{name}</dt>
          <dd>
            <strong>{figure?.count ? <a href={to}>{showCount(figure.count)}</a> : 0}</strong>
            {figure?.oldest && (
              <span class="hint">
                oldest <Age since={figure.oldest} />
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Limits({ provider }: { provider: Provider }) {
  const { maxBatchSize, minIntervalMs, cancellableWhen, cancellableAfterSeconds, autoCancelledAfterSeconds } = provider;
  return (
    <details>
      <summary>Limits and rules</summary>
      <dl class="pairs">
        <dt>Orders in a request</dt>
        <dd>{maxBatchSize === 1 ? "1" : `up to ${maxBatchSize}`}</dd>
        <dt>Between two requests</dt>
        <dd>{minIntervalMs === null ? "no limit stated" : `at least ${formatAge(minIntervalMs)}`}</dd>
        <dt>Cancels</dt>
        <dd>{cancellableWhen}</dd>
        {cancellableAfterSeconds !== null && (
          <>
            <dt>Not before</dt>
            <dd>{formatAge(cancellableAfterSeconds * 1000)} after the order was made</dd>
          </>
        )}
        {autoCancelledAfterSeconds !== null && (
          <>
            <dt>By itself</dt>
            <dd>{formatAge(autoCancelledAfterSeconds * 1000)} after the order was made</dd>
          </>
        )}
        <dt>Look-up</dt>
        <dd>{provider.statusLookup ? "tells afterwards how an order stands" : "there is none"}</dd>
      </dl>
      {provider.documentationUrl.startsWith("https://") && (
        <a href={provider.documentationUrl} target="_blank" rel="noreferrer">
          The provider's page
        </a>
      )}
    </details>
  );
}
