import { readFileSync } from "node:fs";
import type { Settings } from "../domain/provider.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The settings of this environment. Mistakes are collected, as the docstring of `Settings` says. */
export function readSettings(environment: Environment): Settings {
  const mistakes: string[] = [];
  const reject = rejectOnce(environment, mistakes);
  const production = environment.NODE_ENV === "production";
  if (environment.NODE_ENV && !nodeEnvironments.includes(environment.NODE_ENV)) {
    reject("NODE_ENV", `needs ${nodeEnvironments.join(" or ")}, exactly so, or to be unset`);
  }

  const known = new Set(["NODE_ENV"]);
  const fromFile = openSettingFiles(environment, reject);
  const text: Settings["text"] = (name) => {
    known.add(name);
    if (holdsSecret(name)) known.add(`${name}_FILE`);
    const given = fromFile(name) ?? (environment[name]?.trim() || undefined);
    if (given !== undefined && /\p{Cc}/u.test(given)) reject(name, "needs one line without control characters");
    return given;
  };
  const oneOf: Settings["oneOf"] = (name, choices) => {
    const given = text(name);
    const choice = choices.find((each) => each === given);
    if (given !== undefined && choice === undefined) reject(name, `needs ${choices.join(" or ")}`);
    return choice;
  };

  return {
    production,
    mistakes,
    known,
    text,
    oneOf,
    reject,
    ...readNumbers(text, reject),

    secret: (name, without) => {
      if (!holdsSecret(name)) throw new Error(`${name}: a secret needs a name that holdsSecret knows`);
      const given = text(name);
      if (given === undefined) return undefined;
      const other = without === undefined ? "" : ` or "${without}"`;
      if (!/^[\x21-\x7e]+$/.test(given) || (without !== undefined && given.includes(without))) {
        reject(name, `needs printable ASCII characters without blanks${other}`);
      }
      return given;
    },

    flag: (name) => {
      const choice = oneOf(name, ["true", "false"]);
      return choice === undefined ? undefined : choice === "true";
    },

    url: (name: string, otherwise?: string) => {
      const given = text(name) ?? otherwise;
      if (given === undefined) return undefined as never;
      const url = usableUrl(given, production ? ["https:"] : ["https:", "http:"]);
      if (url) return url;
      const scheme = production ? "an https" : "an https or http";
      reject(name, `needs ${scheme} URL without credentials, query or fragment`);
      return new URL("https://invalid.invalid");
    },

    together: (names) => {
      const given = names.filter((name) => text(name) !== undefined);
      if (given.length === 0) return undefined;
      for (const name of names.filter((each) => !given.includes(each))) {
        mistakes.push(`${name} is missing: it goes together with ${given.join(" and ")}`);
      }
      return names.map((name) => text(name) ?? "");
    },
  };
}

/** The libraries that read NODE_ENV compare it exactly, and so do we: `Production` would start the simulators. */
const nodeEnvironments = ["production", "development", "test"];

/** Adds the first mistake of each setting to `mistakes`. */
function rejectOnce(environment: Environment, mistakes: string[]): Settings["reject"] {
  const rejected = new Set<string>();
  return (name, needs) => {
    const setting = name.replace(/_FILE$/, "");
    if (rejected.has(setting)) return;
    rejected.add(setting);
    const value = environment[name];
    mistakes.push(`${name} ${needs}${isQuotable(name, value) ? `, got ${JSON.stringify(value)}` : ""}`);
  };
}

/**
 * Addresses carry passwords before an @ and keys in their query; an address of a database without them tells no secret. In
 * the place of a path there may be the secret itself.
 */
function isQuotable(name: string, value: string | undefined): boolean {
  if (value === undefined || name.endsWith("_FILE") || /[@?]/.test(value)) return false;
  return /^DATABASE_(LISTEN_)?URL$/.test(name) || !holdsSecret(name);
}

function readNumbers(text: Settings["text"], reject: Settings["reject"]): Pick<Settings, "integer" | "integers"> {
  return {
    integer: (name, otherwise, { min, max }) => {
      const given = text(name);
      if (given === undefined) return otherwise;
      const value = wholeNumber(given, { min, max });
      if (value === undefined) reject(name, `needs a whole number from ${min} to ${max}`);
      return value ?? min;
    },

    integers: (name, otherwise, { min, max }) => {
      const parts = text(name)
        ?.split(",")
        .map((part) => wholeNumber(part.trim(), { min, max }));
      if (parts === undefined) return otherwise;
      if (parts.includes(undefined)) reject(name, `needs whole numbers from ${min} to ${max}, with commas between`);
      return parts.map((part) => part ?? min);
    },
  };
}

function wholeNumber(text: string, { min, max }: { min: number; max: number }): number | undefined {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

/** Undefined if the URL carries credentials, a query or a fragment, or another scheme. */
function usableUrl(text: string, schemes: readonly string[]): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !schemes.includes(url.protocol)) return undefined;
  return url.username || url.password || url.search || url.hash ? undefined : url;
}

/** Whether this setting is never quoted, and may be read from the file that `<NAME>_FILE` names. */
export function holdsSecret(name: string): boolean {
  return /KEY|SECRET|TOKEN|PASSWORD|MERCHANT|HTTPS?_PROXY$|^DATABASE_(LISTEN_)?URL$/i.test(name);
}

/**
 * Returns a function that tells what the file of a setting holds; undefined if there is none. The convention is that of the
 * images of postgres and mysql. Only files of settings that are asked for are read: other software has variables that end
 * in `_FILE`, too.
 */
function openSettingFiles(environment: Environment, reject: Settings["reject"]): Settings["text"] {
  const contents = new Map<string, string>();
  return (name) => {
    const path = environment[`${name}_FILE`]?.trim();
    if (!path || !holdsSecret(name)) return undefined;
    if (environment[name]?.trim()) reject(`${name}_FILE`, `is set, and so is ${name}: only one of them may be`);
    const content = contents.get(path) ?? readContent(path, (problem) => reject(`${name}_FILE`, problem));
    contents.set(path, content);
    return content;
  };
}

/** Stands for what could not be read. The start is stopped already; that it is missing would be a second line about it. */
const unreadable = "unreadable";

/** A problem never quotes the path: somebody may have put the secret itself in its place. */
function readContent(path: string, reject: (problem: string) => void): string {
  try {
    // Editors end a file with a line break.
    const text = readFileSync(path, "utf8").replace(/\r?\n$/, "");
    if (text.trim() !== "") return text.trim();
    reject("needs a file that is not empty");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${error.code})` : "";
    reject(`needs the path of a file that can be read${code}`);
  }
  return unreadable;
}
