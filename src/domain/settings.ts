/**
 * Reads settings from the environment and collects every mistake, so that an operator sees them all at once. Each mistake is
 * one line: it names the setting, says what it needs, and quotes what it got. Secrets are never quoted.
 */
export interface Settings {
  /** Whether NODE_ENV is `production`. */
  readonly production: boolean;
  /** One line per mistake found so far. */
  readonly mistakes: readonly string[];
  /** The name of every setting that was asked for so far, and of its file. */
  readonly known: ReadonlySet<string>;
  /** The text without surrounding blanks, in one line; undefined if unset or empty. A secret may come from its file. */
  text(name: string): string | undefined;
  /** A key, or what belongs to it: characters that every HTTP header can carry, and not `without`. Never quoted. */
  secret(name: string, without?: string): string | undefined;
  flag(name: string): boolean | undefined;
  oneOf<T extends string>(name: string, choices: readonly T[]): T | undefined;
  integer(name: string, otherwise: number, bounds: { min: number; max: number }): number;
  /** Comma-separated whole numbers, at least one. */
  integers(name: string, otherwise: readonly number[], bounds: { min: number; max: number }): readonly number[];
  /** An http(s) URL without credentials, query or fragment; https only in production. */
  url(name: string): URL | undefined;
  url(name: string, otherwise: string): URL;
  /** These settings together: all of them, or undefined if none is given. Some but not all of them is a mistake. */
  together(names: readonly string[]): string[] | undefined;
  /** Adds a mistake. Of each setting, together with its file, only the first mistake is kept. */
  reject(name: string, needs: string): void;
}
