import type { ConsoleAttentionQuery } from "../generated/graphql.ts";
import { writeRoute } from "../route.ts";
import { problemWords, showCount } from "../words.ts";
import { ProviderName, StatusBadge } from "./badges.tsx";
import { Age } from "./when.tsx";

type Counts = NonNullable<ConsoleAttentionQuery["cancellationCounts"]>;

/** What a person must find out comes first, then what waits; the oldest first. */
export function Counts({ counts }: { counts: Counts }) {
  const shown = counts
    .filter(({ status, count }) => count > 0 && (status === "UNCONFIRMED" || status === "PENDING"))
    .toSorted((a, b) => b.status.localeCompare(a.status) || olderFirst(a, b));
  if (shown.length === 0) return null;
  return (
    <section aria-labelledby="counts">
      <h2 id="counts">How many orders wait, and why</h2>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Status</th>
              <th scope="col">Provider</th>
              <th scope="col">Problem</th>
              <th scope="col" class="number">
                Orders
              </th>
              <th scope="col" class="number">
                Oldest
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ provider, status, problemCode, count, oldestRequestedAt }) => (
              <tr key={`${provider} ${status} ${problemCode}`}>
                <td>
                  <StatusBadge status={status} />
                </td>
                <th scope="row">
                  <ProviderName provider={provider} />
                </th>
                <td>{problemCode ? problemWords[problemCode] : "–"}</td>
                <td class="number">
                  <a
                    href={linkTo({ provider, status, problemCode })}
                    aria-label={`${showCount(count)} orders: show them`}
                  >
                    {showCount(count)}
                  </a>
                </td>
                <td class="number">{oldestRequestedAt && <Age since={oldestRequestedAt} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function linkTo({
  provider,
  status,
  problemCode,
}: Pick<Counts[number], "provider" | "status" | "problemCode">): string {
  if (status === "UNCONFIRMED") return writeRoute({ page: "attention", provider });
  return writeRoute({ page: "pending", provider, problem: problemCode });
}

function olderFirst(a: Counts[number], b: Counts[number]): number {
  return (a.oldestRequestedAt ?? "").localeCompare(b.oldestRequestedAt ?? "");
}
