import type { CancellationProblemCode, CancellationStatus } from "../generated/graphql.ts";
import { writeRoute } from "../route.ts";
import { plural, problemWords, providerWords } from "../words.ts";
import { ProviderName, StatusBadge } from "./badges.tsx";
import { Age, When } from "./when.tsx";

export interface RowCancellation {
  status: CancellationStatus;
  requestedAt: string;
  settledAt: string | null;
  nextAttemptAt: string | null;
  attempts: number;
  problem: Problem | null;
  order: { provider: string; id: string };
}

interface Problem {
  code: CancellationProblemCode;
  message: string;
  providerCode: string | null;
  providerMessage: string | null;
}

/** An order in a list. It can be selected if there is an `onToggle`. */
export function OrderRow(props: { cancellation: RowCancellation; selected?: boolean; onToggle?(): void }) {
  const { cancellation, selected, onToggle } = props;
  const { order, status, requestedAt, nextAttemptAt, problem, attempts } = cancellation;
  const ended = status === "CANCELLED" || status === "REJECTED";
  return (
    <li class={selected ? "order selected" : "order"}>
      {onToggle && (
        <input
          type="checkbox"
          checked={selected ?? false}
          aria-label={`Select ${order.provider} ${order.id}`}
          onChange={onToggle}
        />
      )}
      <div class="what">
        <p class="title">
          <ProviderName provider={order.provider} />{" "}
          <a href={writeRoute({ page: "order", provider: order.provider, id: order.id })}>
            <code>{order.id}</code>
          </a>{" "}
          {!onToggle && <StatusBadge status={status} />}
        </p>
        {problem && <ProblemText provider={order.provider} problem={problem} />}
      </div>
      <div class="since">
        <p>
          {ended ? "asked " : "waits "}
          <strong>
            <Age since={requestedAt} />
          </strong>
          {ended && " ago"}
          <span class="hint"> · {plural(attempts, "attempt")}</span>
        </p>
        <p class="hint">
          <When at={requestedAt} />
        </p>
        {nextAttemptAt && (
          <p class="hint">
            goes on <When at={nextAttemptAt} dateUnlessLike={requestedAt} />
          </p>
        )}
      </div>
    </li>
  );
}

/** Our words, then the provider's. */
export function ProblemText({ provider, problem }: { provider: string; problem: Problem }) {
  const { code, message, providerCode, providerMessage } = problem;
  return (
    <div class="problem">
      <p>
        <strong>{problemWords[code]}.</strong> {message}
      </p>
      {(providerCode !== null || providerMessage !== null) && (
        <p class="words">
          {providerWords[provider] ?? provider} said: {providerMessage !== null && <q>{providerMessage}</q>}{" "}
          {providerCode !== null && <code>{providerCode}</code>}
        </p>
      )}
    </div>
  );
}
