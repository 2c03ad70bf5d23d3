import type { ApolloServerPlugin } from "@apollo/server";
import type { FastifyInstance } from "fastify";

/**
 * Reads JSON, and tells numbers that are rounded to a whole one from those that were written so: they become Infinity, which
 * GraphQL takes nowhere. 9007199254740990.6 would otherwise pass for the id 9007199254740991. Throws if it is no JSON.
 */
export function parseExactly(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!/\d[.eE]/.test(text)) return value;
  const marked = text.replace(stringOrNumber, (token) => (isRounded(token) ? infinite : token));
  return marked === text ? value : JSON.parse(marked);
}

/** Bodies, read so; otherwise as Fastify reads them. */
export function parseBodiesExactly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser<string>("application/json", { parseAs: "string" }, (request, body, done) =>
    parse(request, body, (error) => (error ? done(error) : done(null, parseExactly(body)))),
  );
}

/** Variables in the address of a GET, which Apollo Server reads by itself. */
export const exactVariables: ApolloServerPlugin = {
  requestDidStart: async ({ request }) => {
    const variables = request.http?.method === "GET" && new URLSearchParams(request.http.search).get("variables");
    if (variables) request.variables = parseExactly(variables) as Record<string, unknown>;
  },
};

/** In valid JSON. Strings are there to be passed over. */
const stringOrNumber = /"(?:[^"\\]+|\\.)*"|-?\d[\d.eE+-]*/g;

/** What JSON.parse makes Infinity of. */
const infinite = "1e999";

function isRounded(token: string): boolean {
  return !token.startsWith('"') && Number.isInteger(Number(token)) && !isWhole(token);
}

/** Whether all digits up to the last that is not 0 stand before the point, once that is moved by the exponent. */
function isWhole(number: string): boolean {
  const [mantissa = "", exponent = "0"] = number.replace(/^-/, "").split(/[eE]/);
  const [before = "", after = ""] = mantissa.split(".");
  const digits = before + after;
  // By hand: a regular expression for zeros at the end takes time by the square of their number.
  let significant = digits.length;
  while (significant > 0 && digits[significant - 1] === "0") significant -= 1;
  return significant === 0 || before.length + Number(exponent) >= significant;
}
