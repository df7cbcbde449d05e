// Runs a program and takes its output: no shell, a time limit, a size limit.
import { execFile } from 'node:child_process';

export interface RunOptions {
  timeoutMs: number;
  /** Default 1 MiB. */
  maxBytes?: number;
  env?: NodeJS.ProcessEnv;
}

/**
 * Resolves with what the program wrote to its standard output. Rejects with the Error of node:child_process when it is
 * missing, ends with another code than 0, writes too much or takes too long; then it is killed.
 */
export function runProgram(file: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { timeoutMs, maxBytes = 1_048_576, env } = options;
  return new Promise((resolve, reject) => {
    const settings = { timeout: timeoutMs, maxBuffer: maxBytes, windowsHide: true, encoding: 'utf8', env } as const;
    execFile(file, [...args], { ...settings, killSignal: 'SIGKILL' }, (error, stdout) => {
      if (error) reject(error);
      else resolve(stdout);
    });
  });
}
