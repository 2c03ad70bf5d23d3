import type { FastifyRequest } from "fastify";
import { requestError } from "../../api/errors.ts";
import { parseExactly } from "../exact-json.ts";
import type { OperationRequest } from "./validate-operation.ts";

type Fields = Record<string, unknown>;

/** Reads the parameters of GraphQL over HTTP: from the body of a POST, or from the URL of a GET. Throws BAD_REQUEST. */
export function readOperation({ method, body, query: url }: FastifyRequest): OperationRequest {
  return operationIn(method === "GET" ? fromUrl(fieldsOf(url)) : fieldsOf(body));
}

/** Throws BAD_REQUEST if one of the parameters is of another type. */
export function operationIn({ query, operationName, variables, extensions }: Fields): OperationRequest {
  return {
    query: text("query", query),
    operationName: text("operationName", operationName),
    variables: fields("variables", variables),
    extensions: fields("extensions", extensions),
  };
}

/** Throws BAD_REQUEST if it is no object. */
export function fieldsOf(value: unknown): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw requestError("BAD_REQUEST", "The body needs to be one JSON object.", { status: 400 });
}

function fromUrl({ variables, extensions, ...texts }: Fields): Fields {
  return { ...texts, variables: parsed("variables", variables), extensions: parsed("extensions", extensions) };
}

/** A parameter that is there more than once is no text. */
function parsed(name: string, value: unknown): unknown {
  try {
    return value === undefined || value === "" ? undefined : parseExactly(text(name, value) ?? "null");
  } catch {
    throw requestError("BAD_REQUEST", `${name}: needs JSON.`, { status: 400 });
  }
}

function text(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  throw requestError("BAD_REQUEST", `${name}: needs text.`, { status: 400 });
}

function fields(name: string, value: unknown): Fields | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "object" && !Array.isArray(value)) return value as Fields;
  throw requestError("BAD_REQUEST", `${name}: needs an object.`, { status: 400 });
}
