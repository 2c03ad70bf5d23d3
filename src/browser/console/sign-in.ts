/** Where and as whom people sign in. */
export interface SignInSettings {
  client: string;
  audience: string;
  authorization: string;
  token: string;
}

/** What the issuer gave. It is kept in memory only. */
export interface Tokens {
  access: string;
  /** Gets new tokens without asking the person; null if the issuer gave none. */
  refresh: string | null;
  /** In how many ms they expire; null if the issuer did not tell. */
  expiresInMs: number | null;
}

/** All that the console can use. An issuer gives those that this person may have. */
const scope = "openid orders:cancel cancellations:read cancellations:resolve providers:manage";

/** What has to outlive the way to the issuer and back. It holds no token. */
const storageKey = "console-sign-in";

interface UnderWay {
  state: string;
  verifier: string;
  /** The fragment of the page that the person was at. */
  fragment: string;
}

/** Leaves for the issuer: authorization code with PKCE (RFC 7636), for a client without a secret. */
export async function beginSignIn(settings: SignInSettings): Promise<void> {
  const underWay: UnderWay = { state: randomText(), verifier: randomText(), fragment: location.hash };
  sessionStorage.setItem(storageKey, JSON.stringify(underWay));
  const url = new URL(settings.authorization);
  const parameters = {
    response_type: "code",
    client_id: settings.client,
    redirect_uri: redirectUri(),
    scope,
    // Some issuers need it to sign for this audience; the others do not read it (RFC 6749, 3.1).
    audience: settings.audience,
    state: underWay.state,
    code_challenge: await challengeOf(underWay.verifier),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  location.assign(url);
}

/** If the issuer has just sent the person back: what it gives for the code. Rejects with an error for the person. */
export async function endSignIn(settings: SignInSettings): Promise<Tokens | undefined> {
  const answer = new URLSearchParams(location.search);
  if (!answer.has("state")) return undefined;
  const underWay = JSON.parse(sessionStorage.getItem(storageKey) ?? "{}") as Partial<UnderWay>;
  sessionStorage.removeItem(storageKey);
  // The code must not stay in the address.
  history.replaceState(null, "", `${location.pathname}${underWay.fragment ?? ""}`);
  if (answer.get("state") !== underWay.state || !underWay.verifier) {
    throw new Error("This sign-in was not begun in this tab. Please sign in again.");
  }
  const code = answer.get("code");
  if (code === null) {
    throw new Error(
      `The issuer did not sign you in: ${answer.get("error_description") ?? answer.get("error") ?? "no reason"}.`,
    );
  }
  return askForTokens(settings, {
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri(),
    code_verifier: underWay.verifier,
  });
}

/** Rejects if the issuer does not give new tokens. */
export async function refreshTokens(settings: SignInSettings, refresh: string): Promise<Tokens> {
  const tokens = await askForTokens(settings, { grant_type: "refresh_token", refresh_token: refresh });
  return { ...tokens, refresh: tokens.refresh ?? refresh };
}

async function askForTokens(settings: SignInSettings, parameters: Record<string, string>): Promise<Tokens> {
  const body = new URLSearchParams({ client_id: settings.client, ...parameters });
  const response = await fetch(settings.token, { method: "POST", body, credentials: "omit", redirect: "error" }).catch(
    () => {
      throw new Error("The issuer cannot be reached, or does not let this page ask (CORS).");
    },
  );
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (!response.ok || typeof answer.access_token !== "string") {
    throw new Error(
      `The issuer gave no token: ${String(answer.error_description ?? answer.error ?? `HTTP ${response.status}`)}.`,
    );
  }
  return {
    access: answer.access_token,
    refresh: typeof answer.refresh_token === "string" ? answer.refresh_token : null,
    expiresInMs: typeof answer.expires_in === "number" ? answer.expires_in * 1000 : null,
  };
}

function redirectUri(): string {
  return `${location.origin}${location.pathname}`;
}

/** 256 bits, as RFC 7636, 4.1 recommends. */
function randomText(): string {
  return base64Url(crypto.getRandomValues(new Uint8Array(32)));
}

async function challengeOf(verifier: string): Promise<string> {
  return base64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
