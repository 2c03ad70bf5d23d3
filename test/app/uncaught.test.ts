import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { expect, it } from "vitest";
import { startServerProcess } from "../support/process.ts";

/** Loaded before the service: throws, as a defect would, when the test says so. */
const defect = (what: string) => `data:text/javascript,process.on("message", () => setTimeout(() => { ${what} }))`;

it.each([
  ["an error", `throw new RangeError(["sec", "ret"].join(""))`],
  ["a rejection", `Promise.reject(new RangeError(["sec", "ret"].join("")))`],
])(
  "%s that nothing catches is logged, and the process stops as on SIGTERM, with a code of its own",
  async (_, what) => {
    const options = { preload: defect(what), stdout: "unread" } as const;
    const server = await startServerProcess({ DRAIN_DELAY_MS: "2000" }, options);
    const lines = buffer(server.child.stdout as never);
    const exit = once(server.child, "exit");
    expect((await fetch(server.at("/readyz"))).status).toBe(200);
    server.child.send("now");
    await expect.poll(async () => (await fetch(server.at("/readyz"))).status).toBe(503);
    expect(await exit).toEqual([70, null]);
    const logged = String(await lines)
      .split("\n")
      .find((line) => line.includes("uncaught-error"));
    expect(JSON.parse(logged ?? "")).toMatchObject({
      level: 50,
      error: { type: "RangeError", stack: expect.arrayContaining([expect.stringMatching(/^at /)]) },
    });
    expect(logged).not.toContain("secret");
  },
);
