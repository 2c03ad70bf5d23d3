import type { ApolloServer } from "@apollo/server";
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  Kind,
  OperationTypeNode,
} from "graphql";
import { type Caller, createStreamContexts, type RequestContext, type Service } from "../../api/context.ts";
import { requestError } from "../../api/errors.ts";
import type { OrderStates } from "../../cancellation/order-states.ts";
import type { Emit } from "../../domain/events.ts";
import { maskError } from "../mask-error.ts";
import { currentReport, emitReport, type RequestReport } from "../request-report.ts";
import { checkOperation, type OperationRequest } from "./hand-over.ts";
import { openResults, type Results } from "./results.ts";
import { createTurns } from "./turns.ts";

/** All open subscriptions of this instance, over whatever transport. */
export interface Subscriptions {
  /** Checks a subscription as any other operation is checked, and starts it. Never rejects. */
  start(request: StartRequest): Promise<Started | Refused | "other">;
  /** How many are open, or are just being started. */
  readonly open: number;
  /** Ends all of them: the service stops. */
  close(): void;
}

export interface StartRequest {
  operation: OperationRequest;
  caller: Caller;
  /** In how many ms the stream ends because the caller's token expires; null if the transport sees to that, or there is none. */
  expiresInMs: number | null;
  report: RequestReport;
  /** Whether the transport runs queries and mutations in another way. Then they are no mistake. */
  othersRun: boolean;
}

export interface Started {
  document: DocumentNode;
  results: Results;
}

export interface Refused {
  /** To show to the client. */
  errors: readonly GraphQLFormattedError[];
  /** HTTP status that a POST would be answered with. */
  status: number;
}

export interface SubscriptionsOptions {
  apollo: ApolloServer<RequestContext>;
  schema: GraphQLSchema;
  service: Service;
  /** Most that may be open at once. */
  max: number;
  maxAgeMs: number;
  emit: Emit;
}

/** Most events that are answered in one turn of the event loop: about 5 ms. */
const answersPerTurn = 20;

export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
  const { apollo, schema, service, max, maxAgeMs, emit } = options;
  const contexts = createStreamContexts(service);
  const mask = maskError(emit);
  const takeTurn = createTurns(answersPerTurn);
  const running = new Set<Results>();
  let starting = 0;
  let closed = false;

  return {
    get open() {
      return running.size + starting;
    },
    start: (request) =>
      currentReport.run(request.report, async () => {
        const startedAt = performance.now();
        const answer = await startWithin(request).catch((error) => refuse(error));
        if (answer === "other") return answer;
        emitReport(emit, request.report, "errors" in answer ? answer.status : 200, startedAt);
        return answer;
      }),
    close: () => {
      closed = true;
      for (const results of running) results.end("shutdown");
    },
  };

  async function startWithin(request: StartRequest): Promise<Started | Refused | "other"> {
    if (running.size + starting >= max) throw full();
    starting += 1;
    try {
      return await start(request);
    } finally {
      starting -= 1;
    }
  }

  async function start({ operation, caller, expiresInMs, report, othersRun }: StartRequest) {
    const checked = await checkOperation(apollo, operation, contexts(caller, report.requestId));
    if ("errors" in checked) return checked;
    const { type, document } = checked;
    if (type !== OperationTypeNode.SUBSCRIPTION) {
      if (othersRun) return "other";
      throw notHere(type);
    }
    const run = { schema, document, operationName: operation.operationName, variableValues: operation.variables };
    const source = await createSourceEventStream({ ...run, contextValue: contexts(caller, report.requestId) });
    if (!(Symbol.asyncIterator in source)) return { errors: maskAll(source), status: 200 };
    const startedAt = performance.now();
    const results = openResults({
      run,
      source: source as OrderStates,
      createContext: () => contexts(caller, report.requestId),
      takeTurn,
      report,
      maxAgeMs,
      expiresInMs,
      mask,
      onEnd: (states, reason) => {
        running.delete(results);
        const durationMs = Math.round(performance.now() - startedAt);
        emit({ event: "subscription-ended", requestId: report.requestId, durationMs, states, reason });
      },
    });
    running.add(results);
    if (closed) results.end("shutdown");
    return { document, results };
  }

  function maskAll({ errors = [] }: ExecutionResult): GraphQLFormattedError[] {
    return errors.map(asInputError).map((error) => mask(error.toJSON(), error));
  }

  function refuse(error: unknown) {
    const { message, toJSON } = error as { message: string; toJSON?: () => GraphQLFormattedError };
    const { http } = ((error as { extensions?: unknown }).extensions ?? {}) as { http?: { status: number } };
    const formatted = toJSON?.call(error) ?? { message };
    return { errors: [mask(formatted, error)], status: http?.status ?? 500 };
  }
}

/** As Apollo Server does: graphql-js gives no code to an error about a variable, which has no path. */
function asInputError(error: GraphQLError): GraphQLError {
  if (error.path || error.nodes?.[0]?.kind !== Kind.VARIABLE_DEFINITION) return error;
  return new GraphQLError(error.message, { nodes: error.nodes, extensions: { code: "BAD_USER_INPUT" } });
}

function full(): Error {
  return requestError(
    "TOO_MANY_SUBSCRIPTIONS",
    "As many subscriptions are open as this instance serves. Please ask for the cancellation from time to time instead.",
    { status: 503 },
  );
}

function notHere(type: OperationTypeNode): Error {
  const message = `Only subscriptions run here: send a ${type} as POST, with accept: application/json.`;
  return requestError("BAD_REQUEST", message, { status: 400 });
}
