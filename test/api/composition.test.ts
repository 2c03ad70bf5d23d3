import { readdir, readFile } from "node:fs/promises";
import { composeServices as composeWithApollo } from "@apollo/composition";
import { ApolloGateway } from "@apollo/gateway";
import {
  type FetchNode,
  type PlanNode,
  QueryPlanner,
  type RequiresSelection,
} from "@graphql-hive/router-query-planner";
import { composeServices as composeWithTheGuild } from "@theguild/federation-composition";
import { federateSubgraphs, ROUTER_COMPATIBILITY_VERSION_ONE } from "@wundergraph/composition";
import { type DirectiveNode, Kind, parse, print, separateOperations, valueFromASTUntyped, visit } from "graphql";
import { describe, expect, it } from "vitest";

const cancellations = await readFile(new URL("../../schema/cancellations.graphql", import.meta.url), "utf8");
const orders = await readFile(new URL("../../schema/orders.graphql", import.meta.url), "utf8");

/** What a composition came to: its errors, or the key by which each subgraph hands out and takes in an Order. */
interface Composition {
  errors: string[];
  orderKeys: Record<string, string>;
}

const composers: Record<string, (subgraphs: Record<string, string>) => Composition> = {
  "@apollo/composition": (subgraphs) => toComposition(composeWithApollo(servicesOf(subgraphs))),
  "@theguild/federation-composition": (subgraphs) => toComposition(composeWithTheGuild(servicesOf(subgraphs))),
  "@wundergraph/composition": federateWithCosmo,
};

describe.each(Object.entries(composers))("%s", (_, compose) => {
  it("composes this subgraph alone, and with a company's orders, joined on provider and id", () => {
    expect(compose({ cancellations })).toMatchObject({ errors: [] });
    expect(compose({ cancellations, orders })).toEqual({
      errors: [],
      orderKeys: { cancellations: "id provider", orders: "id provider" },
    });
  });

  it("catches a key that names a field which is not there", () => {
    const broken = edited(cancellations, '@key(fields: "provider id")', '@key(fields: "provider number")');
    expect(compose({ cancellations: broken, orders }).errors.join()).toContain("number");
  });

  it("catches an orders subgraph whose key is not ours", () => {
    const broken = edited(orders, '@key(fields: "provider id")', '@key(fields: "id")');
    expect(compose({ cancellations, orders: broken }).errors.join()).toContain("provider");
  });

  it("composes where another subgraph has an enum of providers, with a sixth one, as argument and as field", () => {
    const own = `
      enum Provider { FINPAY SIXTH }
      extend type Query { ordersOf(provider: Provider!): [Order!]! }
      extend type Order { placedWith: Provider }
    `;
    expect(compose({ cancellations, orders: orders + own })).toMatchObject({ errors: [] });
  });

  it("composes with the authorization directives that a router may enforce", () => {
    expect(compose({ cancellations: withAuthorization(), orders })).toMatchObject({ errors: [] });
  });
});

describe("@apollo/gateway", () => {
  it("starts with the supergraph, but refuses one with authorization directives: they are not in by default", async () => {
    await expect(load(cancellations)).resolves.toBeUndefined();
    await expect(load(withAuthorization())).rejects.toThrow(/specs.apollo.dev\/requiresScopes/);
  });
});

describe("Hive's query planner", () => {
  const plan = (operation: string) => planned(planner.plan(operation, null, new Set(), 0).node);
  const { supergraphSdl = "" } = composeWithApollo(servicesOf({ cancellations, orders }));
  const planner = new QueryPlanner(supergraphSdl);

  it("joins a list with all that we know of its orders in one request to each subgraph, by provider and id", () => {
    const list = "{orders{description cancellation{status} cancellability(maxAge:5){state reason}}}";
    expect(plan(list)).toEqual(["orders query", "cancellations query for Order by provider, id"]);
  });

  it("adds what others know of the orders that a mutation, a selection or a subscription answers", () => {
    const named = '(orders:[{provider:ONRAMP,id:"1"}])';
    const further = "orders query for Order by provider, id";
    const order = "description amount cancellation{status} cancellability{state}";
    expect(plan(`mutation{cancelSelectedOrders${named}{orders{${order}}}}`)).toEqual([
      "cancellations mutation",
      further,
    ]);
    expect(plan(`{selectedOrders${named}{${order}}}`)).toEqual(["cancellations query", further]);
    expect(plan(`subscription{selectedOrders${named}{${order}}}`)).toEqual(["cancellations subscription", further]);
  });

  it("plans each operation that we hand out as one request to us", async () => {
    const folder = new URL("../../schema/operations/", import.meta.url);
    const files = await Promise.all((await readdir(folder)).map((name) => readFile(new URL(name, folder), "utf8")));
    const operations = Object.values(separateOperations(parse(files.join("\n"))));
    expect(operations.length).toBeGreaterThan(5);
    for (const operation of operations) {
      expect(plan(print(operation))).toEqual([expect.stringMatching(/^cancellations \w+$/)]);
    }
  });
});

