import { requestError } from "./errors.ts";

/** What a person wrote, without blanks around it. Throws BAD_USER_INPUT if it is empty, too long, or no plain text. */
export function readText(name: string, given: string, maxLength: number): string {
  const text = given.replaceAll("\r\n", "\n").trim();
  const fault = faultOf(text, maxLength);
  if (fault) throw requestError("BAD_USER_INPUT", `${name} ${fault}. Nothing was changed.`);
  return text;
}

/** Why this cannot be a plain text of this length; undefined if it can. */
export function faultOf(text: string, maxLength: number): string | undefined {
  if (text === "") return "is empty";
  if (text.length > maxLength) return `has ${text.length} characters, at most ${maxLength} are allowed`;
  if (/[^\P{Cc}\n]/u.test(text)) return "holds control characters";
  return text.isWellFormed() ? undefined : "is not well-formed Unicode";
}
