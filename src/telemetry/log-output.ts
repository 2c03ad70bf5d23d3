import { setTimeout as pause } from "node:timers/promises";

/** Where log lines go, one call per line. */
export interface LogDestination {
  write(line: string): void;
  /** How many lines could not be written since the start. */
  dropped?(): number;
  /** Calls back with that number when lines can be written again. */
  onRoom?(listener: (dropped: number) => void): void;
}

export interface Output extends Required<LogDestination> {
  /** Resolves when everything is written, or after `withinMs`. */
  flush(withinMs: number): Promise<void>;
}

/** What an output uses of a stream. */
export type OutputStream = Pick<NodeJS.WriteStream, "writableLength" | "write" | "on">;

/** Most text that waits for its reader, characters: a few thousand lines. A very busy instance writes them in a second. */
export const maxWaiting = 1024 * 1024;

let standard: Output | undefined;

/** Standard output. One for the whole process. */
export function standardOutput(): Output {
  standard ??= openOutput(process.stdout);
  return standard;
}

/**
 * An output that never stops the service. No caller waits for it, and it keeps at most `maxWaiting` in memory. Lines beyond that
 * are dropped and counted, and so are lines that cannot be written (a full disk, a reader that has ended). It never throws.
 *
 * Node writes to pipes without blocking, and to files and terminals synchronously ("A note on process I/O", Node 24
 * documentation, read 2026-11-21). So only a terminal that somebody has stopped with Ctrl-S blocks the process. pino's own destination
 * (sonic-boom) uses `fs.write` instead: on a pipe whose reader has stopped, a write holds one of the four threads of libuv.
 *
 * The lines of one turn of the event loop are written together: each write takes as long as a small read of the ledger.
 */
export function openOutput(stream: OutputStream, atEndOfTurn: (work: () => void) => void = setImmediate): Output {
  let gathered: string[] = [];
  let gatheredLength = 0;
  let dropped = 0;
  let reported = 0;
  let cut = false;
  let report = (_dropped: number): void => {};
  // Without a listener an error ends the process. The callback of each write gets that write's own error.
  stream.on("error", () => {});

  const written = (lines: number, error: Error | null | undefined): void => {
    if (error) {
      dropped += lines;
      cut = true;
    } else if (dropped > reported && stream.writableLength <= maxWaiting / 2) {
      reported = dropped;
      report(dropped);
    }
  };

  const writeGathered = (): void => {
    const lines = gathered;
    if (lines.length === 0) return;
    gathered = [];
    gatheredLength = 0;
    // A disk that becomes full stores only a part of a line: the next line must begin on a new one.
    const text = (cut ? "\n" : "") + lines.join("");
    cut = false;
    stream.write(text, (error) => written(lines.length, error));
  };

  return {
    write: (line) => {
      if (stream.writableLength + gatheredLength + line.length > maxWaiting) {
        dropped += 1;
        return;
      }
      gathered.push(line);
      gatheredLength += line.length;
      if (gathered.length === 1) atEndOfTurn(writeGathered);
    },
    dropped: () => dropped,
    onRoom: (listener) => {
      report = listener;
    },
    flush: async (withinMs) => {
      writeGathered();
      const emptied = new Promise<void>((resolve) => {
        stream.write("", () => resolve());
      });
      await Promise.race([emptied, pause(withinMs)]);
    },
  };
}
