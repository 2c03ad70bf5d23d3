import { serverAudits } from "graphql-http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Service, startService } from "../support/service.ts";

/** What the audits of the GraphQL over HTTP specification may find, and why it stays. */
const known = {
  warn: {
    "572B": "Apollo Server answers 400, not 200, to a document that cannot be parsed, whatever the client accepts",
    FDE2: "the same for one that is not valid",
    "7B9B": "the same for variables of the wrong type",
  },
  notice: {
    "5A70": "a GET needs a header that a foreign page cannot send (CSRF prevention)",
    D6D5: "the same with variables",
    "6A70": "the same with variables, accepting application/json",
  },
};

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

it("the running server passes graphql-http's audits: no errors, and no warnings but the known ones", async () => {
  const audits = serverAudits({ url: service.url, fetchFn: fetch });
  const results = await Promise.all(audits.map((audit) => audit.fn()));
  const found = (status: string) => results.filter((result) => result.status === status).map(({ id }) => id);
  expect(results.length).toBeGreaterThan(55);
  expect(results.filter(({ status }) => status === "error")).toEqual([]);
  expect(found("warn").toSorted()).toEqual(Object.keys(known.warn).toSorted());
  expect(found("notice").toSorted()).toEqual(Object.keys(known.notice).toSorted());
});
