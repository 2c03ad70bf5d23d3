import type { FastifyError, FastifyInstance } from "fastify";
import type { Emit } from "../domain/events.ts";

/** Answers requests that never reach GraphQL: in GraphQL's form, and without the error's own message. */
export function answerRefusals(app: FastifyInstance, emit: Emit): void {
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(errorAnswer("There is nothing here.", "NOT_FOUND")));
  app.setErrorHandler((error: FastifyError, request, reply) => {
    // The Host header is not valid in a URL.
    const status = error.code === "ERR_INVALID_URL" ? 400 : (error.statusCode ?? 500);
    if (status < 500) return reply.code(status).send(errorAnswer(messages[status] ?? "Bad request.", "BAD_REQUEST"));
    emit({ event: "http-error", requestId: request.id, error });
    return reply.code(500).send(errorAnswer("Something went wrong on our side.", "INTERNAL_SERVER_ERROR"));
  });
}

const messages: Readonly<Record<number, string>> = {
  400: "The request cannot be read. Its body needs to be JSON.",
  413: "The request is too large.",
  415: "The content-type needs to be application/json.",
};

function errorAnswer(message: string, code: string) {
  return { errors: [{ message, extensions: { code } }] };
}
