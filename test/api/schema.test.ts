import { expect, it } from "vitest";
import { buildSubgraph } from "../../src/api/schema.ts";

it("schema/cancellations.graphql is what the code serves (npm run schema rewrites it)", async () => {
  const { sdl } = await buildSubgraph();
  await expect(sdl).toMatchFileSnapshot("../../schema/cancellations.graphql");
});
