/** An environment variable that looks like a setting of ours and is none. */
export interface UnknownSetting {
  name: string;
  /** The setting that comes closest. */
  nearest: string;
}

/**
 * First words of our settings that other software uses too. A name that begins with one of them is suspected only if it is
 * almost the same as a setting, or shares its first two words.
 */
const commonWords: readonly string[] = [
  ...["ACCESS", "AUTH", "DATABASE", "GATEWAY", "HOST", "HTTP", "HTTPS", "LOG", "MAX", "NO", "NODE", "PORT"],
  ...["PROVIDER", "SANDBOX", "SUBSCRIPTION", "WEBHOOK"],
];

/** Variables that Kubernetes and Docker links set for a service of any name: X_SERVICE_HOST, X_PORT_80_TCP_ADDR. */
const serviceLink = /_SERVICE_(HOST|PORT(_\w+)?)$|_PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?$/;

/** The variables that begin like a setting, or are almost the name of one, and are none of `known`. In alphabetical order. */
export function findUnknownSettings(names: readonly string[], known: ReadonlySet<string>): UnknownSetting[] {
  const settings = [...known].filter((each) => each === each.toUpperCase());
  return names
    .filter((name) => !known.has(name) && !serviceLink.test(name))
    .toSorted()
    .flatMap((name) => {
      const near = settings.filter((setting) => beginsAlike(name, setting) || isAlmost(name, setting));
      const nearest = near.toSorted(byNearness(upper(name)))[0];
      return nearest === undefined ? [] : [{ name, nearest }];
    });
}

function beginsAlike(name: string, setting: string): boolean {
  const [given, ours] = [upper(name).split("_"), setting.split("_")];
  if (given[0] !== ours[0] || ours.length < 2) return false;
  return !commonWords.includes(ours[0] ?? "") || (ours.length > 2 && given[1] === ours[1]);
}

/** Short names are close to many others: HOST to HOME, AUTH to PATH. */
const shortest = 7;

/** From this length on two slips are believed in one name; FTP_PROXY is two from HTTP_PROXY, and means something else. */
const longEnoughForTwo = 12;

function isAlmost(name: string, setting: string): boolean {
  const slips = setting.length >= longEnoughForTwo ? 2 : 1;
  // The lengths alone tell of most names that they are too far away.
  if (setting.length < shortest || Math.abs(name.length - setting.length) > slips) return false;
  return distance(upper(name), setting) <= slips;
}

/** Whole words that two names share say more than letters: FINPAY_KEY is nearer to FINPAY_MERCHANT_KEY than to FINPAY_PAUSED. */
function byNearness(name: string): (a: string, b: string) => number {
  const words = new Set(name.split("_"));
  const shared = (setting: string) => setting.split("_").filter((word) => words.has(word)).length;
  return (a, b) => shared(b) - shared(a) || distance(name, a) - distance(name, b);
}

function upper(name: string): string {
  return name.toUpperCase().replaceAll("-", "_");
}

/** Levenshtein's: how many letters must be added, removed or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...b].entries()) {
      const changed = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
