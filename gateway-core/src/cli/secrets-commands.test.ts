import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import JSON5 from 'json5';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { currentAccount, openFileKeychain } from '../secrets/index.js';
import type { Prompts } from './prompts.js';
import { makeTestHome, runTestCli, type TestHome } from './test-home.js';

const KEY = 'sk-canary-0123456789';
const CONFIG = `{
  // stays
  gateway: { mode: 'local', auth: { token: 'tok-canary-0123456789' } },
  models: { providers: { openai: { apiKey: '${KEY}', baseUrl: 'https://example.org/v1', models: [] } } },
}
`;

let home: TestHome;
beforeEach(async () => {
  home = await makeTestHome();
  await home.writeConfig(CONFIG);
});
afterEach(() => home.remove());

const inHome = (name: string) => path.join(home.dir, name);
interface Written {
  models: { providers: { openai: { apiKey: unknown } } };
  secrets?: { providers: object };
}
const config = async () => JSON5.parse<Written>(await readFile(home.configPath, 'utf8'));
const apiKey = async () => (await config()).models.providers.openai.apiKey;
const keychain = () => openFileKeychain({ stateDir: home.stateDir, account: currentAccount(), now: () => 1 });
const ref = (source: string, id: string, provider = 'default') => ({ source, provider, id });
const MOVED = ref('keychain', 'models.providers.openai.apiKey', 'keychain');

/** A person who types these lines, one for each question. */
function person(...lines: string[]) {
  const shown: string[] = [];
  const prompts: Prompts = {
    line(question) {
      shown.push(question);
      const next = lines.shift();
      if (next === undefined) throw new Error(`nobody answers: ${shown.join('\n')}`);
      return Promise.resolve(next);
    },
    say: (text) => void shown.push(text),
    close: () => undefined,
  };
  return { shown, changes: { openPrompts: () => Promise.resolve(prompts) }, unused: lines };
}

async function plan(...targets: object[]): Promise<string> {
  const file = inHome('plan.json');
  await writeFile(file, JSON.stringify({ version: 1, protocolVersion: 1, targets }));
  return file;
}

describe('secrets apply', () => {
  const target = (reference: object) => ({ path: 'models.providers.openai.apiKey', ref: reference });

  it('puts the reference into the config, keeps comments, and takes the value out of .env', async () => {
    await writeFile(path.join(home.stateDir, '.env'), `OTHER=1\nOPENAI_API_KEY=${KEY}\n`, { mode: 0o600 });
    await keychain().save(MOVED.id, KEY);
    const file = await plan(target(MOVED));
    const dry = await runTestCli(home, ['secrets', 'apply', '--from', file, '--dry-run', '--json']);
    expect(JSON.parse(dry.stdout)).toMatchObject({
      mode: 'dry-run',
      changed: true,
      changedFiles: [home.configPath, path.join(home.stateDir, '.env')],
      checks: { resolvability: true, resolvabilityComplete: true },
      refsChecked: 1,
      skippedExecRefs: 0,
    });
    expect(await apiKey()).toBe(KEY);
    const run = await runTestCli(home, ['secrets', 'apply', '--from', file]);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toContain('Secrets applied. Changed 2 file(s), 1 reference(s) checked.');
    expect(run.stdout).toContain('Backups of the config');
    expect(run.stdout + dry.stdout).not.toContain('canary');
    expect(await apiKey()).toEqual(MOVED);
    expect(await readFile(home.configPath, 'utf8')).toContain('// stays');
    expect(await readFile(path.join(home.stateDir, '.env'), 'utf8')).toBe('OTHER=1\n');
    const again = await runTestCli(home, ['secrets', 'apply', '--from', file]);
    expect(again.stdout).toContain('Secrets apply: no changes, 1 reference(s) checked.');
  });

  it('changes nothing when a reference cannot be read', async () => {
    const run = await runTestCli(home, ['secrets', 'apply', '--from', await plan(target(ref('env', 'NOT_SET')))]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('models.providers.openai.apiKey cannot get its reference');
    expect(run.stderr).toContain('[secret.unavailable]');
    expect(await readFile(home.configPath, 'utf8')).toBe(CONFIG);
  });

  it('runs commands of a plan only when it is told to', async () => {
    const script = inHome('vault.sh');
    await writeFile(script, '#!/bin/sh\necho sk-from-a-command\n', { mode: 0o700 });
    const file = inHome('exec.json');
    const providerUpserts = { vault: { source: 'exec', command: script, jsonOnly: false } };
    const targets = [target(ref('exec', 'value', 'vault'))];
    await writeFile(file, JSON.stringify({ version: 1, protocolVersion: 1, targets, providerUpserts }));
    const refused = await runTestCli(home, ['secrets', 'apply', '--from', file]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('--allow-exec') as string });
    const dry = await runTestCli(home, ['secrets', 'apply', '--from', file, '--dry-run']);
    expect(dry.stdout).toContain('1 reference(s) to commands were not tried');
    const run = await runTestCli(home, ['secrets', 'apply', '--from', file, '--allow-exec']);
    expect(run.code).toBe(0);
    expect(await apiKey()).toEqual(ref('exec', 'value', 'vault'));
  });

  it.each([
    ['no plan', '{"version":1}', 'The plan is not one of version 1.'],
    ['no JSON', '{', 'cannot be read'],
  ])('refuses a file that is %s', async (_what, text, message) => {
    const file = inHome('broken.json');
    await writeFile(file, text);
    const run = await runTestCli(home, ['secrets', 'apply', '--from', file]);
    expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining(message) as string });
  });

  it('needs to know which plan', async () => {
    const run = await runTestCli(home, ['secrets', 'apply']);
    expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining("'--from <plan>' not specified") as string });
  });
});

