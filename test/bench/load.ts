import { connect, type Socket } from "node:net";

/** What is asked again and again, and the answer that each request has to get. */
export interface Target {
  url: string;
  /** The request of the connection with this number, counted from 0. */
  bodyOf(connection: number): string;
  /** Checks the text of an answer, and throws. All answers need to have the same bytes as the first. */
  check(text: string): void;
}

export interface LoadOptions {
  connections: number;
  seconds: number;
}

/**
 * Answers a second. The sockets are used as they are: a client for HTTP would take more time than some of the servers. Rejects
 * if an answer is not what it should be.
 */
export async function measureRate(target: Target, { connections, seconds }: LoadOptions): Promise<number> {
  const endsAt = performance.now() + seconds * 1000;
  const startedAt = performance.now();
  let first: Buffer | undefined;
  const counts = Array.from({ length: connections }, (_, connection) =>
    exchangeUntil(endsAt, target.url, writeRequest(target.url, target.bodyOf(connection)), (body) => {
      if (!first) target.check(body.toString());
      first ??= Buffer.from(body);
      if (!body.equals(first)) throw new Error(`another answer: ${body.toString().slice(0, 300)}`);
    }),
  );
  const answers = (await Promise.all(counts)).reduce((sum, each) => sum + each, 0);
  return answers / ((performance.now() - startedAt) / 1000);
}

function writeRequest(url: string, body: string): Buffer {
  const { host, pathname } = new URL(url);
  const lines = [
    `POST ${pathname} HTTP/1.1`,
    `host: ${host}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

/** Sends the request and waits for its answer, until the time is over. Resolves to the number of answers. */
function exchangeUntil(endsAt: number, url: string, request: Buffer, check: (body: Buffer) => void): Promise<number> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(request));
    let answers = 0;
    readAnswers(socket, (head, body) => {
      if (!head.startsWith("HTTP/1.1 200")) throw new Error(`${head.split("\r\n")[0]}: ${body.toString()}`);
      check(body);
      answers += 1;
      if (performance.now() < endsAt) return void socket.write(request);
      socket.destroy();
      resolve(answers);
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the server closed the connection")));
  });
}

/** Answers need a content-length. An error of `onAnswer` breaks the socket. */
function readAnswers(socket: Socket, onAnswer: (head: string, body: Buffer) => void): void {
  let received: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const headEnd = received.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const head = received.toString("latin1", 0, headEnd);
    const length = Number(/content-length: *(\d+)/i.exec(head)?.[1]);
    const bodyEnd = headEnd + 4 + length;
    if (Number.isNaN(length)) return void socket.destroy(new Error("an answer has no content-length"));
    if (received.length < bodyEnd) return;
    const body = received.subarray(headEnd + 4, bodyEnd);
    received = received.subarray(bodyEnd);
    try {
      onAnswer(head, body);
    } catch (error) {
      socket.destroy(error as Error);
    }
  });
}
