import { beginSignIn, endSignIn, refreshTokens, type SignInSettings, type Tokens } from "./sign-in.ts";

/** Who uses the console: the token, which is in memory only, so that it ends with the tab. */
export interface Session {
  /** The bearer token; undefined if there is none. */
  token(): string | undefined;
  /** Whether people sign in at an issuer. Otherwise they paste a token, or a proxy signs them in. */
  readonly atIssuer: "yes" | "unreachable" | "no";
  /** Leaves the page. */
  signIn(): void;
  paste(token: string): void;
  signOut(): void;
  /** The service refused the token. */
  refused(message: string): void;
  /** Why nobody is signed in. */
  readonly message: string | undefined;
  /** Calls the listener after each change. Returns what ends that. */
  watch(listener: () => void): () => void;
}

/** New tokens are asked for this long before the old ones expire, ms. */
const marginMs = 30_000;

/** Resolves when a sign-in that is under way has ended. */
export async function openSession(settings: SignInSettings | undefined): Promise<Session> {
  const listeners = new Set<() => void>();
  let token: string | undefined;
  let message: string | undefined;
  let renewal: ReturnType<typeof setTimeout> | undefined;

  const change = (newToken: string | undefined, newMessage?: string) => {
    clearTimeout(renewal);
    [token, message] = [newToken, newMessage];
    for (const listener of listeners) listener();
  };
  const keep = (endpoints: SignInSettings, { access, refresh, expiresInMs }: Tokens) => {
    change(access);
    if (refresh === null || expiresInMs === null) return;
    renewal = setTimeout(
      () =>
        refreshTokens(endpoints, refresh).then(
          (tokens) => keep(endpoints, tokens),
          () => {},
        ),
      Math.max(1000, expiresInMs - marginMs),
    );
  };

  const usable = settings?.authorization ? settings : undefined;
  if (usable) {
    await endSignIn(usable).then(
      (tokens) => tokens && keep(usable, tokens),
      (error: Error) => change(undefined, error.message),
    );
  }
  return {
    token: () => token,
    atIssuer: usable ? "yes" : settings ? "unreachable" : "no",
    signIn: () => {
      if (usable) beginSignIn(usable).catch((error: Error) => change(undefined, error.message));
    },
    paste: (text) => change(text.trim().replace(/^Bearer +/i, "")),
    signOut: () => change(undefined, "You have signed out. The token is forgotten."),
    refused: (why) => change(undefined, why),
    watch: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    get message() {
      return message;
    },
  };
}
