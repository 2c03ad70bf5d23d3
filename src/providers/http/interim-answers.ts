import type { Socket } from "node:net";

/**
 * Takes the interim answers (100 Continue, 103 Early Hints) out of what is read from a socket that carries one exchange. A client
 * must be able to read them although it asked for none (RFC 9110, 15.2). undici (8.12.4, client-h1) destroys the socket at a 100.
 */
export function skipInterimAnswers(socket: Socket): void {
  const read = socket.read.bind(socket);
  let held: Buffer = Buffer.alloc(0);
  let isOver = false;
  // undici reads all that has arrived; a read of some bytes is Node's own.
  socket.read = (size?: number) => {
    if (isOver || size !== undefined) return read(size);
    for (let chunk = read(); chunk !== null; chunk = read()) {
      held = withoutInterimAnswers(Buffer.concat([held, chunk]));
      isOver = held.length > longestHead || !mayBeInterim(held);
      if (isOver) return held;
    }
    return null;
  };
}

/** As undici's: with a longer head the answer is too large, which undici says then. */
const longestHead = 16 * 1024;

/** A final answer has more characters than these in its first line. */
const statusLength = "HTTP/1.1 100".length;

function withoutInterimAnswers(bytes: Buffer): Buffer {
  let rest = bytes;
  for (;;) {
    const end = rest.length >= statusLength && mayBeInterim(rest) ? rest.indexOf("\r\n\r\n") : -1;
    if (end < 0) return rest;
    rest = rest.subarray(end + 4);
  }
}

/** 101 is final: the connection changes its protocol. */
function mayBeInterim(bytes: Buffer): boolean {
  return bytes.length < statusLength || /^HTTP\/1\.[01] 1(?!01)\d\d/.test(bytes.toString("latin1", 0, statusLength));
}
