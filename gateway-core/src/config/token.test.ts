import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, lstat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import JSON5 from 'json5';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogHub, type LogRecord } from '../shared/logger.js';
import { loadConfig } from './load.js';
import { resolveStatePaths } from './paths.js';
import { resolveGatewaySettings } from './settings.js';
import { ensureGatewayToken } from './token.js';

let base: string;
let configPath: string;
let records: LogRecord[];

beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'claw-token-'));
  configPath = path.join(base, 'state', 'openclaw.json');
  records = [];
});

afterEach(async () => {
  await rm(base, { recursive: true, force: true });
});

const hub = createLogHub();
hub.addSink({ write: (record) => void records.push(record) });

async function ensure(options: { token?: string } = {}) {
  const paths = resolveStatePaths({ HOME: base, OPENCLAW_CONFIG_PATH: configPath });
  const loaded = await loadConfig({ paths, env: {}, cwd: base });
  const settings = resolveGatewaySettings(loaded.config, loaded.env, { allowUnconfigured: true, ...options });
  return ensureGatewayToken({ settings, configPath, log: hub.logger('gateway') });
}

async function write(text: string): Promise<void> {
  await mkdir(path.dirname(configPath), { recursive: true });
  await writeFile(configPath, text);
}

describe('ensureGatewayToken', () => {
  it('makes a config with the token and mode local where there is none, for its owner alone', async () => {
    const { settings, created } = await ensure();
    expect(created).toBe(true);
    expect(settings.auth.token).toMatch(/^[0-9a-f]{64}$/);
    const saved = JSON.parse(await readFile(configPath, 'utf8')) as unknown;
    expect(saved).toEqual({ gateway: { mode: 'local', auth: { token: settings.auth.token } } });
    if (process.platform !== 'win32') expect((await stat(configPath)).mode & 0o777).toBe(0o600);
    expect(await readdir(path.dirname(configPath))).toEqual(['openclaw.json']);
    expect(records.map((record) => record.message)).toEqual([
      'auth token was missing. Generated a new token and saved it to config (gateway.auth.token).',
    ]);
  });

  it('is found by the next start', async () => {
    const first = await ensure();
    const second = await ensure();
    expect(second.created).toBe(false);
    expect(second.settings.auth.token).toBe(first.settings.auth.token);
  });

  it('keeps comments, order and everything else of a file, and the old one as .bak', async () => {
    const before =
      "// my house\n{\n  ui: { seamColor: '#fff' }, // white\n  gateway: { mode: 'local', port: 5000 },\n}\n";
    await write(before);
    const { settings, raw } = await ensure();
    const after = await readFile(configPath, 'utf8');
    expect(after).toBe(raw);
    expect(after).toContain('// my house');
    expect(after).toContain('// white');
    expect(Object.keys(JSON5.parse(after) as object)).toEqual(['ui', 'gateway']);
    expect(JSON5.parse(after)).toEqual({
      ui: { seamColor: '#fff' },
      gateway: { mode: 'local', port: 5000, auth: { token: settings.auth.token } },
    });
    expect(await readFile(`${configPath}.bak`, 'utf8')).toBe(before);
  });

  it('rewrites a file it cannot edit as text, and says so', async () => {
    // `auth: null` is no object that a member could be put into.
    await write('{ gateway: { mode: "local", auth: null } } // note\n');
    const paths = resolveStatePaths({ HOME: base, OPENCLAW_CONFIG_PATH: configPath });
    const settings = resolveGatewaySettings({ gateway: { mode: 'local' } }, {});
    const { settings: done } = await ensureGatewayToken({
      settings,
      configPath: paths.configPath,
      log: hub.logger('gateway'),
    });
    expect(JSON.parse(await readFile(configPath, 'utf8'))).toEqual({
      gateway: { mode: 'local', auth: { token: done.auth.token } },
    });
    expect(records.some((record) => record.level === 'warn' && record.message.includes('comments'))).toBe(true);
    expect(await readFile(`${configPath}.bak`, 'utf8')).toContain('// note');
  });

  it('keeps five older versions', async () => {
    for (let version = 0; version < 7; version++) {
      await write(`{ ui: { seamColor: "${version}" } }`);
      await ensure();
    }
    const colors: unknown[] = [];
    for (const suffix of ['', '.bak', '.bak.1', '.bak.2', '.bak.3', '.bak.4']) {
      const value = JSON5.parse(await readFile(configPath + suffix, 'utf8')) as { ui: { seamColor: string } };
      colors.push(value.ui.seamColor);
    }
    expect(colors).toEqual(['6', '6', '5', '4', '3', '2']);
    expect(await readdir(path.dirname(configPath))).toHaveLength(6);
  });

  it('keeps a link to the config a link', async () => {
    const real = path.join(base, 'real.json');
    await writeFile(real, '{}');
    await mkdir(path.dirname(configPath), { recursive: true });
    await symlink(real, configPath);
    const { settings } = await ensure();
    expect((await lstat(configPath)).isSymbolicLink()).toBe(true);
    expect(await readFile(real, 'utf8')).toContain(settings.auth.token);
  });

  it.each([
    ['a token is there', '{ gateway: { auth: { token: "t" } } }', {}],
    ['a flag gives one', '{}', { token: 'f' }],
    ['the mode needs none', '{ gateway: { auth: { mode: "none" } } }', {}],
    ['a password is used', '{ gateway: { auth: { password: "p" } } }', {}],
  ])('changes nothing when %s', async (_what, text, options) => {
    await write(text);
    expect((await ensure(options)).created).toBe(false);
    expect(await readFile(configPath, 'utf8')).toBe(text);
    expect(records).toEqual([]);
  });

  it('says that the token cannot be saved', async () => {
    await writeFile(path.join(base, 'state'), 'a file where the folder should be');
    await expect(
      ensureGatewayToken({
        settings: resolveGatewaySettings({ gateway: { mode: 'local' } }, {}),
        configPath,
        log: hub.logger('x'),
      }),
    ).rejects.toMatchObject({
      code: 'state.unwritable',
      message: expect.stringContaining(`The new gateway token cannot be saved to ${configPath}`),
      hint: expect.stringContaining('gateway.auth.token'),
    });
  });

  it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
    'a folder that is read-only is said so',
    async () => {
      await write('{}');
      await chmod(path.dirname(configPath), 0o500);
      await expect(ensure()).rejects.toMatchObject({ code: 'state.unwritable' });
      await chmod(path.dirname(configPath), 0o700);
    },
  );
});
