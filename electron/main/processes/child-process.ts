// The one wrapper around utilityProcess.fork: messages, output lines to the log, exit reason, kill after a wait.
import { utilityProcess, type UtilityProcess } from 'electron';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { DesktopLog } from '../desktop-log.js';
import type { Timers } from './timers.js';

export interface ChildSpec {
  /** Shown in process lists and logs. */
  name: string;
  /** The script that runs in the child. */
  entry: string;
  env: Record<string, string>;
  cwd: string;
}

export interface ChildExit {
  code: number;
  /** A sentence for people. */
  reason: string;
}

export interface StopOptions {
  /** The message that asks the child to end by itself. */
  message: unknown;
  /** How long it may take before it is killed. */
  graceMs: number;
}

export interface Child {
  pid(): number | undefined;
  onMessage(listener: (message: unknown) => void): void;
  /** Says something to the child; dropped when it is gone. */
  post(message: unknown): void;
  /** Resolves once, when the process is gone. */
  exited: Promise<ChildExit>;
  /** Asks, waits, kills; resolves when the process is gone. */
  stop(options: StopOptions): Promise<ChildExit>;
  /** Ends the process at once. */
  kill(): void;
}

export type ForkChild = (spec: ChildSpec) => Child;

/** How processes are forked for real. */
export function createForkChild(deps: { log: DesktopLog; timers: Timers }): ForkChild {
  return (spec) => {
    const log = deps.log.child(spec.name);
    const child = utilityProcess.fork(spec.entry, [], {
      serviceName: `OpenClaw HQ ${spec.name}`,
      env: spec.env,
      cwd: spec.cwd,
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    logLines(child.stdout, (line) => log.info('output', { line }));
    logLines(child.stderr, (line) => log.warn('error output', { line }));
    return wrapChild(child, log, deps.timers);
  };
}

function wrapChild(child: UtilityProcess, log: DesktopLog, timers: Timers): Child {
  let gone = false;
  const exited = new Promise<ChildExit>((resolve) => {
    child.once('exit', (code) => {
      gone = true;
      const exit = { code, reason: describeExit(code) };
      log.info('exited', { ...exit });
      resolve(exit);
    });
  });
  child.once('spawn', () => log.info('spawned', { pid: child.pid }));
  const kill = (): void => {
    if (!gone) killHard(child);
  };
  return {
    pid: () => child.pid,
    onMessage: (listener) => void child.on('message', listener),
    post(message) {
      if (!gone) child.postMessage(message);
    },
    exited,
    kill,
    async stop({ message, graceMs }) {
      if (gone) return exited;
      child.postMessage(message);
      const cancel = timers.after(graceMs, () => {
        log.warn('did not end in time and is killed', { graceMs });
        kill();
      });
      const exit = await exited;
      cancel();
      return exit;
    },
  };
}

/** A process that is stuck ignores a polite signal. */
function killHard(child: UtilityProcess): void {
  if (child.pid === undefined || process.platform === 'win32') {
    child.kill();
    return;
  }
  try {
    process.kill(child.pid, 'SIGKILL');
  } catch (error) {
    // Gone between the check and the signal: that is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Names the way a process ended. */
export function describeExit(code: number): string {
  return code === 0 ? 'The gateway ended by itself.' : `The gateway ended unexpectedly (exit code ${code}).`;
}

function logLines(stream: Readable | NodeJS.ReadableStream | null, write: (line: string) => void): void {
  if (stream) createInterface({ input: stream }).on('line', (line) => line.trim() && write(line));
}
