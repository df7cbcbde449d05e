// Test support: a computer with skill folders of its own.
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { OpenClawConfig } from '../config/index.js';
import { writeTextDurably } from '../shared/json-file.js';
import { silentLogger } from '../shared/logger.js';
import { createSkills, type Skills, type SkillScope, type SkillsOptions } from './create-skills.js';

export interface SkillBench {
  dir: string;
  workspace: string;
  managed: string;
  bundled: string;
  /** Epoch milliseconds; tests move it. */
  now: number;
  config: OpenClawConfig;
  env: Record<string, string>;
  skills: Skills;
  scope: SkillScope;
  /** Writes `<root>/<name>/SKILL.md`; `head` are lines of its head besides name and description. */
  put(root: string, name: string, head?: string, description?: string): Promise<string>;
  /** Puts a program into the search path. */
  program(name: string, text?: string): Promise<void>;
  remove(): Promise<void>;
}

/** Makes a bench; `changes` replace options. */
export async function makeSkillBench(changes: Partial<SkillsOptions> = {}): Promise<SkillBench> {
  const dir = await realpath(await mkdtemp(path.join(tmpdir(), 'skills-')));
  const places = { workspace: path.join(dir, 'workspace'), managed: path.join(dir, 'state', 'skills') };
  const bundled = path.join(dir, 'bundled');
  const bin = path.join(dir, 'bin');
  await mkdir(bin);
  await mkdir(places.workspace);
  const bench = {
    ...{ dir, ...places, bundled, now: 1_000_000 },
    config: {} as OpenClawConfig,
    env: { PATH: bin } as Record<string, string>,
    scope: { agentId: 'main', sessionKey: 'agent:main:main', workspaceDir: places.workspace, isMain: true },
    async put(root: string, name: string, head = '', description = `About ${name}.`) {
      const file = path.join(root, name, 'SKILL.md');
      const said = description === '' ? '' : `description: ${JSON.stringify(description)}\n`;
      await writeTextDurably(file, `---\nname: ${name}\n${said}${head}\n---\n# ${name}\n`);
      return file;
    },
    async program(name: string, text = '#!/bin/sh\nexit 0\n') {
      await writeTextDurably(path.join(bin, name), text, { mode: 0o755 });
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
  const skills = createSkills({
    config: () => bench.config,
    paths: { home: dir, stateDir: path.join(dir, 'state') },
    bundledDir: bundled,
    agentIds: () => ['main'],
    workspaceDir: () => places.workspace,
    env: () => bench.env,
    platform: 'linux',
    clock: { now: () => bench.now },
    log: silentLogger,
    ...changes,
  });
  return Object.assign(bench, { skills });
}
