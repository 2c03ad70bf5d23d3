import type { Settings } from "./domain/settings.ts";

/** Exactly so, as the libraries read it that read it, too: `Production` would mean simulators. */
const surroundings = ["production", "development", "test"];

/** The settings of this environment. The mistakes are collected, as `Settings` says. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const mistakes: string[] = [];
  const rejected = new Set<string>();
  const production = environment.NODE_ENV === "production";

  const settings: Settings = {
    production,
    mistakes,

    text: (name) => {
      const text = environment[name]?.trim() || undefined;
      if (text !== undefined && /\p{Cc}/u.test(text))
        settings.reject(name, "needs one line without control characters");
      return text;
    },

    secret: (name, without) => {
      const text = settings.text(name);
      if (text === undefined) return undefined;
      const other = without === undefined ? "" : ` or "${without}"`;
      if (!/^[\x21-\x7e]+$/.test(text) || (without !== undefined && text.includes(without))) {
        settings.reject(name, `needs printable ASCII characters without blanks${other}`);
      }
      return text;
    },

    flag: (name) => {
      const choice = settings.oneOf(name, ["true", "false"]);
      return choice === undefined ? undefined : choice === "true";
    },

    oneOf: (name, choices) => {
      const text = settings.text(name);
      const choice = choices.find((each) => each === text);
      if (text !== undefined && choice === undefined) settings.reject(name, `needs ${choices.join(" or ")}`);
      return choice;
    },

    integer: (name, otherwise, { min, max }) => {
      const text = settings.text(name);
      if (text === undefined) return otherwise;
      const value = wholeNumber(text, { min, max });
      if (value === undefined) settings.reject(name, `needs a whole number from ${min} to ${max}`);
      return value ?? min;
    },

    integers: (name, otherwise, { min, max }) => {
      const parts = settings
        .text(name)
        ?.split(",")
        .map((part) => wholeNumber(part.trim(), { min, max }));
      if (parts === undefined) return otherwise;
      if (parts.includes(undefined))
        settings.reject(name, `needs whole numbers from ${min} to ${max}, with commas between`);
      return parts.map((part) => part ?? min);
    },

    url: (name: string, otherwise?: string) => {
      const text = settings.text(name) ?? otherwise;
      if (text === undefined) return undefined as never;
      const url = URL.canParse(text) ? new URL(text) : undefined;
      const schemes = production ? ["https:"] : ["https:", "http:"];
      if (url && schemes.includes(url.protocol) && !url.username && !url.password && !url.search && !url.hash)
        return url;
      settings.reject(
        name,
        `needs ${production ? "an https" : "an https or http"} URL without credentials, query or fragment`,
      );
      return new URL("https://invalid.invalid");
    },

    together: (names) => {
      const given = names.filter((name) => settings.text(name) !== undefined);
      if (given.length === 0) return undefined;
      for (const name of names.filter((each) => !given.includes(each))) {
        mistakes.push(`${name} is missing: it goes together with ${given.join(" and ")}`);
      }
      return names.map((name) => settings.text(name) ?? "");
    },

    reject: (name, needs) => {
      if (rejected.has(name)) return;
      rejected.add(name);
      const value = environment[name];
      // Addresses carry passwords before an @ and keys in their query.
      const quotable = value !== undefined && !/KEY|SECRET|TOKEN|PASSWORD|MERCHANT/.test(name) && !/[@?]/.test(value);
      mistakes.push(`${name} ${needs}${quotable ? `, got ${JSON.stringify(value)}` : ""}`);
    },
  };

  function wholeNumber(text: string, { min, max }: { min: number; max: number }): number | undefined {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  }

  if (environment.NODE_ENV && !surroundings.includes(environment.NODE_ENV)) {
    settings.reject("NODE_ENV", `needs ${surroundings.join(" or ")}, exactly so, or to be unset`);
  }
  return settings;
}
