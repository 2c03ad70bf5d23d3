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
 * documentation, read 2026-11-21). So only a terminal that somebody has stopped with Ctrl-S blocks the process.
 */
export function openOutput(stream: OutputStream): Output {
  let dropped = 0;
  let reported = 0;
  let cut = false;
  let tell = (_dropped: number): void => {};
  // Without a listener an error ends the process. The callback of each write gets that write's own error.
  stream.on("error", () => {});

  const written = (error: Error | null | undefined): void => {
    if (error) {
      dropped += 1;
      cut = true;
    } else if (dropped > reported && stream.writableLength <= maxWaiting / 2) {
      reported = dropped;
      tell(dropped);
    }
  };

  return {
    write: (line) => {
      if (stream.writableLength + line.length > maxWaiting) {
        dropped += 1;
        return;
      }
      // A disk that becomes full stores only a part of a line: the next line must begin on a new one.
      stream.write(cut ? `\n${line}` : line, written);
      cut = false;
    },
    dropped: () => dropped,
    onRoom: (listener) => {
      tell = listener;
    },
    flush: async (withinMs) => {
      const emptied = new Promise<void>((resolve) => {
        stream.write("", () => resolve());
      });
      await Promise.race([emptied, pause(withinMs)]);
    },
  };
}
