import { afterEach, expect, it } from "vitest";
import { CancellationListDocument, type CancellationListQueryVariables } from "../../schema/generated/graphql.ts";
import { firstLook } from "../../src/simulators/simulators.ts";
import { type Service, startService } from "../support/service.ts";

let subgraph: Service;
afterEach(() => subgraph.stop());

it("cancellations are listed newest first, in parts that stay put while new ones come in", async () => {
  subgraph = await startService();
  const ids = ["901", "902", "903", "904", "905"];
  for (const id of ids) await subgraph.cancel("ONRAMP", [id]);

  const first = await list({ first: 2 });
  await subgraph.cancel("ONRAMP", ["906"]);
  const second = await list({ first: 2, after: first.pageInfo.endCursor ?? null });
  const last = await list({ first: 2, after: second.pageInfo.endCursor ?? null });

  expect([first, second, last].map(orderIds)).toEqual([["905", "904"], ["903", "902"], ["901"]]);
  expect([first, second, last].map(({ pageInfo }) => pageInfo.hasNextPage)).toEqual([true, true, false]);
});

it("the list can be filtered by provider and by status", async () => {
  subgraph = await startService();
  subgraph.simulator("ONRAMP").add("911");
  await subgraph.cancel("ONRAMP", ["911", "912"]);
  await subgraph.cancel("KWIKPAISA", ["913"]);
  expect(orderIds(await list({ first: 10, provider: "KWIKPAISA" }))).toEqual(["913"]);
  expect(orderIds(await list({ first: 10, status: "CANCELLED" }))).toEqual(["911"]);
  expect(orderIds(await list({ first: 10, status: "REJECTED", provider: "ONRAMP" }))).toEqual(["912"]);
});

it("the list can be filtered by problem, alone and with the other filters", async () => {
  subgraph = await startService();
  await subgraph.cancel("ONRAMP", ["931", firstLook.ONRAMP.tooLate, firstLook.ONRAMP.cancellable]);
  await subgraph.cancel("KWIKPAISA", ["932"]);
  const unknown = { first: 10, problemCode: "ORDER_NOT_FOUND" } as const;
  expect(orderIds(await list(unknown))).toEqual(["932", "931"]);
  expect(orderIds(await list({ ...unknown, provider: "ONRAMP" }))).toEqual(["931"]);
  expect(orderIds(await list({ ...unknown, status: "REJECTED", provider: "KWIKPAISA" }))).toEqual(["932"]);
  expect(orderIds(await list({ ...unknown, status: "PENDING" }))).toEqual([]);
  expect(orderIds(await list({ first: 10, problemCode: "TOO_LATE" }))).toEqual([firstLook.ONRAMP.tooLate]);
});

it("a list takes both 1 and 200 as `first`", async () => {
  subgraph = await startService();
  await subgraph.cancel("KWIKPAISA", ["921", "922"]);
  expect(orderIds(await list({ first: 1 }))).toEqual(["922"]);
  expect(orderIds(await list({ first: 200 }))).toEqual(["922", "921"]);
});

it.each([
  [{ first: 0 }, "first: needs a whole number from 1 to 200, got 0."],
  [{ first: 201 }, "first: needs a whole number from 1 to 200, got 201."],
  [{ first: 1, after: "bogus" }, "after: needs a cursor from an earlier answer."],
])("a list with %o is refused in a clear sentence", async (variables, message) => {
  subgraph = await startService();
  const { messages, codes } = await subgraph.ask(CancellationListDocument, variables);
  expect([messages, codes]).toEqual([[message], ["BAD_USER_INPUT"]]);
});

async function list(variables: CancellationListQueryVariables) {
  const { data, messages } = await subgraph.ask(CancellationListDocument, variables);
  if (!data) throw new Error(messages.join(" "));
  return data.cancellations;
}

function orderIds({ edges }: Awaited<ReturnType<typeof list>>): string[] {
  return edges.map(({ node }) => node.order.id);
}
