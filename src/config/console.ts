import type { Settings } from "../domain/provider.ts";

/** How the operators' console is served. */
export interface ConsoleSettings {
  /** Where it sends its requests: a path of this host, or the URL of a gateway. */
  graphqlUrl: string;
  /** Where it signs people in; null if they paste a token, or if a proxy signs them in. */
  signIn: { clientId: string; issuer: string; audience: string } | null;
}

/** What the settings of callers say, as far as the console depends on it. */
export interface ConsoleAccess {
  tokens: { issuer: string; audience: string } | null;
  gatewaySecret: string | null;
}

/** Null if the console is not served. */
export function readConsole(settings: Settings, { tokens, gatewaySecret }: ConsoleAccess): ConsoleSettings | null {
  const asked = settings.flag("CONSOLE");
  const graphqlUrl = readGraphqlUrl(settings);
  const clientId = settings.text("CONSOLE_OIDC_CLIENT_ID");
  if (clientId !== undefined && !tokens) {
    settings.reject("CONSOLE_OIDC_CLIENT_ID", "needs AUTH_JWKS_URL, AUTH_ISSUER and AUTH_AUDIENCE");
  } else if (clientId !== undefined && !isWebAddress(tokens?.issuer ?? "", settings.production)) {
    settings.reject("AUTH_ISSUER", `needs ${scheme(settings.production)} URL, because CONSOLE_OIDC_CLIENT_ID is set`);
  }
  if (asked && gatewaySecret !== null && graphqlUrl === undefined) {
    settings.reject(
      "CONSOLE_GRAPHQL_URL",
      "needs the gateway's URL, because CONSOLE and GATEWAY_SECRET are set: the console has no secret",
    );
  }
  if (!(asked ?? !settings.production)) return null;
  return {
    graphqlUrl: graphqlUrl ?? "/graphql",
    signIn: clientId === undefined || !tokens ? null : { clientId, issuer: tokens.issuer, audience: tokens.audience },
  };
}

function readGraphqlUrl(settings: Settings): string | undefined {
  const given = settings.text("CONSOLE_GRAPHQL_URL");
  if (given === undefined || /^\/(?!\/)[^?#\s\\]*$/.test(given)) return given;
  return settings.url("CONSOLE_GRAPHQL_URL")?.href;
}

function isWebAddress(text: string, production: boolean): boolean {
  return URL.canParse(text) && new URL(text).protocol === "https:" ? true : !production && /^http:\/\//.test(text);
}

function scheme(production: boolean): string {
  return production ? "an https" : "an https or http";
}
