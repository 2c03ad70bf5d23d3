import type { ApolloServerPlugin } from "@apollo/server";
import type { FastifyInstance } from "fastify";

/** Largest request body, bytes. The largest useful one has 5000 ids of 200 characters. */
export const maxBodyBytes = 1024 * 1024;

/**
 * Reads JSON. A number that only rounding makes whole becomes Infinity, which no GraphQL scalar accepts: 9007199254740990.6 would
 * otherwise be taken for the id 9007199254740991. Throws if the text is not JSON. `value`: what `JSON.parse` makes of the text.
 */
export function parseExactly(text: string, value: unknown = JSON.parse(text)): unknown {
  if (!/\d[.eE]/.test(text)) return value;
  const marked = text.replace(stringOrNumber, (token) => (isRounded(token) ? infinite : token));
  return marked === text ? value : JSON.parse(marked);
}

/** Makes Fastify read bodies with `parseExactly`; everything else stays as Fastify does it. */
export function parseBodiesExactly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser<string>("application/json", { parseAs: "string" }, (request, body, done) => {
    const value = readPlain(body);
    if (value !== undefined) return done(null, parseExactly(body, value));
    parse(request, body, (error, read) => (error ? done(error) : done(null, parseExactly(body, read))));
  });
}

/**
 * Undefined if this is no JSON, or may hold a name that Fastify refuses (`__proto__`, `constructor.prototype`), however it is escaped.
 * Fastify's own search takes longer than reading the text, because GraphQL's names are full of underscores.
 */
function readPlain(text: string): unknown {
  if (text.includes("__proto__") || text.includes("constructor") || text.includes("\\u")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The same for variables in the URL of a GET, which Apollo Server would read by itself. */
export const exactVariables: ApolloServerPlugin = {
  requestDidStart: async ({ request }) => {
    const variables = request.http?.method === "GET" && new URLSearchParams(request.http.search).get("variables");
    if (variables) request.variables = parseExactly(variables) as Record<string, unknown>;
  },
};

/** A token of valid JSON. Strings are matched so that digits in them are skipped. */
const stringOrNumber = /"(?:[^"\\]+|\\.)*"|-?\d[\d.eE+-]*/g;

/** JSON.parse reads this as Infinity. */
const infinite = "1e999";

function isRounded(token: string): boolean {
  return !token.startsWith('"') && Number.isInteger(Number(token)) && !isWhole(token);
}

/** Whether no digit but 0 follows the decimal point, after the exponent has moved the point. */
function isWhole(number: string): boolean {
  const [mantissa = "", exponent = "0"] = number.replace(/^-/, "").split(/[eE]/);
  const [before = "", after = ""] = mantissa.split(".");
  const digits = before + after;
  // A loop, because the time of a regular expression for the last zeros grows with the square of their number.
  let significant = digits.length;
  while (significant > 0 && digits[significant - 1] === "0") significant -= 1;
  return significant === 0 || before.length + Number(exponent) >= significant;
}
