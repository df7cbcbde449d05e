// Runs the `tailscale` program: found on PATH, or where the app for macOS keeps it.
import type { Clock } from '../../shared/clock.js';
import { type JobResult, plainEnvironment, runJob, runProgram } from '../../shared/spawn.js';

export interface TailscaleCall {
  timeoutMs: number;
  /** Ends the program. */
  signal?: AbortSignal;
}

export interface TailscaleProgram {
  /** What it wrote to its standard output. Rejects when it is missing, fails or takes too long. */
  output(args: readonly string[], call: { timeoutMs: number }): Promise<string>;
  /** Resolves however it ends, with the last part of what it said. Rejects when it is missing. */
  run(args: readonly string[], call: TailscaleCall): Promise<JobResult>;
}

export interface TailscaleProgramOptions {
  env: Readonly<Record<string, string | undefined>>;
  clock: Pick<Clock, 'after'>;
  platform: NodeJS.Platform;
}

const MAX_BYTES = 4 * 1024 * 1024;
const IN_APP = '/Applications/Tailscale.app/Contents/MacOS/Tailscale';

/** True for the error of a program that is not there. */
export function isMissingProgram(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES';
}

/** The program sees the plain variables of `env`, none of the gateway's own secrets. */
export function createTailscaleProgram({ env, clock, platform }: TailscaleProgramOptions): TailscaleProgram {
  const plain = plainEnvironment(env);
  const onPath = async <T>(call: (file: string) => Promise<T>): Promise<T> => {
    try {
      return await call('tailscale');
    } catch (error) {
      // An app that the desktop started has a short PATH.
      if (platform !== 'darwin' || !isMissingProgram(error)) throw error;
      return call(IN_APP);
    }
  };
  return {
    output: (args, { timeoutMs }) =>
      onPath((file) => runProgram(file, args, { timeoutMs, maxBytes: MAX_BYTES, env: plain })),
    run: (args, { timeoutMs, signal }) =>
      onPath((file) => runJob([file, ...args], { env: plain, timeoutMs, maxBytes: MAX_BYTES, signal, clock })),
  };
}
