import { useConsole } from "../context.ts";
import { formatAge, formatInstant, formatUtc } from "../times.ts";

const { timeZone } = Intl.DateTimeFormat().resolvedOptions();

/** An instant in the viewer's zone, with UTC beside it. The date is left out if the other instant has the same one. */
export function When({ at, dateUnlessLike }: { at: string; dateUnlessLike?: string | undefined }) {
  const date = new Date(at);
  const [day, time] = formatInstant(date, timeZone).split(", ");
  const sameDay =
    dateUnlessLike !== undefined && formatInstant(new Date(dateUnlessLike), timeZone).startsWith(`${day},`);
  return (
    <time dateTime={at} class="when">
      {sameDay ? time : `${day}, ${time}`}{" "}
      <span class="utc">{timeZone === "UTC" ? "UTC" : formatUtc(date, timeZone)}</span>
    </time>
  );
}

/** How long ago it was, by the server's clock. */
export function Age({ since }: { since: string }) {
  const { graph } = useConsole();
  const age = formatAge(Date.now() + graph.clockAheadMs - Date.parse(since));
  return (
    <time dateTime={since} class="age" title={`${formatInstant(new Date(since), timeZone)} ${timeZone}`}>
      {age}
    </time>
  );
}
