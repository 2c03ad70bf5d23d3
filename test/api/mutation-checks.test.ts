import { type GraphQLSchema, getOperationAST, parse, validate } from "graphql";
import { getMetadataStorage } from "type-graphql";
import { beforeAll, beforeEach, expect, it, vi } from "vitest";
import { createContext } from "../../src/api/context.ts";
import { createExecutor } from "../../src/api/jit/executor.ts";
import { buildSubgraph } from "../../src/api/schema.ts";
import type { OrderKey } from "../../src/domain/cancellation.ts";
import { recordOf } from "../support/records.ts";

/** Whole requests, over a service of which only the calls are looked at. TRONSAVE is not set up. */
let schema: GraphQLSchema;
beforeAll(async () => {
  schema = (await buildSubgraph()).schema;
});

const cancel = vi.fn(async (orders: readonly OrderKey[]) =>
  orders.map(({ provider, orderId }) => ({ ...recordOf(orderId, "CANCELLED"), provider })),
);
const read = async (orders: readonly OrderKey[]) => orders.map(({ orderId }) => recordOf(orderId, "PENDING"));
const recheck = async (orders: readonly OrderKey[]) => ({ records: await read(orders), unasked: [] });
const setPaused = vi.fn(async () => {});
const allowed = vi.fn(async (_provider: string, ids: readonly string[]) => new Set(ids));
let scopes: string[];
beforeEach(() => {
  vi.clearAllMocks();
  scopes = ["orders:cancel", "providers:manage", "cancellations:resolve"];
});

const fine = 'fine: cancelOrders(provider: ONRAMP, ids: ["1"]) { orders { id } }';
const numbered = (length: number) => JSON.stringify(Array.from({ length }, (_, index) => `${index}`));

it.each<[what: string, fields: string, error: { path: string; message: string }, variables?: Record<string, unknown>]>([
  [
    "an id is impossible",
    'b: cancelOrders(provider: FINPAY, ids: ["1", "", "2", " "]) { orders { id } }',
    { path: "b", message: "ids[1] is empty; ids[3] is empty. Nothing was sent." },
  ],
  [
    "an id of a selection is impossible",
    'cancelSelectedOrders(orders: [{ provider: FINPAY, id: "1" }, { provider: ONRAMP, id: "" }]) { orders { id } }',
    { path: "cancelSelectedOrders", message: "orders[1].id is empty. Nothing was sent." },
  ],
  [
    "a provider is not set up",
    'b: cancelOrders(provider: TRONSAVE, ids: ["1"]) { orders { id } }',
    { path: "b", message: "TRONSAVE is not set up here. Nothing was sent." },
  ],
  [
    "a provider of a selection is not set up",
    'b: cancelSelectedOrders(orders: [{ provider: FINPAY, id: "1" }, { provider: TRONSAVE, id: "2" }]) { orders { id } }',
    { path: "b", message: "TRONSAVE is not set up here: orders[1].id. Nothing was sent." },
  ],
  [
    "an order is not the caller's",
    'b: cancelSelectedOrders(orders: [{ provider: FINPAY, id: "1" }, { provider: FINPAY, id: "theirs" }]) { orders { id } }',
    { path: "b", message: "These orders are not yours: orders[1].id. Nothing was sent." },
  ],
  [
    "the caller may not do one of the things",
    "b: setProviderPaused(provider: FINPAY, paused: true) { provider { paused } }",
    { path: "b", message: "This needs the scope providers:manage. Nothing was sent." },
  ],
  [
    "a text of another mutation is impossible",
    'b: setProviderPaused(provider: FINPAY, paused: true, reason: " ") { provider { paused } }',
    { path: "b", message: "reason is empty. Nothing was changed." },
  ],
  [
    "a note is impossible",
    'b: resolveCancellation(provider: FINPAY, orderId: "1", status: CANCELLED, note: "") { cancellation { status } }',
    { path: "b", message: "note is empty. Nothing was changed." },
  ],
  [
    "an order that is to be resolved is not UNCONFIRMED",
    'b: resolveCancellation(provider: FINPAY, orderId: "1", status: CANCELLED, note: "n") { cancellation { status } }',
    {
      path: "b",
      message: "orderId: this cancellation is PENDING; only UNCONFIRMED ones can be resolved. Nothing was changed.",
    },
  ],
  [
    "an id that is to be looked up again is impossible",
    'b: recheckCancellations(orders: [{ provider: FINPAY, id: "1" }, { provider: FINPAY, id: "a\\tb" }]) { orders { id } }',
    { path: "b", message: "orders[1].id holds control characters. Nothing was sent." },
  ],
  [
    "the provider of an order that is to be looked up again is not set up",
    'b: recheckCancellations(orders: [{ provider: TRONSAVE, id: "1" }]) { orders { id } }',
    { path: "b", message: "TRONSAVE is not set up here. Nothing was sent." },
  ],
  [
    "an id that is to be resolved is impossible",
    'b: resolveCancellations(orders: [{ provider: FINPAY, id: " " }], status: CANCELLED, note: "n") { orders { id } }',
    { path: "b", message: "orders[0].id is empty. Nothing was sent." },
  ],
  [
    "the note for several is impossible",
    'b: resolveCancellations(orders: [{ provider: FINPAY, id: "1" }], status: CANCELLED, note: "a\\u0000") { orders { id } }',
    { path: "b", message: "note holds control characters. Nothing was changed." },
  ],
  [
    "an argument has no value",
    "b: cancelOrders(provider: FINPAY, ids: $ids) { orders { id } }",
    { path: "b", message: 'Argument "ids" of non-null type "[ID!]!" must not be null.' },
    { ids: null },
  ],
  [
    "the fault is in a fragment, in a field that a variable includes",
    'b: __typename ... on Mutation { ...F } } fragment F on Mutation { c: cancelOrders(provider: FINPAY, ids: "") @include(if: $yes) { orders { id } }',
    { path: "c", message: "ids[0] is empty. Nothing was sent." },
    { yes: true },
  ],
])(
  "if %s, no field of the request runs, and the error has the path of the field",
  async (what, fields, error, variables = {}) => {
    if (what.startsWith("the caller")) scopes = ["orders:cancel"];
    allowed.mockImplementation(async (_provider, ids) => new Set(ids.filter((id) => id !== "theirs")));
    const { data, errors } = await run(fields, variables);
    expect(data).toBeNull();
    expect(errors?.map(({ path, message }) => ({ path, message }))).toEqual([{ ...error, path: [error.path] }]);
    expect(cancel).not.toHaveBeenCalled();
    expect(setPaused).not.toHaveBeenCalled();
  },
);

