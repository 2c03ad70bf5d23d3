import type { ComponentChildren } from "preact";
import type { ConsoleOrderQuery } from "../generated/graphql.ts";
import { formatDuration } from "../times.ts";
import { failureWords, problemWords, providerWords, statusWords } from "../words.ts";
import { When } from "./when.tsx";

type Event = NonNullable<ConsoleOrderQuery["cancellation"]>["history"][number];

/** The steps, oldest first, with the time between them. */
export function Timeline(props: { provider: string; history: readonly Event[]; next: string | null }) {
  const { provider, history, next } = props;
  return (
    <ol class="timeline">
      {history.map((event, index) => {
        const previous = history[index - 1];
        const waitedMs = previous ? Date.parse(event.at) - Date.parse(previous.at) : 0;
        return (
          <li key={`${event.at} ${index}`} class={`step ${toneOf(event)}`}>
            <p class="at">
              <When at={event.at} dateUnlessLike={previous?.at} />
              {waitedMs >= 1000 && <span class="gap">after {formatDuration(waitedMs)}</span>}
            </p>
            <Step {...{ event, provider }} />
          </li>
        );
      })}
      {next && (
        <li class="step coming">
          <p class="at">
            <When at={next} />
          </p>
          <p class="title">The service goes on.</p>
        </li>
      )}
    </ol>
  );
}

function Step({ event, provider }: { event: Event; provider: string }) {
  const { note, requestedBy, requestId, problemCode } = event;
  return (
    <div>
      <p class="title">{titleOf(event)}</p>
      {problemCode && event.kind !== "SETTLED" && <Detail name="Means">{problemWords[problemCode]}</Detail>}
      {(event.providerCode !== null || event.providerMessage !== null) && (
        <Detail name={`${providerWords[provider] ?? provider} said`}>
          {event.providerMessage !== null && <q>{event.providerMessage}</q>}{" "}
          {event.providerCode !== null && <code>{event.providerCode}</code>}
        </Detail>
      )}
      {requestedBy !== null && <Detail name="By">{requestedBy}</Detail>}
      {requestId !== null && (
        <Detail name="Request">
          <code>{requestId}</code>
        </Detail>
      )}
      {note !== null && <blockquote>{note}</blockquote>}
    </div>
  );
}

function Detail({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <p class="detail">
      <span class="name">{name}:</span> {children}
    </p>
  );
}

function titleOf({ kind, attempt, status, problemCode, httpStatus, durationMs, failure }: Event): string {
  const took = durationMs === null ? "" : `, ${formatDuration(durationMs)}`;
  const came = failure ? failureWords[failure] : httpStatus === null ? "no answer" : `HTTP ${httpStatus}`;
  switch (kind) {
    case "REQUESTED":
      return "Cancel asked for";
    case "SENT":
      return `Attempt ${attempt}: sent`;
    case "ATTEMPT_ENDED":
      return `Attempt ${attempt}: ${came}${took}`;
    case "LOOKED_UP":
      return `Looked up: ${came}${took}`;
    case "SETTLED":
      return `${status ? statusWords[status] : "Settled"}${problemCode ? `: ${problemWords[problemCode]}` : ""}`;
    case "RESOLVED":
      return `Closed by hand as ${status ? statusWords[status].toLowerCase() : "settled"}`;
  }
}

/** The colour of a step. Its words say the same. */
function toneOf({ kind, status, problemCode }: Event): string {
  if (status) return status.toLowerCase();
  if (kind === "REQUESTED" || kind === "SENT") return "quiet";
  return problemCode ? "problem-step" : "quiet";
}
