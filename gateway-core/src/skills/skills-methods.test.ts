import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConfigEdit, editValue, type OpenClawConfig } from '../config/index.js';
import { systemClock } from '../shared/clock.js';
import { silentLogger } from '../shared/logger.js';
import type { RequestContext } from '../shared/wire.js';
import { createSkillInstaller } from './install-skill.js';
import type { SkillUpdate } from './skill-settings.js';
import { createSkillsMethods } from './skills-methods.js';
import { makeSkillBench, type SkillBench } from './testing.js';

let bench: SkillBench;
let edits: ConfigEdit[][];
beforeEach(async () => {
  bench = await makeSkillBench();
  edits = [];
});
afterEach(() => bench.remove());

const context = { signal: new AbortController().signal, log: silentLogger } as RequestContext;

function methods() {
  return createSkillsMethods({
    agents: { ids: () => ['main', 'ops'], defaultId: () => 'main' },
    skills: bench.skills,
    install: createSkillInstaller({
      config: () => bench.config,
      stateDir: bench.dir,
      skills: bench.skills,
      platform: 'linux',
      run: () => Promise.resolve({ code: 0, stdout: 'fine', stderr: '' }),
      fetchChunks: () => {
        throw new Error('nothing is downloaded here');
      },
      env: () => bench.env,
      clock: systemClock,
      log: silentLogger,
    }),
    config: () => bench.config,
    writeConfig: (plan) => {
      edits.push(plan(bench.config));
      bench.config = editValue(bench.config, edits.at(-1) ?? []) as OpenClawConfig;
      return Promise.resolve();
    },
  });
}

describe('skills.status and skills.bins', () => {
  it('have the whole shape', async () => {
    const head =
      'homepage: https://example.com\nmetadata: {openclaw: {emoji: "🔐", requires: {bins: [op]}, install: [{kind: brew, formula: op, bins: [op]}]}}';
    const filePath = await bench.put(bench.bundled, 'a', head);
    const all = methods();
    expect(await all['skills.status']({ agentId: ' MAIN ' }, context)).toEqual({
      workspaceDir: bench.workspace,
      managedSkillsDir: bench.managed,
      skills: [
        {
          name: 'a',
          description: 'About a.',
          source: 'openclaw-bundled',
          bundled: true,
          filePath,
          baseDir: `${bench.bundled}/a`,
          skillKey: 'a',
          emoji: '🔐',
          homepage: 'https://example.com',
          always: false,
          disabled: false,
          blockedByAllowlist: false,
          blockedByAgentFilter: false,
          eligible: false,
          reasons: ['Not installed: op.'],
          requirements: { bins: ['op'], anyBins: [], env: [], config: [], os: [] },
          missing: { bins: ['op'], anyBins: [], env: [], config: [], os: [] },
          configChecks: [],
          install: [{ id: 'brew', kind: 'brew', label: 'Install op (brew)', bins: ['op'] }],
        },
      ],
    });
    expect(await all['skills.bins']({}, context)).toEqual({ bins: ['op'] });
    await expect(all['skills.status']({ agentId: 'none' }, context)).rejects.toMatchObject({
      message: 'unknown agent id "none"',
    });
    expect(await all['skills.install']({ name: 'a', installId: 'brew' }, context)).toMatchObject({ stdout: 'fine' });
  });
});

describe('skills.update', () => {
  it('writes only what changes, and shows no secret', async () => {
    bench.config = { skills: { entries: { a: { apiKey: 'old', env: { X: '1', Y: '2' } } } } };
    const update = methods()['skills.update'];
    const params = { skillKey: 'a', enabled: false, apiKey: ' new ', env: { X: '', Y: '2', Z: '3' } };
    expect(await update(params, context)).toEqual({
      ok: true,
      skillKey: 'a',
      config: {
        enabled: false,
        apiKey: '__OPENCLAW_REDACTED__',
        env: { Y: '__OPENCLAW_REDACTED__', Z: '__OPENCLAW_REDACTED__' },
      },
    });
    expect(bench.config.skills?.entries?.a).toEqual({ enabled: false, apiKey: 'new', env: { Y: '2', Z: '3' } });
    await update({ skillKey: 'a', apiKey: '__OPENCLAW_REDACTED__', env: { Y: '__OPENCLAW_REDACTED__' } }, context);
    expect(edits.at(-1)).toEqual([]);
    await update({ skillKey: 'a', apiKey: '' }, context);
    expect(bench.config.skills?.entries?.a).toEqual({ enabled: false, env: { Y: '2', Z: '3' } });
  });

  it.each([
    { skillKey: '__proto__', enabled: true },
    { skillKey: 'a.b/c', enabled: true },
    { skillKey: 'a', env: { PATH: '/evil' } },
    { skillKey: 'a', env: { 'not a name': 'x' } },
  ] as SkillUpdate[])('refuses %o', async (params) => {
    await expect(methods()['skills.update'](params, context)).rejects.toMatchObject({ code: 'request.invalid' });
    expect(edits).toEqual([]);
  });

  it('says that there is no library of skills', async () => {
    const all = methods();
    await expect(all['skills.update']({ source: 'clawhub', all: true }, context)).rejects.toMatchObject({
      code: 'feature.unavailable',
    });
    await expect(all['skills.install']({ source: 'clawhub', slug: 'x' }, context)).rejects.toMatchObject({
      code: 'feature.unavailable',
    });
  });
});
