import type { ApolloServerPlugin } from "@apollo/server";
import type { FastifyError, FastifyInstance, FastifyReply, onRequestHookHandler } from "fastify";
import { GraphQLError, validate } from "graphql";
import { subscriptionRoot } from "../api/limits/operation-limits.ts";
import type { Emit } from "../domain/events.ts";

/** Answers requests that never reach GraphQL: in GraphQL's form, and without the error's own message. */
export function answerRefusals(app: FastifyInstance, emit: Emit): void {
  // Fastify reads it by itself; Apollo Server would refuse it as a forgery.
  app.removeContentTypeParser("text/plain");
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(errorAnswer("There is nothing here.", "NOT_FOUND")));
  app.setErrorHandler((error: FastifyError, request, reply) => {
    // The Host header is not valid in a URL.
    const status = error.code === "ERR_INVALID_URL" ? 400 : (error.statusCode ?? 500);
    if (status < 500) return refuse(reply, status);
    emit({ event: "http-error", requestId: request.id, error });
    return reply.code(500).send(errorAnswer("Something went wrong on our side.", "INTERNAL_SERVER_ERROR"));
  });
}

/** Answers a request whose target is no path, for which Fastify finds no route. */
export function refuseTarget(_error: FastifyError, _request: unknown, reply: FastifyReply): void {
  void reply.code(400).send(errorAnswer("The path cannot be read.", "BAD_REQUEST"));
}

/** Answers 405 to other methods at this path, before their bodies are read. */
export function refuseOtherMethods(path: string, allowed: readonly string[]): onRequestHookHandler {
  return (request, reply, done) => {
    if (!request.is404 || request.url.split("?")[0] !== path) return done();
    refuse(reply.header("allow", allowed.join(", ")), 405);
  };
}

/** A gateway can be told to compress what it sends (Apollo Router, Hive Router). RFC 9110, 15.5.16 says how it hears of this. */
export const refuseCodedBodies: onRequestHookHandler = ({ headers }, reply, done) => {
  const coding = headers["content-encoding"];
  if (coding === undefined || coding.toLowerCase() === "identity") return done();
  reply.header("accept-encoding", "identity").code(415).send(errorAnswer(codedMessage, "BAD_REQUEST"));
};

/**
 * GraphQL over HTTP (September 2026): the status of a request that can be read, but asks for what this schema has not, is 422. Apollo
 * Server says 400.
 */
export const unprocessable: ApolloServerPlugin = {
  requestDidStart: async () => ({
    willSendResponse: async ({ response: { http, body } }) => {
      if (http.status !== 400 || body.kind !== "single" || !body.singleResult.errors) return;
      if (body.singleResult.errors.every(({ extensions }) => aboutSchema.includes(extensions?.code))) http.status = 422;
    },
  }),
};

/**
 * A condition with a variable at the root of a subscription is not valid, but graphql-js 16 throws while it validates, and Apollo Server
 * takes that for a fault of ours. What is thrown here is answered in its place.
 */
export const refuseRootConditions: ApolloServerPlugin = {
  unexpectedErrorProcessingRequest: async ({ requestContext: { schema, document } }) => {
    const [fault] = document ? validate(schema, document, [subscriptionRoot]) : [];
    if (!fault) return;
    const extensions = { code: "GRAPHQL_VALIDATION_FAILED", http: { status: 422 } };
    throw new GraphQLError(fault.message, { nodes: fault.nodes ?? null, extensions });
  },
};

/** Apollo Server's codes: not valid, no such operation, variables of another type; and an answer that would be too large. */
const aboutSchema: readonly unknown[] = ["GRAPHQL_VALIDATION_FAILED", "OPERATION_RESOLUTION_FAILURE", "BAD_USER_INPUT"];

const codedMessage =
  "The body needs to be sent without a content-encoding: switch compression towards this service off.";

const messages: Readonly<Record<number, string>> = {
  400: "The request cannot be read. Its body needs to be JSON.",
  405: "The method needs to be GET or POST.",
  413: "The request is too large.",
  415: "The content-type needs to be application/json.",
};

function refuse(reply: FastifyReply, status: number): FastifyReply {
  return reply.code(status).send(errorAnswer(messages[status] ?? "Bad request.", "BAD_REQUEST"));
}

function errorAnswer(message: string, code: string) {
  return { errors: [{ message, extensions: { code } }] };
}
