// Test support: a home folder of its own, and a command run in this process with captured output.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeTextDurably } from '../shared/json-file.js';
import type { CliHost, Output, StopSignal } from './host.js';
import { runCli } from './main.js';

export interface TestHome {
  dir: string;
  stateDir: string;
  configPath: string;
  env: NodeJS.ProcessEnv;
  writeConfig(config: unknown): Promise<void>;
  remove(): Promise<void>;
}

export async function makeTestHome(): Promise<TestHome> {
  const dir = await mkdtemp(path.join(tmpdir(), 'openclaw-cli-'));
  const stateDir = path.join(dir, '.openclaw');
  const configPath = path.join(stateDir, 'openclaw.json');
  await mkdir(stateDir, { recursive: true });
  return {
    dir,
    stateDir,
    configPath,
    env: { HOME: dir },
    writeConfig: (config) => writeTextDurably(configPath, typeof config === 'string' ? config : JSON.stringify(config)),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

export interface CliRun {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunningCli {
  done: Promise<CliRun>;
  signal(signal: StopSignal): void;
  /** Resolves when the text has appeared on stdout or stderr. */
  shows(text: string): Promise<void>;
  exits: number[];
  launched: string[][];
}

class Capture {
  stdout = '';
  stderr = '';
  readonly #watchers = new Set<() => void>();

  output(name: 'stdout' | 'stderr'): Output {
    return {
      isTTY: false,
      write: (part) => {
        this[name] += part;
        for (const watch of [...this.#watchers]) watch();
      },
    };
  }

  shows(wanted: string): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!this.stdout.includes(wanted) && !this.stderr.includes(wanted)) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }
}

/** Starts a command in this process. */
export function startCli(home: TestHome, argv: string[], changes: Partial<CliHost> = {}): RunningCli {
  const capture = new Capture();
  const signals = new Set<(signal: StopSignal) => void>();
  const exits: number[] = [];
  const launched: string[][] = [];
  const host: CliHost = {
    argv,
    env: home.env,
    cwd: home.dir,
    platform: 'linux',
    stdout: capture.output('stdout'),
    stderr: capture.output('stderr'),
    now: () => Date.now(),
    onStopSignal(listener) {
      signals.add(listener);
      return () => void signals.delete(listener);
    },
    exitNow: (code) => void exits.push(code),
    launch: (program, args) => Promise.resolve(launched.push([program, ...args]) > 0),
    ...changes,
  };
  return {
    done: runCli(host).then((code) => ({ code, stdout: capture.stdout, stderr: capture.stderr })),
    signal: (signal) => signals.forEach((listener) => listener(signal)),
    shows: (wanted) => capture.shows(wanted),
    exits,
    launched,
  };
}

export function runTestCli(home: TestHome, argv: string[], changes: Partial<CliHost> = {}): Promise<CliRun> {
  return startCli(home, argv, changes).done;
}
