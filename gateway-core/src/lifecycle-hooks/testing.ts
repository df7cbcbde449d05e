// Test support: hooks of a computer with folders of its own.
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { OpenClawConfig } from '../config/index.js';
import { systemClock } from '../shared/clock.js';
import { writeTextDurably } from '../shared/json-file.js';
import { createLogHub, type LogRecord } from '../shared/logger.js';
import { createLifecycleHooks, type LifecycleHooks, type LifecycleHooksOptions } from './create-lifecycle-hooks.js';

export interface HookBench {
  dir: string;
  stateDir: string;
  workspace: string;
  config: OpenClawConfig;
  records: LogRecord[];
  hooks: LifecycleHooks;
  /** Writes a hook whose program is a Node script. */
  put(root: string, name: string, events: string, script: string): Promise<string>;
  remove(): Promise<void>;
}

/** 2026-03-04 05:06:07 in local time. */
export const EVENT_MS = new Date(2026, 2, 4, 5, 6, 7).getTime();

export async function makeHookBench(changes: Partial<LifecycleHooksOptions> = {}): Promise<HookBench> {
  const dir = await realpath(await mkdtemp(path.join(tmpdir(), 'hooks-')));
  const workspace = path.join(dir, 'workspace');
  await mkdir(workspace);
  const hub = createLogHub();
  const bench = {
    ...{ dir, workspace, stateDir: path.join(dir, 'state'), config: {} as OpenClawConfig },
    records: [] as LogRecord[],
    async put(root: string, name: string, events: string, script: string) {
      const folder = path.join(root, name);
      await writeTextDurably(path.join(folder, 'HOOK.md'), `---\nname: ${name}\nevents: ${events}\n---\n`);
      await writeTextDurably(path.join(folder, 'handler'), `#!${process.execPath}\n${script}\n`, { mode: 0o755 });
      return folder;
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
  hub.addSink({ write: (record) => void bench.records.push(record) });
  const hooks = createLifecycleHooks({
    config: () => bench.config,
    paths: { home: dir, stateDir: bench.stateDir },
    defaultAgentId: () => 'main',
    workspaceDir: () => workspace,
    env: () => ({ PATH: process.env.PATH, OPENAI_API_KEY: 'secret' }),
    platform: process.platform,
    clock: { ...systemClock, now: () => EVENT_MS },
    log: hub.logger('hooks'),
    ...changes,
  });
  return Object.assign(bench, { hooks });
}
