import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parseDurationMs } from './duration.js';
import { ensureStateDir, expandHome, type HostFolders, resolveLogFile, resolveStatePaths } from './paths.js';

const host: HostFolders = {
  homedir: () => '/os/home',
  tmpdir: () => '/tmp-here',
  now: () => new Date(2026, 10, 21, 23, 59).getTime(),
};
const HOME = { HOME: '/h' };

describe('resolveStatePaths', () => {
  it('uses the home folder of the system when nothing else is said', () => {
    expect(resolveStatePaths({}, {}, host)).toEqual({
      home: '/os/home',
      stateDir: '/os/home/.openclaw',
      configPath: '/os/home/.openclaw/openclaw.json',
      profile: undefined,
      dev: false,
      defaultWorkspaceDir: '/os/home/.openclaw/workspace',
      logFile: '/tmp-here/openclaw/openclaw-2026-11-21.log',
    });
  });

  it.each([
    ['OPENCLAW_HOME beats HOME', { OPENCLAW_HOME: '/o', HOME: '/h', USERPROFILE: '/u' }, '/o'],
    ['HOME beats USERPROFILE', { HOME: '/h', USERPROFILE: '/u' }, '/h'],
    ['USERPROFILE beats the system', { USERPROFILE: '/u' }, '/u'],
    ['an empty value counts as unset', { OPENCLAW_HOME: ' ', HOME: '/h' }, '/h'],
    ['~ in OPENCLAW_HOME is the home folder', { OPENCLAW_HOME: '~/other', HOME: '/h' }, '/h/other'],
  ])('%s', (_what, env, home) => {
    expect(resolveStatePaths(env, {}, host).home).toBe(home);
  });

  it('OPENCLAW_STATE_DIR moves the config along, OPENCLAW_CONFIG_PATH moves the config alone', () => {
    const moved = resolveStatePaths({ ...HOME, OPENCLAW_STATE_DIR: '~/state' }, {}, host);
    expect([moved.stateDir, moved.configPath]).toEqual(['/h/state', '/h/state/openclaw.json']);
    const apart = resolveStatePaths({ ...HOME, OPENCLAW_CONFIG_PATH: '/etc/claw.json' }, {}, host);
    expect([apart.stateDir, apart.configPath]).toEqual(['/h/.openclaw', '/etc/claw.json']);
  });

  it.each([
    ['--profile', {}, { profile: 'rescue' }],
    ['OPENCLAW_PROFILE', { OPENCLAW_PROFILE: 'rescue' }, {}],
    ['--profile over OPENCLAW_PROFILE', { OPENCLAW_PROFILE: 'other' }, { profile: 'rescue' }],
  ])('%s gives folders of its own', (_what, env, choice) => {
    expect(resolveStatePaths({ ...HOME, ...env }, choice, host)).toMatchObject({
      profile: 'rescue',
      stateDir: '/h/.openclaw-rescue',
      configPath: '/h/.openclaw-rescue/openclaw.json',
      defaultWorkspaceDir: '/h/.openclaw/workspace-rescue',
    });
  });

  it('the profile "default" is none', () => {
    expect(resolveStatePaths(HOME, { profile: 'Default' }, host)).toMatchObject({
      profile: undefined,
      stateDir: '/h/.openclaw',
    });
  });

  it('a state folder that is set wins over the profile', () => {
    const paths = resolveStatePaths({ ...HOME, OPENCLAW_STATE_DIR: '/s' }, { profile: 'rescue' }, host);
    expect(paths).toMatchObject({ profile: 'rescue', stateDir: '/s' });
  });

  it('--dev is the profile dev', () => {
    expect(resolveStatePaths(HOME, { dev: true }, host)).toMatchObject({
      profile: 'dev',
      dev: true,
      stateDir: '/h/.openclaw-dev',
    });
  });

  it.each(['../x', '-x', 'a b', 'ä', 'a'.repeat(65), 'a/b'])('refuses the profile name %s', (profile) => {
    expect(() => resolveStatePaths(HOME, { profile }, host)).toThrow(/^Invalid --profile \(use letters/);
  });

  it('accepts the longest profile name', () => {
    expect(resolveStatePaths(HOME, { profile: `A${'b'.repeat(63)}` }, host).profile).toHaveLength(64);
  });

  it('refuses --dev together with another profile', () => {
    expect(() => resolveStatePaths(HOME, { dev: true, profile: 'x' }, host)).toThrow(
      'Use --dev or --profile, not both.',
    );
  });
});

describe('resolveLogFile', () => {
  const paths = resolveStatePaths(HOME, {}, host);
  it('is the shared file of the day, or logging.file', () => {
    expect(resolveLogFile({}, paths)).toBe('/tmp-here/openclaw/openclaw-2026-11-21.log');
    expect(resolveLogFile({ logging: { file: '~/logs/a.log' } }, paths)).toBe('/h/logs/a.log');
  });
});

describe('expandHome', () => {
  it.each([
    ['~', '/h'],
    ['~/a', '/h/a'],
    ['/a/../b', '/b'],
    ['~x', path.resolve('~x')],
  ])('%s', (file, expected) => {
    expect(expandHome(file, '/h')).toBe(expected);
  });
});

describe('ensureStateDir', () => {
  const folders: string[] = [];
  afterEach(async () => {
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
  });

  it('makes the folder for its owner alone', async () => {
    const base = await mkdtemp(path.join(tmpdir(), 'claw-state-'));
    folders.push(base);
    const stateDir = path.join(base, 'a', 'b');
    await ensureStateDir(stateDir);
    const info = await stat(stateDir);
    expect(info.isDirectory()).toBe(true);
    if (process.platform !== 'win32') expect(info.mode & 0o777).toBe(0o700);
  });

  it('says which folder cannot be written and why', async () => {
    const base = await mkdtemp(path.join(tmpdir(), 'claw-state-'));
    folders.push(base);
    await writeFile(path.join(base, 'file'), '');
    await expect(ensureStateDir(path.join(base, 'file', 'state'))).rejects.toMatchObject({
      code: 'state.unwritable',
      message: expect.stringMatching(/^The state folder .*state cannot be written: /),
      hint: expect.stringContaining('OPENCLAW_STATE_DIR'),
    });
  });
});

describe('parseDurationMs', () => {
  it.each([
    ['30m', 1_800_000],
    ['0m', 0],
    ['1h30m', 5_400_000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
    ['10', 600_000],
    ['45 s', 45_000],
    ['often', undefined],
    ['', undefined],
    ['-5m', undefined],
    ['5m 3', undefined],
  ])('%s', (text, expected) => {
    expect(parseDurationMs(text)).toBe(expected);
  });
});
