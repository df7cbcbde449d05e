// What the command line needs from the process it runs in; tests pass their own.
import type { Prompts } from './prompts.js';

export interface Output {
  write(text: string): void;
  isTTY: boolean;
  columns?: number;
}

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

export interface CliHost {
  /** Arguments after the program's name. */
  argv: string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  platform: NodeJS.Platform;
  stdout: Output;
  stderr: Output;
  /** Epoch milliseconds. */
  now(): number;
  /** Hears the signals that ask to stop; returns the undo. */
  onStopSignal(listener: (signal: StopSignal) => void): () => void;
  /** Hears the signal that asks a gateway to restart (SIGUSR1); absent where there is none. */
  onRestartSignal?(listener: () => void): () => void;
  /** Ends the process at once. */
  exitNow(code: number): void;
  /** Starts a program that outlives this one; false when it cannot be started. */
  launch(program: string, args: string[]): Promise<boolean>;
  /** Opens questions to the person at the terminal; undefined where nobody can answer. */
  openPrompts?(): Promise<Prompts | undefined>;
  /** Folder of the built product (dist), where the window and the guide are. */
  distDir?: string;
}
