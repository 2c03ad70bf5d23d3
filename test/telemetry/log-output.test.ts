import { closeSync, existsSync, openSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { createLog } from "../../src/telemetry/log.ts";
import { maxWaiting, type OutputStream, openOutput } from "../../src/telemetry/log-output.ts";
import { post } from "../support/post.ts";
import { lineOf, type ServerProcess, startServerProcess } from "../support/process.ts";

/** A pipe whose reader is the test, or a disk that can be full. */
function openPipe() {
  let waiting: { text: string; done: (error?: Error) => void }[] = [];
  let writableLength = 0;
  const read: string[] = [];
  const stream = {
    get writableLength() {
      return writableLength;
    },
    write: (text: string, done: (error?: Error) => void) => {
      writableLength += text.length;
      waiting.push({ text, done });
    },
    on: () => stream,
  };
  const settle = (error?: Error) => {
    while (waiting.length > 0) {
      const [first, ...rest] = waiting;
      waiting = rest;
      writableLength -= first?.text.length ?? 0;
      if (!error) read.push(first?.text ?? "");
      first?.done(error);
    }
  };
  return { stream: stream as unknown as OutputStream, read, settle };
}

/** Each line is written by itself. */
const atOnce = (work: () => void) => work();

describe("an output", () => {
  it("writes the lines of one turn together, and before a flush ends", async () => {
    const pipe = openPipe();
    const output = openOutput(pipe.stream);
    for (const line of ["a\n", "b\n"]) output.write(line);
    await expect.poll(() => pipe.stream.writableLength).toBe(4);
    output.write("c\n");
    const flushed = output.flush(60_000);
    pipe.settle();
    await flushed;
    expect(pipe.read).toEqual(["a\nb\n", "c\n", ""]);
  });
});

describe("an output that nobody reads", () => {
  it("an output without a reader holds no more than its bound, drops the rest and counts it", () => {
    const pipe = openPipe();
    const output = openOutput(pipe.stream, atOnce);
    const line = "x".repeat(1023);
    for (let count = 0; count < 3000; count += 1) output.write(`${line}\n`);
    expect(pipe.stream.writableLength).toBe(maxWaiting);
    expect(output.dropped()).toBe(3000 - 1024);
  });

  it("an output that is read again says once how many lines were dropped", () => {
    const pipe = openPipe();
    const output = openOutput(pipe.stream, atOnce);
    const log = createLog("info", output);
    for (let count = 0; count < 100_000; count += 1) log({ event: "listening", url: "http://127.0.0.1" });
    const dropped = output.dropped();
    expect(dropped).toBeGreaterThan(80_000);
    pipe.settle();
    log({ event: "ready" });
    pipe.settle();
    const told = pipe.read.map((line) => JSON.parse(line)).filter(({ event }) => event !== "listening");
    expect(told).toEqual([
      expect.objectContaining({ level: 40, event: "log-lines-dropped", lines: dropped }),
      expect.objectContaining({ event: "ready" }),
    ]);
  });

  it("counts what could not be written, and begins a new line after it", () => {
    const disk = openPipe();
    const output = openOutput(disk.stream, atOnce);
    const log = createLog("info", output);
    log({ event: "ready" });
    disk.settle(Object.assign(new Error("full"), { code: "ENOSPC" }));
    expect(output.dropped()).toBe(1);
    log({ event: "no-provider-set-up" });
    disk.settle();
    expect(disk.read.join("").split("\n")).toEqual([
      "",
      expect.stringContaining('"event":"no-provider-set-up"'),
      expect.stringContaining('"event":"log-lines-dropped","lines":1'),
      "",
    ]);
  });

  it("an output without a reader holds up a flush no longer than its limit", async () => {
    const { stream } = openPipe();
    await openOutput(stream).flush(10);
  });
});

describe("the built server", () => {
  let server: ServerProcess;
  afterEach(() => server.kill());
  const dropped = "order_cancellation_log_lines_dropped_total";
  const query = "{ __typename }";
  /** A hundred long lines: each request has one, with the name of its operation. */
  const flood = async () => {
    const long = { query: `query ${"Long".repeat(500)} ${query}` };
    const answers = await Promise.all(Array.from({ length: 100 }, () => post(server.url, long)));
    expect(answers.flatMap(({ codes }) => codes)).toEqual([]);
  };

  it("without a reader of its output the service serves and stops; a reader learns how many lines were dropped", async () => {
    server = await startServerProcess({}, { stdout: "unread" });
    expect(await server.metric(dropped)).toBe(0);
    while ((await server.metric(dropped)) === 0) await flood();
    const { stdout } = server.child;
    if (!stdout) throw new Error("no output");
    expect(await lineOf(stdout, /"log-lines-dropped"/)).toMatch(/"level":40.*"lines":[1-9]/);

    const before = await server.metric(dropped);
    while ((await server.metric(dropped)) === before) await flood();
    expect(await server.terminate()).toBe(0);
    // The buffer is filled twice, some ten thousand lines: most of a minute on a machine with many others at work.
  }, 600_000);

  // Linux has it; others have no such device.
  it.runIf(existsSync("/dev/full"))("serves and stops on a disk that is full", async () => {
    const full = openSync("/dev/full", "w");
    server = await startServerProcess({}, { stdout: full });
    closeSync(full);
    expect((await post(server.url, { query })).data).toEqual({ __typename: "Query" });
    await expect.poll(() => server.metric(dropped)).toBeGreaterThan(1);
    expect(await server.terminate()).toBe(0);
  });

  it("serves and stops when its reader is gone", async () => {
    server = await startServerProcess({}, { stdout: "unread" });
    server.child.stdout?.destroy();
    await flood();
    await expect.poll(() => server.metric(dropped)).toBeGreaterThan(90);
    expect(await server.terminate()).toBe(0);
  });
});
