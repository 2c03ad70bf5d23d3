/** What a provider writes back. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
}

export function jsonAnswer(status: number, value: unknown): Answer {
  return { status, headers: { "content-type": "application/json; charset=utf-8" }, body: JSON.stringify(value) };
}

export function textAnswer(status: number, body: string): Answer {
  return { status, headers: { "content-type": "text/plain; charset=utf-8" }, body };
}

/** A path no page names. Assumed for all but Tronsave: a web server's own words, unlike any answer about an order. */
export function noSuchRoute(): Answer {
  return textAnswer(404, "Not Found");
}
