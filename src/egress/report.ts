import type { Emit } from "../domain/events.ts";
import type { Egress } from "./connector.ts";
import { ProxyError } from "./tunnel.ts";

/** Tells of connections that do not come about, and whether a proxy is to blame. */
export function reportConnectionsTo(emit: Emit): Egress["onError"] {
  return (error, host) => {
    if (error instanceof ProxyError) {
      const { problem, status } = error;
      emit({ event: "proxy-failed", host, problem, status, error });
    } else {
      emit({ event: "connection-failed", host, error });
    }
  };
}
