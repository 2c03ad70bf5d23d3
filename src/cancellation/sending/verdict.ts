import type { Claim } from "../../domain/cancellation.ts";
import type { LookupResult, Outcome } from "../../domain/outcome.ts";
import type { Verdict } from "./breaker.ts";

/** What the answers about these orders tell about the provider. One answer that can be used shows that it works. */
export function verdictOf(claims: readonly Claim[], answers: readonly (Outcome | LookupResult)[]): Verdict {
  if (!answers.every(tellsNothing)) return { kind: "works" };
  return answers.some(saysDown)
    ? { kind: "down" }
    : { kind: "unreadable", orderIds: claims.map(({ orderId }) => orderId) };
}

function tellsNothing(answer: Outcome | LookupResult): boolean {
  switch (answer.kind) {
    case "unknown":
      return true;
    case "unanswered":
      return !answer.busy;
    case "notSent":
      return answer.code === "PROVIDER_UNAVAILABLE";
    default:
      return false;
  }
}

/** No connection, no answer in time, or a gateway's status for that (RFC 9110, 15.5.9 and 15.6.3 to 15.6.5). */
function saysDown({ failure, httpStatus }: Outcome | LookupResult): boolean {
  if (failure !== undefined) return failure !== "TOO_LARGE";
  return httpStatus !== undefined && [408, 502, 503, 504].includes(httpStatus);
}
