// Builds and drives a real Electron main process for tests of the process layer.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'vite';
import type { GatewayStatus } from '../contract/desktop.js';

const root = path.join(import.meta.dirname, '../..');
const runtimeScript = path.join(root, 'scripts', 'electron-runtime.mjs');

/** A probe that does not get this far is ended, so that a failed test leaves nothing behind. */
const BOOT_TIMEOUT_MS = 30_000;

/** Bundles both sides of the probe into `outDir`. */
export async function buildProbe(outDir: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'warn',
    root,
    resolve: { conditions: ['node'] },
    build: {
      outDir,
      emptyOutDir: false,
      target: 'node20.18',
      minify: false,
      lib: {
        entry: {
          main: path.join(root, 'electron/test/probe-main.ts'),
          child: path.join(root, 'electron/test/probe-child.ts'),
        },
        formats: ['es'],
      },
      rolldownOptions: { external: ['electron', /^node:/], output: { entryFileNames: '[name].mjs' } },
    },
  });
}

/** The folder of the Electron runtime; prepares it when this is the first use. */
export async function electronDist(): Promise<string> {
  const child = spawn(process.execPath, [runtimeScript, '--print'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const [code] = (await once(child, 'close')) as [number];
  const dist = lines.at(-1);
  if (code !== 0 || !dist || !existsSync(dist)) throw new Error('There is no Electron runtime for this test.');
  return dist;
}

interface ProbeLine {
  status?: GatewayStatus;
  done?: string;
  result?: unknown;
}

export interface Probe {
  process: ChildProcess;
  /** Every status so far. */
  statuses: GatewayStatus[];
  /** Runs a command of the supervisor and resolves to its result. */
  run(command: string): Promise<unknown>;
  /** Resolves to the first status that fits, past ones included from `fromIndex` on. */
  until(fits: (status: GatewayStatus) => boolean, fromIndex?: number): Promise<GatewayStatus>;
}

export interface ProbeOptions {
  binary: string;
  folder: string;
  mode?: string;
}

/** Starts the probe; resolves when it takes commands. */
export async function startProbe({ binary, folder, mode = 'normal' }: ProbeOptions): Promise<Probe> {
  const needsNoSandbox = process.platform === 'linux';
  // Without windows no display is needed either.
  const switches = needsNoSandbox ? ['--no-sandbox', '--ozone-platform=headless', '--disable-gpu'] : [];
  const child = spawn(binary, [...switches, `--user-data-dir=${path.join(folder, 'user')}`, path.join(folder, 'app')], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      HQ_PROBE_MODE: mode,
      HQ_PROBE_ENTRY: path.join(folder, 'app', 'child.mjs'),
      HQ_PROBE_LOG: path.join(folder, 'desktop.log'),
    },
  });
  const statuses: GatewayStatus[] = [];
  const readers = new Set<(line: ProbeLine) => void>();
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as ProbeLine;
    if (line.status) statuses.push(line.status);
    for (const reader of [...readers]) reader(line);
  });
  const nextLine = (fits: (line: ProbeLine) => boolean): Promise<ProbeLine> =>
    new Promise((resolve) => {
      const reader = (line: ProbeLine): void => {
        if (!fits(line)) return;
        readers.delete(reader);
        resolve(line);
      };
      readers.add(reader);
    });
  const died = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the probe ended with ${String(code)}`)));
  const deadline = setTimeout(() => child.kill('SIGKILL'), BOOT_TIMEOUT_MS);
  await Promise.race([nextLine((line) => line.done === 'boot'), died]).finally(() => clearTimeout(deadline));
  // From here on its end is what some tests want.
  died.catch(() => undefined);
  return {
    process: child,
    statuses,
    async run(command) {
      const answer = nextLine((line) => line.done === command);
      child.stdin.write(`${command}\n`);
      return (await answer).result;
    },
    async until(fits, fromIndex = 0) {
      const past = statuses.slice(fromIndex).find(fits);
      return past ?? (await nextLine((line) => line.status !== undefined && fits(line.status))).status!;
    },
  };
}
