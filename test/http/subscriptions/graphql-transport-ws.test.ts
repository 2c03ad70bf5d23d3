import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it, vi } from "vitest";
import { type Handlers, speak } from "../../../src/http/subscriptions/graphql-transport-ws.ts";
import type { Result, Results } from "../../../src/http/subscriptions/results.ts";

/** A socket, as its client sees it. */
function open(handlers: Partial<Handlers> = {}) {
  const sent: string[] = [];
  let listener = async (_text: string): Promise<void> => {};
  const closes: number[] = [];
  const socket = {
    send: async (data: string) => {
      const { type, id } = JSON.parse(data);
      sent.push(id ? `${type} ${id}` : type);
    },
    close: (code = 1000) => void closes.push(code),
    onMessage: (listen: typeof listener) => {
      listener = listen;
    },
    welcome: () => {},
  };
  const closed = speak(socket, {
    connect: async () => undefined,
    subscribe: async () => ({ results: source() }),
    ...handlers,
  });
  const say = (message: unknown) => listener(JSON.stringify(message));
  return {
    sent,
    closes,
    closed,
    say,
    subscribe: (id: string) => say({ type: "subscribe", id, payload: { query: "" } }),
  };
}

/** A stream whose events come when a test says so. */
function source(): Results & { push(result?: Result): void } {
  const waiting: PromiseWithResolvers<IteratorResult<Result, undefined>>[] = [];
  const ending = new AbortController();
  const over = { done: true, value: undefined } as const;
  const end = () => {
    ending.abort();
    for (const each of waiting.splice(0)) each.resolve(over);
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => {
      if (ending.signal.aborted) return over;
      const next = Promise.withResolvers<IteratorResult<Result, undefined>>();
      waiting.push(next);
      return next.promise;
    },
    push: (result) => (result ? waiting.shift()?.resolve({ done: false, value: result }) : end()),
    return: async () => {
      end();
      return over;
    },
    end,
    signal: ending.signal,
  };
}

describe("an id that is used again", () => {
  it("after complete, while the first stream was running: the second one goes on, and only it ends", async () => {
    const [first, second] = [source(), source()];
    const streams = [first, second];
    const { sent, say, subscribe } = open({ subscribe: async () => ({ results: streams.shift() as Results }) });
    await say({ type: "connection_init" });
    await subscribe("1");
    await Promise.all([say({ type: "complete", id: "1" }), subscribe("1")]);
    await turn();
    expect(first.signal.aborted).toBe(true);
    second.push({ data: {} });
    await turn();
    second.push();
    await turn();
    expect(sent).toEqual(["connection_ack", "next 1", "complete 1"]);
  });

  it("after complete, while the first stream was being started: the first one is ended, the second one is told", async () => {
    const [first, second] = [source(), source()];
    const starts: PromiseWithResolvers<{ results: Results }>[] = [];
    const { sent, closes, say, subscribe } = open({
      subscribe: () => {
        const start = Promise.withResolvers<{ results: Results }>();
        starts.push(start);
        return start.promise;
      },
    });
    await say({ type: "connection_init" });
    const started = [subscribe("1"), say({ type: "complete", id: "1" }), subscribe("1")];
    starts[1]?.resolve({ results: second });
    starts[0]?.resolve({ results: first });
    await Promise.all(started);
    expect([first.signal.aborted, second.signal.aborted]).toEqual([true, false]);
    second.push({ data: {} });
    await turn();
    expect([sent, closes]).toEqual([["connection_ack", "next 1"], []]);
  });

  it("as soon as its end is told: it is accepted", async () => {
    const streams = [source(), source()];
    const again: Promise<void>[] = [];
    const { sent, closes, say, subscribe } = open({ subscribe: async () => ({ results: streams.shift() as Results }) });
    await say({ type: "connection_init" });
    const [first] = streams;
    await subscribe("1");
    vi.spyOn(sent, "push").mockImplementation(() => again.push(subscribe("1")));
    first?.push();
    await turn();
    expect(again).toHaveLength(1);
    expect(closes).toEqual([]);
  });

  it("while its stream is open or being started: 4409", async () => {
    const { closes, say, subscribe } = open();
    await say({ type: "connection_init" });
    await Promise.all([subscribe("1"), subscribe("1")]);
    await subscribe("1");
    expect(closes).toEqual([4409, 4409]);
  });
});

it("when the socket is closed, its streams end, also one that is being started", async () => {
  const [first, second] = [source(), source()];
  const start = Promise.withResolvers<{ results: Results }>();
  const starts = [Promise.resolve({ results: first }), start.promise];
  const { closed, say, subscribe } = open({ subscribe: () => starts.shift() as Promise<{ results: Results }> });
  await say({ type: "connection_init" });
  await subscribe("1");
  const starting = subscribe("2");
  closed();
  start.resolve({ results: second });
  await starting;
  expect([first.signal.aborted, second.signal.aborted]).toEqual([true, true]);
});

it.each([
  ["no object", 7],
  ["no type", {}],
  ["a payload of connection_init that is a list", { type: "connection_init", payload: [] }],
  ["subscribe without an id", { type: "subscribe", payload: { query: "" } }],
  ["subscribe with an empty id", { type: "subscribe", id: "", payload: { query: "" } }],
  ["subscribe with an id of 201 characters", { type: "subscribe", id: "x".repeat(201), payload: { query: "" } }],
  ["subscribe without a payload", { type: "subscribe", id: "1" }],
  ["variables that are text", { type: "subscribe", id: "1", payload: { query: "", variables: "{}" } }],
  ["complete without an id", { type: "complete" }],
  ["a message of a server", { type: "connection_ack" }],
])("%s: 4400", async (_, message) => {
  const { closes, say } = open();
  await say(message);
  expect(closes).toEqual([4400]);
});

it("nulls where the protocol allows them: accepted", async () => {
  const { sent, closes, say } = open();
  await say({ type: "connection_init", payload: null });
  const payload = { query: "", operationName: null, variables: null, extensions: null };
  await say({ type: "subscribe", id: "1", payload });
  await say({ type: "ping", payload: { any: 1 } });
  expect([sent, closes]).toEqual([["connection_ack", "pong"], []]);
});

describe("memory", () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage: () => void = runInNewContext("gc");
  const isGone = (ref: WeakRef<object> | undefined) => {
    collectGarbage();
    return ref !== undefined && ref.deref() === undefined;
  };

  it("an open socket keeps neither the payload of connection_init nor what subscribe was given", async () => {
    let payload: WeakRef<object> | undefined;
    let variables: WeakRef<object> | undefined;
    const results = source();
    const { sent, say } = open({
      connect: async (given) => {
        payload = new WeakRef(given as object);
        return undefined;
      },
      subscribe: async (operation) => {
        variables = new WeakRef(operation.variables as object);
        return { results };
      },
    });
    await say({ type: "connection_init", payload: { junk: "x" } });
    await say({ type: "subscribe", id: "1", payload: { query: "", variables: { junk: "x" } } });
    await expect.poll(() => [isGone(payload), isGone(variables)]).toEqual([true, true]);
    results.push({ data: {} });
    await turn();
    expect(sent).toEqual(["connection_ack", "next 1"]);
  });
});

const turn = () => new Promise(setImmediate);