/** Which requests a plan makes, in order: to whom, of what kind, and for entities by which key. */
function planned(node: PlanNode | undefined): string[] {
  switch (node?.kind) {
    case "Sequence":
    case "Parallel":
      return node.nodes.flatMap(planned);
    case "Flatten":
      return planned(node.node);
    case "Subscription":
      return [textOf(node.primary)];
    case "Fetch":
      return [textOf(node)];
    default:
      throw new Error(`not expected in a plan: ${JSON.stringify(node)}`);
  }
}

function textOf({ serviceName, operationKind = "query", requires }: FetchNode): string {
  return `${serviceName} ${operationKind}${requires ? ` for ${requires.map(keyOf).join()}` : ""}`;
}

function keyOf(required: RequiresSelection): string {
  if (required.kind !== "InlineFragment") throw new Error(`not a type: ${JSON.stringify(required)}`);
  const names = required.selections.flatMap((each) =>
    each.kind === "Field" && each.name !== "__typename" ? each.name : [],
  );
  return `${required.typeCondition} by ${names.sort().reverse().join(", ")}`;
}

/** The edit of the emitted SDL in docs/supergraph.md. */
function withAuthorization(): string {
  const imported = edited(cancellations, '"@tag"]', '"@tag", "@authenticated", "@requiresScopes"]');
  const scoped = edited(
    imported,
    "): CancelOrdersPayload!",
    '): CancelOrdersPayload! @requiresScopes(scopes: [["orders:cancel"]])',
  );
  return edited(scoped, "  cancellation: Cancellation\n", "  cancellation: Cancellation @authenticated\n");
}

/** Fails where the text to replace is gone: the test would prove nothing. */
function edited(sdl: string, from: string, to: string): string {
  expect(sdl).toContain(from);
  return sdl.replace(from, to);
}

async function load(sdl: string): Promise<void> {
  const { supergraphSdl = "" } = composeWithApollo(servicesOf({ cancellations: sdl, orders }));
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const gateway = new ApolloGateway({ supergraphSdl, logger: silent });
  try {
    await gateway.load();
  } finally {
    // It has nothing to stop where it did not load, and says so by rejecting.
    await gateway.stop().catch(() => {});
  }
}

function servicesOf(subgraphs: Record<string, string>) {
  return Object.entries(subgraphs).map(([name, sdl]) => ({ name, url: `http://${name}.test`, typeDefs: parse(sdl) }));
}

/** Both write the same supergraph language: `type Order @join__type(graph: ORDERS, key: "provider id")`. */
function toComposition({
  errors = [],
  supergraphSdl = "type Query",
}: {
  errors?: readonly Error[] | undefined;
  supergraphSdl?: string | undefined;
}): Composition {
  const orderKeys: Record<string, string> = {};
  visit(parse(supergraphSdl), {
    [Kind.OBJECT_TYPE_DEFINITION]: ({ name, directives = [] }) => {
      if (name.value !== "Order") return;
      for (const { graph, key } of directives.filter((each) => each.name.value === "join__type").map(argumentsOf)) {
        orderKeys[String(graph).toLowerCase()] = sorted(String(key));
      }
    },
  });
  return { errors: errors.map(({ message }) => message), orderKeys };
}

function argumentsOf({ arguments: given = [] }: DirectiveNode): Record<string, unknown> {
  return Object.fromEntries(given.map(({ name, value }) => [name.value, valueFromASTUntyped(value)]));
}

function federateWithCosmo(subgraphs: Record<string, string>): Composition {
  const result = federateSubgraphs({
    subgraphs: servicesOf(subgraphs).map(({ name, url, typeDefs }) => ({ name, url, definitions: typeDefs })),
    version: ROUTER_COMPATIBILITY_VERSION_ONE,
  });
  if (!result.success) return { errors: result.errors.map(({ message }) => message), orderKeys: {} };
  const orderKeys = [...result.subgraphConfigBySubgraphName].map(([name, { configurationDataByTypeName }]) => {
    const keys = configurationDataByTypeName.get("Order")?.keys ?? [];
    return [name, keys.map(({ selectionSet }) => sorted(selectionSet)).join()];
  });
  return { errors: [], orderKeys: Object.fromEntries(orderKeys) };
}

/** The order of a key's fields has no meaning. */
function sorted(fieldSet: string): string {
  return fieldSet.split(" ").sort().join(" ");
}
