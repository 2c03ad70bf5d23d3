import { useConsole } from "../context.ts";
import { ConsoleProvidersDocument } from "../generated/graphql.ts";
import { Live } from "../parts/live.tsx";
import { ProviderCard } from "../parts/provider-card.tsx";
import { usePolled } from "../polling.ts";

/** How each provider fares, and its pause. */
export function ProvidersPage() {
  const { graph, viewer } = useConsole();
  const polled = usePolled(graph, ConsoleProvidersDocument, { canRead: viewer.canRead });
  const { cancellationProviders = [], cancellationCounts, cancellationRates } = polled.data ?? {};
  return (
    <main>
      <header class="page">
        <h1>Providers</h1>
        <Live polled={polled} />
      </header>
      {!viewer.canRead && (
        <p class="notice info">
          You lack the scope <code>cancellations:read</code>, so you do not see how many orders wait.
        </p>
      )}
      <div class="cards">
        {cancellationProviders
          .toSorted((a, b) => Number(b.configured) - Number(a.configured))
          .map((each) => {
            const { provider } = each;
            return (
              <ProviderCard
                key={provider}
                provider={each}
                counts={cancellationCounts?.filter((count) => count.provider === provider)}
                rates={cancellationRates?.filter((rate) => rate.provider === provider)}
                onDone={polled.refresh}
              />
            );
          })}
      </div>
    </main>
  );
}
