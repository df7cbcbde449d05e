// Starts a program with pipes, in a process group of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';
import type { HostCommand } from '../tools/index.js';
import { type ChildEnd, type ChildHandle, type ChildSinks, neverStarted } from './child-handle.js';
import type { StreamName } from './output-buffer.js';

/** How long output may still come after the program's end, when something it left behind holds the pipes open. */
const DRAIN_MS = 200;

function forward(stream: Readable | null, name: StreamName, sinks: ChildSinks): void {
  const decoder = new StringDecoder('utf8');
  stream?.on('data', (bytes: Buffer) => {
    const text = decoder.write(bytes);
    if (text !== '') sinks.onText(name, text);
  });
  stream?.on('end', () => {
    const rest = decoder.end();
    if (rest !== '') sinks.onText(name, rest);
  });
}

function waitForEnd(child: ChildProcess): Promise<ChildEnd> {
  return new Promise((resolve) => {
    let drain: NodeJS.Timeout | undefined;
    const finish = (end: ChildEnd): void => {
      clearTimeout(drain);
      // What still holds the pipes is not read any more: it must not keep this process busy.
      child.stdout?.destroy();
      child.stderr?.destroy();
      child.stdin?.destroy();
      resolve(end);
    };
    child.once('error', (startError) => {
      if (child.pid === undefined) finish({ exitCode: null, signal: null, startError });
    });
    child.once('exit', (exitCode, signal) => {
      drain = setTimeout(() => finish({ exitCode, signal }), DRAIN_MS);
    });
    child.once('close', (exitCode, signal) => finish({ exitCode, signal }));
  });
}

function write(child: ChildProcess, data: string | Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const { stdin } = child;
    if (!stdin?.writable) reject(new Error('its input is closed'));
    else stdin.write(data, (error) => (error ? reject(error) : resolve()));
  });
}

function launch(command: HostCommand, hasInput: boolean): ChildProcess {
  return spawn(command.file, command.args, {
    cwd: command.cwd,
    env: command.env,
    // Its own group, so that everything it starts can be ended with it.
    detached: process.platform !== 'win32',
    stdio: [hasInput ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
}

/**
 * Never throws: a program that cannot be started has ended with `startError`. Without input a program reads nothing
 * at once, instead of waiting for what nobody will write.
 */
export function startPiped(command: HostCommand, sinks: ChildSinks, hasInput: boolean): ChildHandle {
  let child: ChildProcess;
  try {
    child = launch(command, hasInput);
  } catch (error) {
    // A command line too long for the system, and the like: thrown at once, unlike a program that is missing.
    return neverStarted(error);
  }
  forward(child.stdout, 'stdout', sinks);
  forward(child.stderr, 'stderr', sinks);
  // A program that ends without reading its input is no failure of ours.
  child.stdin?.on('error', () => undefined);
  return {
    pid: child.pid,
    isTty: false,
    ended: waitForEnd(child),
    write: (data) => write(child, data),
    endInput: () => void child.stdin?.end(),
  };
}
