import { useEffect, useState } from "preact/hooks";
import type { Polled } from "../polling.ts";
import { formatAge } from "../times.ts";

/** Whether what is shown is what is. */
export function Live({ polled }: { polled: Polled<unknown> }) {
  const now = useSeconds(polled.failure !== undefined);
  const { failure, readAt } = polled;
  if (!failure) return <p class="live">{readAt === undefined ? "Loading" : "Live"}</p>;
  return (
    <div class="live not" role="alert">
      <strong>Not live.</strong> {failure.message}{" "}
      {readAt !== undefined && <>What is shown was read {formatAge(now - readAt)} ago. </>}
      <button type="button" class="link" onClick={polled.refresh}>
        Try now
      </button>
    </div>
  );
}

function useSeconds(running: boolean): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!running) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}
