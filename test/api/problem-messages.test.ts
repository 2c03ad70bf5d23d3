import { expect, it } from "vitest";
import { problemMessage } from "../../src/api/problem-messages.ts";
import { problemCodes } from "../../src/domain/outcome.ts";

it.each(problemCodes)("%s while PENDING: the sentence says that work goes on; once settled it does not", (code) => {
  const pending = problemMessage(code, { provider: "FINPAY", status: "PENDING" });
  expect(pending).toMatch(/ We (will|are) [a-z ]+\.$/);
  for (const status of ["REJECTED", "UNCONFIRMED"] as const) {
    const settled = problemMessage(code, { provider: "FINPAY", status });
    expect(pending.startsWith(`${settled} `)).toBe(true);
    expect(settled).not.toMatch(/\bWe (will|are)\b/);
  }
});

it("a final UNCONFIRMED does not say yet", () => {
  const said = problemMessage("OUTCOME_UNKNOWN", { provider: "TRONSAVE", status: "UNCONFIRMED" });
  expect(said).toBe("The provider gave no clear answer, so we do not know whether this order is cancelled.");
});

it("an UNCONFIRMED order of a provider that cancels orders by itself: the sentence tells its page's rule", () => {
  const said = problemMessage("OUTCOME_UNKNOWN", { provider: "SMS4SATS", status: "UNCONFIRMED" });
  expect(said).toContain("cancelled by themselves 21 minutes after they were made");
  expect(problemMessage("TOO_LATE", { provider: "SMS4SATS", status: "REJECTED" })).not.toContain("21 minutes");
});

it("a record of a provider that this version does not know has a sentence, too", () => {
  const said = problemMessage("OUTCOME_UNKNOWN", { provider: "GONE", status: "UNCONFIRMED" });
  expect(said).toMatch(/cancelled\.$/);
});
