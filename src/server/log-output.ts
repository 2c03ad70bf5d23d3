import { setTimeout as pause } from "node:timers/promises";

/** Where log lines go, one call per line. */
export interface LogDestination {
  write(line: string): void;
  /** How many lines could not be written so far. */
  dropped?(): number;
  /** Calls back with that number when lines can be written again. */
  onRoom?(listener: (dropped: number) => void): void;
}

export interface Output extends Required<LogDestination> {
  /** Resolves when everything is written, or after this time. */
  flush(withinMs: number): Promise<void>;
}

/** What an output uses of a stream. */
export type OutputStream = Pick<NodeJS.WriteStream, "writableLength" | "write" | "on">;

/** Most text that waits for its reader, characters: a few thousand lines, a second or more of the busiest instance. */
export const maxWaiting = 1024 * 1024;

let standard: Output | undefined;

/** Standard output. One for the whole process. */
export function standardOutput(): Output {
  standard ??= openOutput(process.stdout);
  return standard;
}

/**
 * An output that gives up lines rather than the service: nobody waits for it, and it holds no more than `maxWaiting`. What
 * is over that, or cannot be written (a full disk, a reader that is gone), is dropped and counted. Nothing throws.
 *
 * Node writes to pipes without blocking, and to files and terminals at once ("A note on process I/O", Node 24
 * documentation, read 2026-11-21): only a terminal that somebody has stopped with Ctrl-S holds up the process.
 */
export function openOutput(stream: OutputStream): Output {
  let dropped = 0;
  let reported = 0;
  let cut = false;
  let tell = (_dropped: number): void => {};
  // Without a listener an error ends the process. Each write is told of its own.
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
      // A disk that becomes full takes a part of a line.
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
