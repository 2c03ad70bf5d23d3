import type { TypedDocumentString } from "./generated/graphql.ts";

/** Why a request has no data. */
export type FailureKind =
  /** The token is missing, has expired or is not good here: sign in again. */
  | "signedOut"
  /** The caller may not do it. Nothing was done. */
  | "forbidden"
  /** Refused for another reason. Nothing was done, unless the message says otherwise. */
  | "refused"
  /** No answer that can be read: the service, the gateway or the way to it is away. Try again. */
  | "away";

export class Failure extends Error {
  readonly kind: FailureKind;
  constructor(kind: FailureKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** What to tell a person about an action that failed. Without an answer, nobody knows whether it was done. */
export function actionFailure(error: unknown): string {
  if (!(error instanceof Failure)) return "Something went wrong in this page. It may or may not have been done.";
  return error.kind === "away"
    ? `${error.message} It may or may not have been done; trying again is safe.`
    : error.message;
}

/** Sends operations to the graph. */
export interface Graph {
  /** Rejects with a Failure. */
  ask<Data, Variables>(document: TypedDocumentString<Data, Variables>, variables: Variables): Promise<Data>;
  /** By how much the server's clock is ahead of this machine's, ms. 0 as long as it is not known. */
  readonly clockAheadMs: number;
}

/** Longest wait for an answer, ms. A mutation of ours takes CANCEL_WAIT_MS, 10 s unless set. */
const timeoutMs = 45_000;

interface Answer {
  data?: unknown;
  errors?: readonly { message: string; extensions?: { code?: string } }[];
}

/** `token` gives the bearer token; undefined if a proxy adds one, or if none is needed. */
export function createGraph(
  url: string,
  token: () => string | undefined,
  onSignedOut: (reason: Failure) => void,
): Graph {
  let clockAheadMs = 0;
  return {
    get clockAheadMs() {
      return clockAheadMs;
    },
    ask: async (document, variables) => {
      const bearer = token();
      const response = await send(url, { query: document.toString(), variables }, bearer);
      const at = Date.parse(response.headers.get("date") ?? "");
      // The header has whole seconds. A smaller difference is most likely none.
      if (at) clockAheadMs = Math.abs(at - Date.now()) > 2000 ? at - Date.now() : 0;
      const answer = await readAnswer(response);
      if (!answer.errors?.length && answer.data) return answer.data as never;
      const failure = toFailure(response.status, answer);
      // The answer may be to a token that has been replaced meanwhile.
      if (failure.kind === "signedOut" && bearer === token()) onSignedOut(failure);
      throw failure;
    },
  };
}

async function send(url: string, body: unknown, token: string | undefined): Promise<Response> {
  try {
    return await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/graphql-response+json, application/json",
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
      // A proxy that signs people in would lead to its own page.
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    const late = error instanceof DOMException && error.name === "TimeoutError";
    throw new Failure("away", late ? "The service did not answer in time." : "The service cannot be reached.");
  }
}

async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text().catch(() => "");
  try {
    const answer = JSON.parse(text) as unknown;
    if (typeof answer === "object" && answer !== null && ("data" in answer || "errors" in answer))
      return answer as Answer;
  } catch {
    // Told below.
  }
  throw new Failure(
    "away",
    `The answer cannot be read (HTTP ${response.status}). A proxy in between may have given it.`,
  );
}

function toFailure(status: number, { errors = [] }: Answer): Failure {
  const codes = errors.map(({ extensions }) => extensions?.code);
  const message = [...new Set(errors.map((error) => error.message))].join(" ") || `HTTP ${status}`;
  if (codes.includes("UNAUTHENTICATED")) return new Failure(status === 503 ? "away" : "signedOut", message);
  if (codes.includes("FORBIDDEN")) return new Failure("forbidden", message);
  return new Failure(status >= 500 || codes.includes("INTERNAL_SERVER_ERROR") ? "away" : "refused", message);
}
