/** Which page is shown. It stands in the fragment of the address, because ids of orders must not reach logs of servers. */
export type Route =
  | { page: "attention"; provider: string | null }
  | { page: "pending"; provider: string; problem: string | null }
  | { page: "search"; text: string }
  | { page: "order"; provider: string; id: string }
  | { page: "providers" };

/** An address that means nothing leads to the first page. */
export function readRoute(fragment: string): Route {
  const [page = "", ...parts] = fragment
    .replace(/^#?\/?/, "")
    .split("/")
    .map(decode);
  const [first = "", second = ""] = parts;
  if (page === "search") return { page, text: first };
  if (page === "pending" && first) return { page, provider: first, problem: second || null };
  if (page === "orders" && first && second) return { page: "order", provider: first, id: second };
  if (page === "providers") return { page };
  return { page: "attention", provider: page === "attention" && first ? first : null };
}

export function writeRoute(route: Route): string {
  const parts = partsOf(route).map((part) => encodeURIComponent(part));
  return `#/${parts.join("/")}`;
}

function partsOf(route: Route): string[] {
  switch (route.page) {
    case "attention":
      return route.provider === null ? ["attention"] : ["attention", route.provider];
    case "pending":
      return route.problem === null ? ["pending", route.provider] : ["pending", route.provider, route.problem];
    case "search":
      return route.text === "" ? ["search"] : ["search", route.text];
    case "order":
      return ["orders", route.provider, route.id];
    case "providers":
      return ["providers"];
  }
}

/** A text that is not encoded as it should be is taken as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
