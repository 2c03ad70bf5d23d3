import { useId, useState } from "preact/hooks";
import type { Session } from "../session.ts";

/** Shown while the service does not know who asks. */
export function SignInPage({ session, message }: { session: Session; message: string | undefined }) {
  const [pasted, setPasted] = useState("");
  const field = useId();
  return (
    <main class="narrow">
      <h1>Sign in</h1>
      {message && (
        <p class="notice warn" role="alert">
          {message}
        </p>
      )}
      {session.atIssuer === "yes" && (
        <p>
          <button type="button" class="primary wide" onClick={session.signIn}>
            Sign in with your organisation
          </button>
        </p>
      )}
      {session.atIssuer === "unreachable" && (
        <p class="notice bad">
          Your organisation's sign-in cannot be reached at the moment. Reload the page to try again.
        </p>
      )}
      <details open={session.atIssuer === "no"}>
        <summary>Use an access token</summary>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            session.paste(pasted);
            setPasted("");
          }}
        >
          <label for={field}>Access token</label>
          <input
            id={field}
            type="password"
            required
            autoComplete="off"
            spellcheck={false}
            value={pasted}
            onInput={(event) => setPasted(event.currentTarget.value)}
          />
          <p class="hint">
            A bearer token of the issuer that the service trusts. It is kept in this tab only, and is gone when you
            close or reload it.
          </p>
          <button type="submit">Use this token</button>
        </form>
      </details>
    </main>
  );
}