it("the limit of ids holds for all fields together", async () => {
  const b = `b: cancelOrders(provider: FINPAY, ids: ${numbered(499)}) { orders { id } }`;
  const { errors } = await run(`${b} c: cancelSelectedOrders(orders: { provider: FINPAY, id: "x" }) { orders { id } }`);
  expect(errors?.map(({ path }) => path)).toEqual([["fine"], ["b"], ["c"]]);
  expect(errors?.[0]?.message).toBe("ids: at most 500 ids are allowed in one request, got 501. Nothing was sent.");
  expect(cancel).not.toHaveBeenCalled();
  expect((await run(b)).errors).toBeUndefined();
});

it.each([
  ["recheckCancellations", "{ provider: FINPAY, id: "],
  ["resolveCancellations", "{ provider: TRONSAVE, id: "],
])(
  "%s: its orders count with those that are cancelled, and are not among them; the access check is not asked about them",
  async (name, key) => {
    const more = name === "resolveCancellations" ? ', status: CANCELLED, note: "n"' : "";
    const field = (count: number) =>
      `b: ${name}(orders: [${Array.from({ length: count }, (_, index) => `${key}"${index}" }`).join()}]${more}) { orders { id } }`;
    expect((await run(field(500))).errors?.[0]?.message).toContain(
      "at most 500 ids are allowed in one request, got 501",
    );
    const { data, errors } = await run(field(499));
    expect(errors).toBeUndefined();
    expect(data?.b).toMatchObject({ orders: { length: 499 } });
    expect(cancel.mock.calls.map(([orders]) => orders)).toEqual([[{ provider: "ONRAMP", orderId: "1" }]]);
    expect(allowed.mock.calls.map(([provider]) => provider)).not.toContain("FINPAY");
  },
);

