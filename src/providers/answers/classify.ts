import type { ExchangeFailure, LookupResult, Outcome, ProviderDetails } from "../../domain/outcome.ts";
import type { Exchange } from "../../domain/provider.ts";
import { at, isRecord, parseJson } from "./json.ts";
import { heedState, heedWords } from "./refusal.ts";

/** A complete answer. `json` is undefined if the body is not a JSON object; numbers in it are text, as printed. */
export interface Answer {
  status: number;
  text: string;
  json: Readonly<Record<string, unknown>> | undefined;
  /** When the provider answered, epoch ms: by its own clock if it told one. */
  answeredAt: number;
}

/** Says what an answer means in this provider's protocol; undefined if the protocol does not say. */
type Read<Meaning> = (answer: Answer) => Meaning | undefined;

/** The same for an answer about many orders: reads it once, then says for each order what it means. */
type ReadMany<Meaning> = (answer: Answer) => (orderId: string) => Meaning | undefined;

/**
 * The provider's own sign of being busy, beside 429. A client declares it only if the provider's pages say that a request
 * so answered had no effect.
 */
type IsBusy = (answer: Answer) => boolean;

/**
 * Turns every way a cancel can end into an outcome. Only the provider confirms and refuses, in its own format. What the client
 * cannot read may be anybody's, a firewall's page or a gateway's JSON 403, and is `unknown`.
 */
export function classifyCancel(exchange: Exchange, read: Read<Outcome>, isBusy?: IsBusy): Outcome {
  const heed = (answer: Answer) => {
    const outcome = read(answer);
    return outcome && heedWords(outcome, answer.json);
  };
  return classifyOne(exchange, heed, isBusy, classifyCancels);
}

/** The same for a request that carried many orders; one outcome per id, in their order. The client heeds the words of each. */
export function classifyCancels(
  exchange: Exchange,
  orderIds: readonly string[],
  read: ReadMany<Outcome>,
  isBusy: IsBusy = onlyBy429,
): Outcome[] {
  if (exchange.kind !== "answered") {
    const notSent = exchange.kind === "notSent";
    const outcome: Outcome = notSent ? { kind: "notSent", code: "PROVIDER_UNAVAILABLE" } : { kind: "unknown" };
    return orderIds.map(() => withFailure(outcome, exchange));
  }
  const { retryAfterMs } = exchange;
  return readEach(exchange, orderIds, read, (reading, answer) => {
    const outcome = isBusySign(answer, isBusy)
      ? busy(detailsOf(answer))
      : (reading ?? { kind: "unknown", ...detailsOf(answer) });
    const wait = outcome.kind === "notProcessed" && retryAfterMs !== undefined ? { retryAfterMs } : {};
    return { ...outcome, ...wait, ...redactDetails(outcome, exchange) };
  });
}

/** Turns every way a look-up can end into a result. What is no usable answer is `unanswered`, never a guess at the order. */
export function classifyLookup(exchange: Exchange, read: Read<LookupResult>, isBusy?: IsBusy): LookupResult {
  return classifyOne(exchange, read, isBusy, classifyLookups);
}

/** The same for a request that carried many orders; one result per id, in their order. */
export function classifyLookups(
  exchange: Exchange,
  orderIds: readonly string[],
  read: ReadMany<LookupResult>,
  isBusy: IsBusy = onlyBy429,
): LookupResult[] {
  if (exchange.kind !== "answered") return orderIds.map(() => withFailure({ kind: "unanswered" }, exchange));
  const { retryAfterMs } = exchange;
  return readEach(exchange, orderIds, read, (reading, answer) => {
    const result: LookupResult = isBusySign(answer, isBusy)
      ? { kind: "unanswered", busy: true }
      : heedState(reading ?? { kind: "unanswered", ...detailsOf(answer) });
    const wait = result.kind === "unanswered" && result.busy && retryAfterMs !== undefined ? { retryAfterMs } : {};
    return { ...result, ...wait, ...redactDetails(result, exchange) };
  });
}

/** What they said, on one line and without control characters. Secrets are removed later, when the answer is classified. */
export function words(code: unknown, message: unknown): ProviderDetails {
  const providerCode = oneLine(code);
  const providerMessage = oneLine(message);
  return { ...(providerCode ? { providerCode } : {}), ...(providerMessage ? { providerMessage } : {}) };
}

