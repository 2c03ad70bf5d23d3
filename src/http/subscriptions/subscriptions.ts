import type { ApolloServer } from "@apollo/server";
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  OperationTypeNode,
  parse,
  print,
} from "graphql";
import { type Caller, createStreamContexts, type RequestContext, type Service } from "../../api/context.ts";
import { requestError } from "../../api/errors.ts";
import { answerSize } from "../../api/limits/answer-size.ts";
import { largeAnswer } from "../../api/limits/operation-limits.ts";
import type { OrderStates } from "../../cancellation/order-states.ts";
import type { Emit } from "../../domain/events.ts";
import { maskError } from "../mask-error.ts";
import { currentReport, emitReport, type RequestReport } from "../request-report.ts";
import { createPlaces, type Places } from "./places.ts";
import { openResults, type Results, type ResultsOptions } from "./results.ts";
import { createTurns } from "./turns.ts";
import { type OperationRequest, validateOperation } from "./validate-operation.ts";

/** All open subscriptions of this instance, over all transports. */
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
  /** Most of one caller. */
  maxOfCaller: number;
  maxAgeMs: number;
  emit: Emit;
}

/** Most watched orders, for each subscription that may be open: a page of a list. One subscription may always have all ids of a request. */
const ordersEach = 100;

export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
  const { apollo, schema, service, max, maxOfCaller, maxAgeMs, emit } = options;
  const takeTurn = createTurns(largeAnswer);
  const contexts = createStreamContexts(service, takeTurn);
  const mask = maskError(emit);
  const places = createPlaces({ all: max, each: maxOfCaller });
  const ordersOf = (subscriptions: number) => Math.max(subscriptions * ordersEach, service.maxIdsPerRequest);
  const orderPlaces = createPlaces({ all: ordersOf(max), each: ordersOf(maxOfCaller) });
  const running = new Set<Results>();
  let closed = false;

  return {
    get open() {
      return places.taken;
    },
    start: (request) =>
      currentReport.run(request.report, async () => {
        const startedAt = performance.now();
        const answer = await start(request).catch((error) => refuse(error));
        if (answer === "other") return answer;
        emitReport(emit, request.report, "errors" in answer ? answer.status : 200, startedAt);
        return answer;
      }),
    close: () => {
      closed = true;
      for (const results of running) results.end("shutdown");
    },
  };

  async function start(request: StartRequest): Promise<Started | Refused | "other"> {
    const { operation, caller, report, othersRun } = request;
    const createContext = () => contexts(caller, report.requestId);
    const checked = await validateOperation(apollo, operation, createContext());
    // The client gets an error in the form in which it sent the operation, also if the operation is of another kind.
    if ("errors" in checked) return othersRun ? "other" : checked;
    if (checked.type !== OperationTypeNode.SUBSCRIPTION) {
      if (othersRun) return "other";
      throw notHere(checked.type);
    }
    using held = new DisposableStack();
    held.defer(taken(places.take(caller.subject), subscriptionsFull));
    const run = { schema, ...toKeep(checked.document, operation) };
    const source = await createSourceEventStream({ ...run, contextValue: createContext() });
    if (!(Symbol.asyncIterator in source)) return { errors: maskAll(source), status: 200 };
    const states = source as OrderStates;
    held.defer(() => void states.return());
    held.defer(taken(orderPlaces.take(caller.subject, states.size), ordersFull));
    return { results: openStream(request, { run, source: states, createContext }, held.move()) };
  }

  function openStream(
    { operation, report, expiresInMs }: StartRequest,
    stream: Pick<ResultsOptions, "run" | "source" | "createContext">,
    held: DisposableStack,
  ): Results {
    const startedAt = performance.now();
    const weight = answerSize({ ...stream.run, variables: operation.variables });
    const results = openResults({
      ...stream,
      takeTurn: () => takeTurn(weight),
      report,
      maxAgeMs,
      expiresInMs,
      mask,
      onEnd: (states, reason) => {
        running.delete(results);
        held.dispose();
        const durationMs = Math.round(performance.now() - startedAt);
        emit({ event: "subscription-ended", requestId: report.requestId, durationMs, states, reason });
      },
    });
    running.add(results);
    if (closed) results.end("shutdown");
    return results;
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

/**
 * What a stream keeps of its operation: what its events are answered with. The document's text can have a MiB of comments, which it
 * would keep, and so can variables that the document does not know.
 */
function toKeep(document: DocumentNode, { operationName, variables = {} }: OperationRequest) {
  const known = getOperationAST(document, operationName)?.variableDefinitions ?? [];
  const names = known.map(({ variable }) => variable.name.value).filter((name) => Object.hasOwn(variables, name));
  return {
    document: parse(print(document), { noLocation: true }),
    operationName,
    variableValues: Object.fromEntries(names.map((name) => [name, variables[name]])),
  };
}

/** As Apollo Server does: graphql-js gives no code to an error about a variable, which has no path. */
function asInputError(error: GraphQLError): GraphQLError {
  if (error.path || error.nodes?.[0]?.kind !== Kind.VARIABLE_DEFINITION) return error;
  return new GraphQLError(error.message, { nodes: error.nodes, extensions: { code: "BAD_USER_INPUT" } });
}

type Taken = ReturnType<Places["take"]>;

function taken(result: Taken, messages: Record<Extract<Taken, string>, string>): () => void {
  if (typeof result !== "string") return result;
  const message = `${messages[result]} Please ask for the cancellation from time to time instead.`;
  throw requestError("TOO_MANY_SUBSCRIPTIONS", message, { status: result === "of all" ? 503 : 429 });
}

const subscriptionsFull = {
  "of all": "As many subscriptions are open as this instance serves.",
  "of the caller": "You have as many subscriptions open here as one caller may have.",
};

const ordersFull = {
  "of all": "The subscriptions of this instance follow as many orders as it serves.",
  "of the caller": "Your subscriptions here follow as many orders as those of one caller may.",
};

function notHere(type: OperationTypeNode): Error {
  const message = `Only subscriptions run here: send a ${type} as POST, with accept: application/json.`;
  return requestError("BAD_REQUEST", message, { status: 400 });
}
