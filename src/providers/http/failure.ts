import type { ExchangeFailure } from "../../domain/outcome.ts";
import { NameLookupError } from "../../egress/name-lookup.ts";
import { ProxyError } from "../../egress/tunnel.ts";

/**
 * How an exchange failed, by the codes of undici's, Node's and OpenSSL's errors; undefined for what is none of theirs, such
 * as too few file descriptors. For people only: what counts as sent is decided by `written` alone.
 */
export function failureOf(error: unknown, written: boolean): ExchangeFailure | undefined {
  // Before its cause, which is between us and the proxy: it says nothing about the provider.
  if (error instanceof ProxyError) return "PROXY";
  if (error instanceof NameLookupError) return "DNS";
  if (!(error instanceof Error)) return undefined;
  // What came first says more than what followed from it.
  if (error.cause) return failureOf(error.cause, written);
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  if (timeOuts.includes(code)) return written ? "TIMEOUT" : "CONNECT_TIMEOUT";
  return failures.find(([, codes]) => codes.test(code))?.[0];
}

/** Until the request is written all of them mean that no connection was ready in time. */
const timeOuts = ["TimeoutError", "UND_ERR_CONNECT_TIMEOUT", "ETIMEDOUT"];

/** Node documents its codes under "Common system errors" and "X509 certificate error codes" (errors and tls pages of Node 24). */
const failures: readonly (readonly [ExchangeFailure, RegExp])[] = [
  ["REFUSED", /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/],
  [
    "TLS",
    /^(ERR_SSL_|ERR_TLS_|EPROTO$|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERROR_IN_C|INVALID_(CA|PURPOSE)$|PATH_LENGTH_|HOSTNAME_MISMATCH$)/,
  ],
  ["TOO_LARGE", /^(UND_ERR_RES_EXCEEDED_MAX_SIZE|UND_ERR_HEADERS_OVERFLOW|HPE_HEADER_OVERFLOW|ERR_BUFFER_TOO_LARGE)$/],
  // What is not HTTP ends the connection too, from our side.
  [
    "RESET",
    /^(ECONNRESET|ECONNABORTED|EPIPE|UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH|HPE_\w+|HTTPParserError)$/,
  ],
];
