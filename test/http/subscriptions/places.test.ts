import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { createPlaces } from "../../../src/http/subscriptions/places.ts";
import { type Issuer, startIssuer } from "../../support/issuer.ts";
import { type Service, startService } from "../../support/service.ts";
import { type Subscribed, subscribe, transports } from "../../support/subscribe.ts";

describe("places", () => {
  it("are given to a caller up to its share, and to all up to the whole; a refusal takes none", () => {
    const places = createPlaces({ all: 5, each: 3 });
    expect(places.take("alice", 4)).toBe("of the caller");
    const giveBack = places.take("alice", 3) as () => void;
    expect(places.take("alice")).toBe("of the caller");
    expect(places.take("bob", 3)).toBe("of all");
    expect(places.take("bob", 2)).toBeTypeOf("function");
    expect(places.taken).toBe(5);
    giveBack();
    expect(places.take("alice", 3)).toBeTypeOf("function");
    expect(places.take("carol")).toBe("of all");
  });

  it("callers without a name: only the whole bounds them", () => {
    const places = createPlaces({ all: 5, each: 1 });
    expect(places.take(null, 4)).toBeTypeOf("function");
    expect(places.take("alice")).toBeTypeOf("function");
    expect(places.take(null)).toBe("of all");
  });
});

describe.each(transports)("one caller over %s, with MAX_SUBSCRIPTIONS_PER_CALLER=2", (transport) => {
  let issuer: Issuer;
  let service: Service;
  beforeAll(async () => {
    issuer = await startIssuer();
    service = await startService({ ...issuer.settings, MAX_SUBSCRIPTIONS: "4", MAX_SUBSCRIPTIONS_PER_CALLER: "2" });
  });
  afterAll(async () => {
    await service?.stop();
    await issuer?.close();
  });

  it("a third subscription is refused, another caller's is not, and when one ends there is a place again", async () => {
    const mine = [await open("alice", ["1"]), await open("alice", ["2"])];
    for (const stream of mine) await stream.next();
    expect(await refusal(await open("alice", ["3"]))).toMatchObject([tooMany(/^You have as many subscriptions open/)]);
    const other = await open("bob", ["1"]);
    await other.next();
    mine[0]?.stop();
    await expect
      .poll(async () => {
        const again = await open("alice", ["3"]);
        return again.next().then(
          () => again.stop(),
          () => "refused",
        );
      })
      .toBeUndefined();
    for (const stream of [...mine, other]) stream.stop();
    await expect.poll(() => openSubscriptions()).toBe(0);
  });

  it("500 orders are followed, and one order more is refused", async () => {
    const ids = Array.from({ length: 500 }, (_, index) => `${index}`);
    const first = await open("alice", ids);
    await first.next();
    expect(await refusal(await open("alice", ["more"]))).toMatchObject([tooMany(/^Your subscriptions here follow/)]);
    first.stop();
    await expect.poll(() => openSubscriptions()).toBe(0);
  });

  async function open(subject: string, ids: string[]): Promise<Subscribed> {
    const headers = await issuer.bearer({ sub: subject });
    return subscribe(transport, service.url, { provider: "ONRAMP", ids }, { headers });
  }

  async function refusal(stream: Subscribed): Promise<unknown> {
    const error = await stream.ended;
    return transport === "SSE" ? stream.events[0]?.errors : error;
  }

  async function openSubscriptions(): Promise<number> {
    const text = await (await fetch(new URL("/metrics", service.url))).text();
    return Number(/^order_cancellation_subscriptions (\d+)$/m.exec(text)?.[1]);
  }
});

it("one caller's 28th WebSocket with MAX_SUBSCRIPTIONS_PER_CALLER=2 is closed with 4429; another caller's stays", async () => {
  const issuer = await startIssuer();
  const service = await startService({ ...issuer.settings, MAX_SUBSCRIPTIONS_PER_CALLER: "2" });
  const sockets: WebSocket[] = [];
  /** Resolves with the code of a close, or with what is said. */
  const connect = async (subject: string) => {
    const token = await issuer.token({ sub: subject });
    const socket = new WebSocket(service.url.replace("http", "ws"), "graphql-transport-ws");
    sockets.push(socket);
    socket.on("open", () => socket.send(JSON.stringify({ type: "connection_init", payload: { token } })));
    return new Promise((resolve) => {
      socket.on("message", (data) => resolve(JSON.parse(String(data)).type));
      socket.on("close", resolve);
    });
  };
  for (let count = 0; count < 27; count += 1) expect(await connect("alice")).toBe("connection_ack");
  expect(await connect("alice")).toBe(4429);
  expect(await connect("bob")).toBe("connection_ack");
  sockets[0]?.close();
  await expect.poll(() => connect("alice")).toBe("connection_ack");
  for (const socket of sockets) socket.terminate();
  await service.stop();
  await issuer.close();
});

function tooMany(message: RegExp) {
  return { extensions: { code: "TOO_MANY_SUBSCRIPTIONS" }, message: expect.stringMatching(message) };
}
