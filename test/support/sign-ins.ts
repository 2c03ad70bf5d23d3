import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

/** What the issuer was asked for, in one sign-in. */
export interface SignIn {
  authorize: Record<string, string>;
  token?: Record<string, string>;
}

/** The part of an issuer at which people sign in: an authorization server for clients without a secret (RFC 6749, RFC 7636). */
export interface SignIns {
  readonly signIns: readonly SignIn[];
  /** Whom it takes for the next person, and what its answers hold besides the token; or the error with which it refuses. */
  signInAs(claims: Record<string, unknown>, answer?: Record<string, unknown>): void;
  /** Answers if the request is for it. */
  serve(request: IncomingMessage, response: ServerResponse): boolean;
}

export function createSignIns(sign: (claims: Record<string, unknown>) => Promise<string>): SignIns {
  const signIns: SignIn[] = [];
  let person: Record<string, unknown> = {};
  let besides: Record<string, unknown> = {};

  /** Sends the person back at once, without a question. */
  const authorize = (url: URL, response: ServerResponse) => {
    const asked = Object.fromEntries(url.searchParams);
    signIns.push({ authorize: asked });
    const back = new URL(asked.redirect_uri ?? "");
    const answer = "error" in person ? person : { code: `code-${signIns.length - 1}` };
    for (const [name, value] of Object.entries({ ...answer, state: asked.state })) {
      back.searchParams.set(name, String(value));
    }
    response.writeHead(302, { location: back.href }).end();
  };

  /** A browser may ask from any origin. */
  const answer = (response: ServerResponse, status: number, body: object) =>
    response
      .writeHead(status, { "content-type": "application/json", "access-control-allow-origin": "*" })
      .end(JSON.stringify(body));

  const token = async (request: IncomingMessage, response: ServerResponse) => {
    const asked = Object.fromEntries(new URLSearchParams(await text(request)));
    if (asked.grant_type === "authorization_code") {
      const signIn = signIns[Number(asked.code?.replace("code-", ""))];
      const challenge = createHash("sha256")
        .update(asked.code_verifier ?? "")
        .digest("base64url");
      if (!signIn || signIn.token || challenge !== signIn.authorize.code_challenge) {
        return answer(response, 400, { error: "invalid_grant" });
      }
      signIn.token = asked;
    }
    return answer(response, 200, { access_token: await sign(person), token_type: "Bearer", ...besides });
  };

  return {
    signIns,
    signInAs: (claims, answer = {}) => {
      [person, besides] = [claims, answer];
    },
    serve: (request, response) => {
      const url = new URL(request.url ?? "", "http://issuer.invalid");
      if (url.pathname === "/authorize") authorize(url, response);
      else if (url.pathname === "/token") void token(request, response);
      else return false;
      return true;
    },
  };
}