/** To a look-up: the provider's guard refused our key, in its own format, before it looked at an order. */
export function keyRefused(details: ProviderDetails): LookupResult {
  return { kind: "unanswered", keyRefused: true, ...details };
}

export function busy(details: ProviderDetails = {}): Outcome {
  return { kind: "notProcessed", code: "PROVIDER_BUSY", ...details };
}

function classifyOne<Meaning>(
  exchange: Exchange,
  read: Read<Meaning>,
  isBusy: IsBusy | undefined,
  classifyMany: (exchange: Exchange, ids: readonly string[], read: ReadMany<Meaning>, isBusy?: IsBusy) => Meaning[],
): Meaning {
  const [meaning] = classifyMany(exchange, [""], (answer) => () => read(answer), isBusy);
  return meaning as Meaning;
}

/** Parses once, and finishes once what several orders share: an answer may be large, and so may their number. */
function readEach<Meaning extends Outcome | LookupResult>(
  { status, text, answeredAt }: Exchange & { kind: "answered" },
  orderIds: readonly string[],
  read: ReadMany<Meaning>,
  finish: (reading: Meaning | undefined, answer: Answer) => Meaning,
): Meaning[] {
  const value = parseJson(text);
  const answer = { status, text, json: isRecord(value) ? value : undefined, answeredAt };
  const readOne = isFromInBetween(status) ? undefined : read(answer);
  const finished = new Map<Meaning | undefined, Meaning>();
  return orderIds.map((orderId) => {
    const reading = readOne?.(orderId);
    const meaning = finished.get(reading) ?? finish(reading, answer);
    finished.set(reading, meaning);
    return meaning;
  });
}

/**
 * Whether this status may come from something in front of the provider, which may have acted behind it. The client does
 * not read such an answer, neither to a cancel nor to a look-up: it is a busy sign, or it tells nothing.
 */
function isFromInBetween(status: number): boolean {
  return [408, 429, 502, 503, 504].includes(status);
}

function isBusySign(answer: Answer, isBusy: IsBusy): boolean {
  return answer.status === 429 || isBusy(answer);
}

function onlyBy429(): boolean {
  return false;
}

function withFailure<Meaning>(meaning: Meaning, { failure }: { failure?: ExchangeFailure | undefined }): Meaning {
  return failure ? { ...meaning, failure } : meaning;
}

/** A sentence or two, in characters. */
const longestWords = 300;

/** What they said without our secrets, which answers may echo. It is shortened afterwards: else a part of a secret could stay. */
function redactDetails(details: ProviderDetails, { status, redact }: Exchange & { kind: "answered" }): ProviderDetails {
  const { providerCode, providerMessage } = details;
  // A character of two halves may be cut into one.
  const shorten = (words: string) => redact(words).slice(0, longestWords).toWellFormed();
  return {
    ...(providerCode ? { providerCode: shorten(providerCode) } : {}),
    ...(providerMessage ? { providerMessage: shorten(providerMessage) } : {}),
    httpStatus: status,
  };
}

/** What anybody says: most APIs and gateways put a code and a sentence into these fields, and firewalls answer in HTML. */
function detailsOf({ json, text }: Answer): ProviderDetails {
  if (!json) return words(undefined, titleOf(text));
  const parts = [json, json.error, json.fault, [json.errors].flat()[0]];
  const find = (...names: string[]) =>
    parts.flatMap((part) => names.map((name) => at(part, name))).find((value) => typeof value === "string" && value);
  // RFC 9457.
  const title = ["title", "detail"].flatMap((name) => find(name) ?? []).join(": ");
  const code = find("code", "responseCode", "error_code", "errorCode", "errorcode");
  return words(
    code,
    find("message", "responseMessage", "reason", "Message", "faultstring", "description") || title || json.error,
  );
}

/** How far into a page its title is looked for, and how much of it is kept, in characters. */
const [longestHead, longestTitle] = [20_000, 3000];

function titleOf(html: string): string | undefined {
  const head = /<title\b[^<>]*>/i.exec(html.slice(0, longestHead));
  if (!head) return undefined;
  const start = head.index + head[0].length;
  return html.slice(start, start + longestTitle).split("<", 1)[0];
}

function oneLine(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  return value.replace(/[\p{C}\s]+/gu, " ").trim() || undefined;
}
