/** A time that has passed, in its two largest units: "45 s", "2 h 14 min", "3 d 4 h". */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return joined(days, "d", hours, "h");
  if (hours > 0) return joined(hours, "h", minutes, "min");
  return minutes > 0 ? joined(minutes, "min", minutes < 10 ? seconds % 60 : 0, "s") : `${seconds} s`;
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** How long an exchange or a wait took: "480 ms", "10.0 s", "5 min 20 s". */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : formatAge(ms);
}

/** Date and time in a zone: "1 Dec 2026, 03:12:04". */
export function formatInstant(at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    ...{ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" },
    timeZone,
  }).format(at);
}

/** The same in UTC, without the date if it is the same day there: "02:12:04 UTC". */
export function formatUtc(at: Date, timeZone: string): string {
  const [there, here] = ["UTC", timeZone].map((zone) => formatInstant(at, zone).split(", ")) as [string[], string[]];
  return `${there[0] === here[0] ? there[1] : there.join(", ")} UTC`;
}
