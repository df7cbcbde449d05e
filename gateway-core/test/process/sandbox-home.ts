// A home with a workspace and sandboxes over a config; and programs run in a workplace, for the sandbox tests.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import type { OpenClawConfig } from '../../src/config/index.js';
import { createSandboxes, type PlanScope, type Sandboxes } from '../../src/sandbox/index.js';
import { type Clock, systemClock } from '../../src/shared/clock.js';
import { silentLogger } from '../../src/shared/logger.js';
import type { CommandRequest, Workplace } from '../../src/tools/index.js';

type SandboxConfig = NonNullable<NonNullable<NonNullable<OpenClawConfig['agents']>['defaults']>['sandbox']>;

export interface SandboxHome {
  dir: string;
  stateDir: string;
  workspaceDir: string;
  /** Replaces the sandbox settings. */
  configure(sandbox: SandboxConfig): void;
  scope(sessionKey?: string): PlanScope;
  sandboxes: Sandboxes;
  /** A second gateway over the same state. */
  another(clock?: Clock): Sandboxes;
  open(sessionKey?: string): Promise<Workplace>;
  remove(): Promise<void>;
}

export async function makeSandboxHome(env: NodeJS.ProcessEnv, first: SandboxConfig): Promise<SandboxHome> {
  const dir = await mkdtemp(path.join(tmpdir(), 'hq-sbx-'));
  const stateDir = path.join(dir, 'state');
  const workspaceDir = path.join(dir, 'workspace');
  await mkdir(stateDir);
  await mkdir(workspaceDir);
  let config: OpenClawConfig = { agents: { defaults: { sandbox: first } } };
  const made: Sandboxes[] = [];
  const another = (clock: Clock = systemClock): Sandboxes => {
    const sandboxes = createSandboxes({
      config: () => config,
      paths: { stateDir, home: dir },
      env,
      clock,
      log: silentLogger,
      host: () => {
        throw new Error('a sandboxed conversation asked for the host');
      },
      prunesRegularly: false,
    });
    made.push(sandboxes);
    return sandboxes;
  };
  const sandboxes = another();
  const scope = (sessionKey = 'agent:main:test'): PlanScope => ({
    agentId: 'main',
    sessionKey,
    isMain: false,
    workspaceDir,
  });
  return {
    dir,
    stateDir,
    workspaceDir,
    configure: (sandbox) => (config = { agents: { defaults: { sandbox } } }),
    scope,
    sandboxes,
    another,
    open: (sessionKey) => sandboxes.workplaceOf(scope(sessionKey)),
    remove: async () => {
      for (const each of made) {
        await each.recreate({});
        await each.stop();
      }
      await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Started {
  done: Promise<Ran>;
  /** Resolves when the program has written this. */
  says(text: string): Promise<void>;
  kill(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Starts a program as the exec tool does: from what `command` gives, in a process group of its own. */
export async function startIn(workplace: Workplace, request: CommandRequest, input = ''): Promise<Started> {
  const { file, args, cwd, env, killInside } = await workplace.command(request);
  const child = spawn(file, args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  const watchers = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('utf8');
    for (const watch of watchers) watch();
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const done = new Promise<Ran>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return {
    done,
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (stdout.includes(text)) resolve();
        };
        watchers.add(look);
        look();
        void done.then(() => reject(new Error(`it ended without saying "${text}": ${stdout}${stderr}`)));
      }),
    kill: async (signal) => {
      await killInside?.(signal);
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal);
      } catch (error) {
        expect((error as NodeJS.ErrnoException).code).toBe('ESRCH');
      }
    },
  };
}

/** Runs a shell line to its end. */
export async function sh(workplace: Workplace, line: string, more: Partial<CommandRequest> = {}): Promise<Ran> {
  return (await startIn(workplace, { argv: ['/bin/sh', '-c', line], ...more })).done;
}
