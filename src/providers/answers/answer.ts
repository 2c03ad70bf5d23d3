import type { Exchange } from "../../domain/provider.ts";
import { isRecord, parseJson } from "./json.ts";

/** A complete answer. `json` is undefined if the body is not a JSON object; numbers in it are text, as printed. */
export interface Answer {
  status: number;
  text: string;
  json: Readonly<Record<string, unknown>> | undefined;
  /** When the provider answered, epoch ms: by its own clock if it told one. */
  answeredAt: number;
}

export function answerOf({ status, text, answeredAt }: Exchange & { kind: "answered" }): Answer {
  const value = parseJson(text);
  return { status, text, json: isRecord(value) ? value : undefined, answeredAt };
}
