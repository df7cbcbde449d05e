// Asks a small program of the system something; its answer is waited for a second at most.
import { execFile } from 'node:child_process';

/** Resolves to the output; rejects when the program is missing, fails or takes long. */
export type RunProgram = (program: string, args: readonly string[]) => Promise<string>;

export const runProgram: RunProgram = (program, args) =>
  new Promise((resolve, reject) => {
    execFile(program, args, { timeout: 1_000, encoding: 'utf8' }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });
