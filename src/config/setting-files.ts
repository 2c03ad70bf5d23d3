import { readFileSync } from "node:fs";
import type { Settings } from "../domain/settings.ts";

/** Whether this setting is never quoted, and may be read from the file that `<NAME>_FILE` names. */
export function holdsSecret(name: string): boolean {
  return /KEY|SECRET|TOKEN|PASSWORD|MERCHANT|HTTPS?_PROXY$|^DATABASE_URL$/i.test(name);
}

/**
 * Returns a function that tells what the file of a setting holds; undefined if there is none. The convention is that of the
 * images of postgres and mysql. Only files of settings that are asked for are read: other software has variables that end
 * in `_FILE`, too.
 */
export function openSettingFiles(
  environment: Readonly<Record<string, string | undefined>>,
  reject: Settings["reject"],
): Settings["text"] {
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
