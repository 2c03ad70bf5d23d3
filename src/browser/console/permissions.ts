import type { CancellationStatus, ViewerQuery } from "./generated/graphql.ts";

type Viewer = ViewerQuery["viewer"];

/** Why this person cannot do this; null if it can be tried. The service decides in the end. */
export type WhyNot = string | null;

/** To look it up again, and to close it by hand. */
export function whyNotResolve(viewer: Viewer, statuses: readonly CancellationStatus[]): WhyNot {
  return missing(viewer.canResolve, "cancellations:resolve") ?? onlyUnconfirmed(statuses);
}

export function whyNotCancel(viewer: Viewer, statuses: readonly CancellationStatus[]): WhyNot {
  if (!viewer.canCancel) return missing(false, "orders:cancel");
  if (statuses.includes("CANCELLED")) return "It is cancelled.";
  return statuses.includes("PENDING") ? "The service is still at work on it." : null;
}

export function whyNotManage(viewer: Viewer): WhyNot {
  return missing(viewer.canManage, "providers:manage");
}

function missing(holds: boolean, scope: string): WhyNot {
  return holds ? null : `You lack the scope ${scope}.`;
}

function onlyUnconfirmed(statuses: readonly CancellationStatus[]): WhyNot {
  return statuses.every((status) => status === "UNCONFIRMED") ? null : "Only for orders that are unconfirmed.";
}
