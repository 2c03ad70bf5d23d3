import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { ApolloServerPlugin } from "@apollo/server";
import type { Emit } from "../domain/events.ts";

/** What the log says about one request. */
export interface RequestReport {
  readonly requestId: string;
  readonly traceId: string | undefined;
  /** The name of the frontend, if the gateway passes it on. */
  readonly client: string | undefined;
  /** Type and name, as `mutation CancelOrders`. */
  operation?: string;
  /** The codes of the errors that were answered. */
  readonly codes: Set<string>;
  /** Whether it was emitted already. */
  emitted?: boolean;
}

/** The report on the request that the calling code serves. Nothing of it is sent to anybody. */
export const currentReport = new AsyncLocalStorage<RequestReport>();

export function startReport(requestId: string, headers: IncomingHttpHeaders): RequestReport {
  const { traceparent, "apollographql-client-name": client } = headers;
  return { requestId, traceId: readTraceId(traceparent), client: readClient(client), codes: new Set() };
}

/** Reports how a request was answered, once. `status`: absent if the caller did not wait for the answer. */
export function emitReport(emit: Emit, report: RequestReport, status: number | undefined, startedAt: number): void {
  if (report.emitted) return;
  report.emitted = true;
  const { requestId, traceId, client, operation, codes } = report;
  const durationMs = Math.round(performance.now() - startedAt);
  emit({ event: "graphql-request", requestId, traceId, client, operation, status, durationMs, codes: [...codes] });
}

/** The caller's id if logs and headers can carry it, otherwise a new one. */
export function chooseRequestId(headers: IncomingHttpHeaders): string {
  const given = headers["x-request-id"];
  return typeof given === "string" && /^[\w.:/+=@-]{1,128}$/.test(given) ? given : randomUUID();
}

/** Notes the operation in the report. */
export const reportOperation: ApolloServerPlugin = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation, operationName }) => {
      const report = currentReport.getStore();
      if (report && operation)
        report.operation = [operation.operation, operationName?.slice(0, maxNameLength)].join(" ").trim();
    },
  }),
};

/** Callers choose the name, at any length. */
const maxNameLength = 100;

function readClient(given: string | string[] | undefined): string | undefined {
  return (
    String(given ?? "")
      .replace(/[\p{C}\s]+/gu, " ")
      .trim()
      .slice(0, maxNameLength) || undefined
  );
}

/** W3C Trace Context, 3.2: version, trace id, parent id, flags; all zeros and version ff are invalid. */
function readTraceId(traceparent: string | string[] | undefined): string | undefined {
  const match = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(-|$)/.exec(
    String(traceparent),
  );
  return match?.[1];
}
