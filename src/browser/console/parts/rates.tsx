import type { CancellationStatus, ConsoleProvidersQuery } from "../generated/graphql.ts";
import { statusWords } from "../words.ts";

type Minutes = NonNullable<ConsoleProvidersQuery["cancellationRates"]>;

/** From the bottom of a bar to its top. */
const statuses = ["CANCELLED", "REJECTED", "UNCONFIRMED"] as const satisfies CancellationStatus[];

/** As ConsoleProviders asks for; and the minute that is not over. */
const minutes = 16;

const minuteMs = 60_000;

/** In units of the drawing. */
const [barWidth, gap, height] = [14, 4, 44];

/** How many orders were settled in each of the last minutes. */
export function Rates({ rates }: { rates: Minutes }) {
  const newest = Math.floor(Date.now() / minuteMs) * minuteMs;
  const begins = Math.max(newest, ...rates.map(({ minute }) => Date.parse(minute))) - (minutes - 1) * minuteMs;
  const bars = Array.from({ length: minutes }, (_, index) => {
    const at = begins + index * minuteMs;
    return statuses.map((status) =>
      total(rates.filter((each) => each.status === status && Date.parse(each.minute) === at)),
    );
  });
  const highest = Math.max(1, ...bars.map((bar) => bar.reduce((sum, each) => sum + each, 0)));
  const totals = statuses.map((status) => ({ status, count: total(rates.filter((each) => each.status === status)) }));
  const words = totals.map(({ status, count }) => `${count.toLocaleString("en")} ${statusWords[status].toLowerCase()}`);
  return (
    <figure class="rates">
      <svg
        viewBox={`0 0 ${minutes * (barWidth + gap)} ${height}`}
        role="img"
        aria-label={`In the last 15 minutes: ${words.join(", ")}`}
      >
        {bars.map((bar, index) => (
          <Bar key={begins + index * minuteMs} {...{ bar, index, highest }} />
        ))}
      </svg>
      <figcaption>
        <span class="hint">Settled in the last 15 minutes, most in a minute {highest.toLocaleString("en")}:</span>
        {totals.map(({ status, count }) => (
          <span key={status} class={`legend ${status.toLowerCase()}`}>
            {count.toLocaleString("en")} {statusWords[status].toLowerCase()}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

function Bar({ bar, index, highest }: { bar: readonly number[]; index: number; highest: number }) {
  let top = height;
  const x = index * (barWidth + gap);
  return (
    <g>
      <rect class="ground" x={x} y={height - 2} width={barWidth} height={2} />
      {bar.map((count, part) => {
        const length = (count / highest) * height;
        top -= length;
        const status = statuses[part];
        return status && count > 0 ? (
          <rect key={status} class={status.toLowerCase()} x={x} y={top} width={barWidth} height={Math.max(2, length)} />
        ) : null;
      })}
    </g>
  );
}

function total(some: Minutes): number {
  return some.reduce((sum, { count }) => sum + count, 0);
}