it("a field that is skipped is not checked, and does not run", async () => {
  const { data } = await run('b: cancelOrders(provider: TRONSAVE, ids: [""]) @skip(if: $yes) { orders { id } }', {
    yes: true,
  });
  expect(data).toEqual({ fine: { orders: [{ id: "1" }] } });
  expect(cancel.mock.calls.map(([orders]) => orders)).toEqual([[{ provider: "ONRAMP", orderId: "1" }]]);
});

it("all fields are cancelled in one call, each order once, and each field is answered in its order", async () => {
  const { data, errors } = await run(`b: cancelOrders(provider: FINPAY, ids: ["2", "1", "2"]) { orders { provider id } }
    c: cancelSelectedOrders(orders: [{ provider: ONRAMP, id: "3" }, { provider: FINPAY, id: "2" }, { provider: ONRAMP, id: "1" }]) {
      orders { provider id cancellation { status } }
    }
    none: cancelSelectedOrders(orders: []) { orders { id } }`);
  expect(errors).toBeUndefined();
  const cancellation = { status: "CANCELLED" };
  expect(data).toEqual({
    fine: { orders: [{ id: "1" }] },
    b: { orders: ["2", "1", "2"].map((id) => ({ provider: "FINPAY", id })) },
    c: {
      orders: [
        { provider: "ONRAMP", id: "3", cancellation },
        { provider: "FINPAY", id: "2", cancellation },
        { provider: "ONRAMP", id: "1", cancellation },
      ],
    },
    none: { orders: [] },
  });
  expect(cancel).toHaveBeenCalledTimes(1);
  expect(cancel.mock.calls[0]?.[0].map(({ provider, orderId }) => `${provider} ${orderId}`)).toEqual([
    "ONRAMP 1",
    "FINPAY 2",
    "FINPAY 1",
    "ONRAMP 3",
  ]);
  // One access check for each provider.
  expect(allowed.mock.calls).toEqual([
    ["ONRAMP", ["1", "3"]],
    ["FINPAY", ["2", "1"]],
  ]);
});

it("other mutations run in their turn: a provider that is paused before is paused when its orders are recorded", async () => {
  const text = `mutation { a: setProviderPaused(provider: FINPAY, paused: true) { provider { paused } } ${fine} }`;
  expect((await execute(text)).errors).toBeUndefined();
  expect(setPaused.mock.invocationCallOrder[0]).toBeLessThan(cancel.mock.invocationCallOrder[0] ?? 0);
});

it("every mutation says who may use it", () => {
  const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {});
  const said = getMetadataStorage().mutations.filter(({ roles }) => (roles ?? []).length > 0);
  expect(said.map(({ schemaName }) => schemaName).toSorted()).toEqual(mutations.toSorted());
});

/** Beside a field that is fine, and which comes first. */
function run(fields: string, variables: Record<string, unknown> = {}) {
  const declared = ["yes: Boolean!", 'ids: [ID!] = ["1"]'].filter((each) => fields.includes(`$${each.split(":")[0]}`));
  const head = declared.length > 0 ? `mutation(${declared.map((each) => `$${each}`).join(" ")})` : "mutation";
  return execute(`${head} { ${fine} ${fields} }`, variables);
}

async function execute(text: string, variables: Record<string, unknown> = {}) {
  const document = parse(text);
  const catalogue = () => ["FINPAY", "ONRAMP", "TRONSAVE"].map((provider) => ({ provider, paused: false })) as never;
  const serves = (provider: string) => provider !== "TRONSAVE";
  const service = { catalogue, maxIdsPerRequest: 500, orderWatch: {} as never, ledger: { read } as never };
  const context = createContext(
    {
      ...service,
      cancellations: { cancel, serves, recheck, resolve: async () => [] } as never,
      pauses: { of: () => undefined, set: setPaused } as never,
      cancellability: {} as never,
    },
    { authenticated: true, subject: "s", expiresInMs: null, holds: (scope) => scopes.includes(scope), allowed },
    "r-1",
  );
  expect(validate(schema, document)).toEqual([]);
  const operation = getOperationAST(document);
  return createExecutor(schema)({ document, operation, request: { variables }, context, metrics: {} } as never);
}
