import fc from "fast-check";
import { expect, it } from "vitest";
import { type Route, readRoute, writeRoute } from "../../src/browser/console/route.ts";

const text = fc.string({ minLength: 1, unit: "grapheme" });
const routes: fc.Arbitrary<Route> = fc.oneof(
  fc.record({ page: fc.constant("attention" as const), provider: fc.option(text) }),
  fc.record({ page: fc.constant("pending" as const), provider: text, problem: fc.option(text) }),
  fc.record({ page: fc.constant("search" as const), text: fc.string({ unit: "grapheme" }) }),
  fc.record({ page: fc.constant("order" as const), provider: text, id: text }),
  fc.record({ page: fc.constant("providers" as const) }),
);

it("a page is found again by its address, whatever an id holds", () => {
  fc.assert(
    fc.property(routes, (route) => {
      expect(readRoute(writeRoute(route))).toEqual(route);
    }),
  );
});

it.each(["", "#", "#/", "#/nothing", "#/orders", "#/orders/FINPAY", "#/pending", "#//", "javascript:alert(1)"])(
  "the address %j leads to the first page",
  (fragment) => {
    expect(readRoute(fragment)).toEqual({ page: "attention", provider: null });
  },
);

it("an id that is not encoded as it should be is taken as it is", () => {
  expect(readRoute("#/orders/FINPAY/100%")).toEqual({ page: "order", provider: "FINPAY", id: "100%" });
});
