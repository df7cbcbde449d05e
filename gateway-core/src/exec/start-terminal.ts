// Starts a program in a terminal of its own. The library is loaded on first use.
import type { spawn as Spawn } from '@lydell/node-pty';
import type { HostCommand } from '../tools/index.js';
import { type ChildEnd, type ChildHandle, type ChildSinks, neverStarted } from './child-handle.js';

const COLUMNS = 120;
const ROWS = 30;
/** Ctrl-D: the end of input, to a program that reads lines. */
const END_OF_INPUT = '\u0004';

export type StartTerminal = (command: HostCommand, sinks: ChildSinks) => ChildHandle;

/** Loads what opens terminals. Rejects where there are none. */
export async function loadTerminals(): Promise<StartTerminal> {
  const pty = await import('@lydell/node-pty');
  return (command, sinks) => {
    try {
      return startTerminal(pty.spawn, command, sinks);
    } catch (error) {
      return neverStarted(error);
    }
  };
}

function startTerminal(spawn: typeof Spawn, command: HostCommand, sinks: ChildSinks): ChildHandle {
  const child = spawn(command.file, command.args, {
    name: command.env.TERM ?? 'xterm-256color',
    cols: COLUMNS,
    rows: ROWS,
    cwd: command.cwd,
    env: command.env,
  });
  child.onData((text) => sinks.onText('stdout', text));
  let hasEnded = false;
  const ended = new Promise<ChildEnd>((resolve) => {
    child.onExit(({ exitCode, signal }) => {
      hasEnded = true;
      resolve(signal ? { exitCode: null, signal: signalName(signal) } : { exitCode, signal: null });
    });
  });
  // Its types know of text only; it hands bytes on as they are.
  const input = child as { write(data: unknown): void };
  const write = (data: string | Buffer): Promise<void> => {
    if (hasEnded) return Promise.reject(new Error('its input is closed'));
    input.write(data);
    return Promise.resolve();
  };
  return {
    pid: child.pid,
    isTty: true,
    ended,
    write,
    endInput: () => (hasEnded ? undefined : child.write(END_OF_INPUT)),
  };
}

const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  6: 'SIGABRT',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  15: 'SIGTERM',
};

function signalName(signal: number): string {
  return SIGNALS[signal] ?? `signal ${signal}`;
}
