import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sendUntil } from "../chaos/raw-sockets.ts";
import { type ServerProcess, startServerProcess } from "../support/process.ts";

/** In each, bytes reach other parts of the service before a credential is asked for. */
const set = {
  open: {},
  guarded: { NODE_ENV: "production", GATEWAY_SECRET: "secret-of-the-gateway", AUTH: "none" },
};

describe.each(Object.entries(set))("a service that is %s", (_, settings) => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServerProcess(settings);
  });
  afterAll(() => server.kill());

  it.each([
    "//",
    "///",
    "//[]/gateway",
    "http://[",
    "http://host:99999/graphql",
    "//a:b",
    "//%",
    "http://",
    "*",
    "/%zz",
  ])("answers 404 to an upgrade for %s, and goes on", async (target) => {
    const head = ["host: x", "connection: Upgrade", "upgrade: websocket", "sec-websocket-version: 13"];
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    socket.write(
      [`GET ${target} HTTP/1.1`, ...head, "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==", "", ""].join("\r\n"),
    );
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/^HTTP\/1.1 404 /);
    socket.destroy();
    expect((await fetch(server.at("/healthz"))).status).toBe(200);
  });

  it("lives on, whatever 1500 clients that keep no rules send", async () => {
    expect(await sendUntil(server, 1, (sent) => sent >= 1500)).toBeGreaterThanOrEqual(1500);
  });
});
