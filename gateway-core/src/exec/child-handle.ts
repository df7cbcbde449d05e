// A started program, whatever carries its input and output.
import type { StreamName } from './output-buffer.js';

export interface ChildEnd {
  exitCode: number | null;
  signal: string | null;
  /** It could not be started at all. */
  startError?: Error;
}

export interface ChildHandle {
  /** Undefined when it did not start. */
  pid: number | undefined;
  isTty: boolean;
  /** The program has ended and its output is read; never rejects. */
  ended: Promise<ChildEnd>;
  /** Resolves when the data is handed over; rejects when the program does not read any more. */
  write(data: string | Buffer): Promise<void>;
  /** No more input. */
  endInput(): void;
}

export interface ChildSinks {
  onText(stream: StreamName, text: string): void;
}

/** A program that the system did not even try to start. */
export function neverStarted(thrown: unknown): ChildHandle {
  const startError = thrown instanceof Error ? thrown : new Error(String(thrown));
  return {
    pid: undefined,
    isTty: false,
    ended: Promise.resolve({ exitCode: null, signal: null, startError }),
    write: () => Promise.reject(new Error('its input is closed')),
    endInput: () => undefined,
  };
}