describe('secrets configure', () => {
  it('moves every open secret to the keychain without questions, but what the command line itself needs', async () => {
    const run = await runTestCli(home, ['secrets', 'configure', '--apply', '--yes']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toContain('Plan: 1 secret(s) move, 0 provider(s) change.');
    expect(run.stdout).not.toContain('canary');
    expect(await apiKey()).toEqual(MOVED);
    expect(await keychain().read(MOVED.id)).toEqual({ ok: true, value: KEY });
    const audit = await runTestCli(home, ['secrets', 'audit']);
    expect(audit.stdout).toContain('plaintext=1, unresolved=0');
  });

  it('asks for provider, place and agreement, and shows no value', async () => {
    const file = inHome('vault.json');
    await writeFile(file, JSON.stringify({ models: { openai: KEY } }), { mode: 0o600 });
    // Add a file named "vault", go on; leave the gateway's token; the key comes from the file; apply.
    const user = person('2', 'vault', file, '1', '1', '1', '3', '/models/openai', 'y');
    const run = await runTestCli(home, ['secrets', 'configure'], user.changes);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(user.unused).toEqual([]);
    expect(user.shown.join('\n')).not.toContain('canary');
    expect(await apiKey()).toEqual(ref('file', '/models/openai', 'vault'));
    expect((await config()).secrets?.providers).toEqual({ vault: { source: 'file', path: file, mode: 'json' } });
  });

  it('writes a plan for later, which apply takes', async () => {
    const out = inHome('out.json');
    const user = person('1', '1');
    const run = await runTestCli(
      home,
      ['secrets', 'configure', '--skip-provider-setup', '--plan-out', out, '--json'],
      user.changes,
    );
    const printed = JSON.parse(run.stdout) as { plan: object; planOut: string; applied: unknown };
    expect(printed).toMatchObject({ planOut: out, applied: null });
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(out, 'utf8'))).toEqual(printed.plan);
    expect(await readFile(home.configPath, 'utf8')).toBe(CONFIG);
    expect((await runTestCli(home, ['secrets', 'apply', '--from', out])).code).toBe(0);
    expect(await apiKey()).toEqual(MOVED);
  });

  it('keeps nothing when the person says no', async () => {
    const user = person('1', '1', 'n');
    const run = await runTestCli(home, ['secrets', 'configure', '--skip-provider-setup'], user.changes);
    expect(run.stdout).toContain('Nothing was changed.');
    expect(await keychain().list()).toEqual([]);
    expect(await readFile(home.configPath, 'utf8')).toBe(CONFIG);
  });

  it('asks for a variable by the name it usually has', async () => {
    home.env.OPENAI_API_KEY = KEY;
    const user = person('1', '2', '', 'y');
    const run = await runTestCli(home, ['secrets', 'configure', '--skip-provider-setup'], user.changes);
    expect(run.code).toBe(0);
    expect(user.shown.join('\n')).toContain('Name of the variable [OPENAI_API_KEY]');
    expect(await apiKey()).toEqual(ref('env', 'OPENAI_API_KEY'));
  });

  it('says what to do where nobody can answer', async () => {
    const run = await runTestCli(home, ['secrets', 'configure']);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toContain('add --yes');
  });

  it('removes a provider', async () => {
    await home.writeConfig({ secrets: { providers: { old: { source: 'env' } } } });
    const user = person('4', '1', '1', 'y');
    await runTestCli(home, ['secrets', 'configure', '--providers-only'], user.changes);
    expect((await config()).secrets).toEqual({ providers: {} });
  });
});
