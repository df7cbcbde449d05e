import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Refusal, startTestGateway, TEST_TOKEN, type TestGateway } from './test-gateway.js';
import { makeTestHome, runTestCli, type TestHome } from './test-home.js';

let home: TestHome;
let gateway: TestGateway;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const onDisk = (): Promise<string> => readFile(home.configPath, 'utf8');

beforeEach(async () => {
  home = await makeTestHome();
  gateway = await startTestGateway({});
  await home.writeConfig(`{
  // where it listens
  gateway: { mode: "local", port: ${gateway.port}, auth: { mode: "token", token: "${TEST_TOKEN}" } },
}
`);
});

afterEach(async () => {
  await gateway.stop();
  await home.remove();
});

describe('config set and unset without a gateway', () => {
  beforeEach(() => gateway.stop());

  it('writes the value, keeps comments and a backup, and says so', async () => {
    const before = await onDisk();
    const { code, stdout, stderr } = await runTestCli(home, ['config', 'set', 'messages.ackReactionScope', 'all']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'Updated messages.ackReactionScope. Restart the gateway to apply.\n',
    });
    const after = await onDisk();
    expect(after).toContain('// where it listens');
    expect(await readFile(`${home.configPath}.bak`, 'utf8')).toBe(before);
    expect(stderr).toBe(
      `Config overwrite: ${home.configPath} (sha256 ${sha256(before)} -> ${sha256(after)}, backup=${home.configPath}.bak)\n`,
    );
    expect((await runTestCli(home, ['config', 'get', 'messages.ackReactionScope'])).stdout).toBe('all\n');
  });

  it('reads numbers and objects as JSON5', async () => {
    await runTestCli(home, ['config', 'set', 'gateway.reload', '{debounceMs: 500}']);
    expect((await runTestCli(home, ['config', 'get', 'gateway.reload.debounceMs'])).stdout).toBe('500\n');
  });

  it('refuses a value that does not fit, and leaves the file as it was', async () => {
    const before = await onDisk();
    expect(await runTestCli(home, ['config', 'set', 'gateway.port', 'notaport'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Error: Config validation failed: gateway.port: Invalid input: expected number, received string\n',
    });
    expect(await onDisk()).toBe(before);
  });

  it('checks without writing', async () => {
    const before = await onDisk();
    expect(await runTestCli(home, ['config', 'set', 'gateway.port', '19999', '--dry-run'])).toEqual({
      code: 0,
      stdout: `Dry run successful: 1 update(s) validated against ${home.configPath}.\n`,
      stderr: '',
    });
    expect(await onDisk()).toBe(before);
  });

  it('writes a batch at once', async () => {
    const batch = '[{"path":"gateway.reload.mode","value":"hot"},{"path":"logging.level","value":"debug"}]';
    const { code, stdout } = await runTestCli(home, ['config', 'set', '--batch-json', batch]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Updated 2 config paths. Restart the gateway to apply.\n' });
    expect(await onDisk()).toMatch(/"?mode"?: ?"hot"/);
  });

  it('writes a reference to a secret', async () => {
    const ref = ['--ref-source', 'env', '--ref-id', 'FAKE_KEY'];
    const { code } = await runTestCli(home, ['config', 'set', 'gateway.auth.password', ...ref]);
    expect(code).toBe(0);
    expect(await onDisk()).toContain('FAKE_KEY');
  });

  it('tells what is missing', async () => {
    for (const argv of [['set'], ['set', 'gateway.port'], ['set', 'gateway.port', '{x', '--strict-json']]) {
      const { code, stderr } = await runTestCli(home, ['config', ...argv]);
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^Error: /) as string });
    }
  });

  it('removes a value, and says when there is none', async () => {
    await runTestCli(home, ['config', 'set', 'logging.level', 'debug']);
    expect((await runTestCli(home, ['config', 'unset', 'logging.level'])).stdout).toBe(
      'Removed logging.level. Restart the gateway to apply.\n',
    );
    expect(await onDisk()).not.toContain('debug');
    expect(await runTestCli(home, ['config', 'unset', 'logging.level'])).toMatchObject({
      code: 1,
      stderr: 'Config path not found: logging.level\n',
    });
  });

  it('keeps every value when many write at once', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const sets = names.map((name) => runTestCli(home, ['config', 'set', `env.vars.${name}`, `"${name}"`]));
    expect((await Promise.all(sets)).map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    const text = await onDisk();
    for (const name of names) expect(text).toMatch(new RegExp(`"?${name}"?: ?"${name}"`));
  });
});

describe('config set through a gateway', () => {
  function snapshot(raw: string) {
    return { path: home.configPath, exists: true, raw, parsed: {}, valid: true, config: {}, hash: sha256(raw) };
  }

  it('sends the whole text with its hash, comments included', async () => {
    gateway.answers['config.get'] = async () => snapshot(await onDisk());
    gateway.answers['config.set'] = async ({ raw }) => {
      await writeFile(home.configPath, String(raw));
      return { ok: true, path: home.configPath, config: {} };
    };
    const before = await onDisk();
    const { code, stderr } = await runTestCli(home, ['config', 'set', 'logging.level', 'debug']);
    const after = await onDisk();
    expect(code).toBe(0);
    expect(stderr).toContain(`(sha256 ${sha256(before)} -> ${sha256(after)}`);
    const sent = gateway.asked.find(({ method }) => method === 'config.set')?.params;
    expect(sent).toMatchObject({ baseHash: sha256(before) });
    expect(sent?.raw).toContain('// where it listens');
  });

  it('reads again when somebody else was faster', async () => {
    let refusals = 0;
    gateway.answers['config.get'] = async () => snapshot(await onDisk());
    gateway.answers['config.set'] = () => {
      refusals += 1;
      if (refusals > 1) return { ok: true, path: home.configPath, config: {} };
      const message = 'config changed since last load; re-run config.get and retry';
      throw new Refusal({ code: 'INVALID_REQUEST', message });
    };
    expect((await runTestCli(home, ['config', 'set', 'logging.level', 'debug'])).code).toBe(0);
    expect(refusals).toBe(2);
  });

  it('tells the first issue of a refusal', async () => {
    gateway.answers['config.get'] = async () => snapshot(await onDisk());
    gateway.answers['config.set'] = () => {
      const details = { issues: [{ path: 'logging.level', message: 'Invalid option' }] };
      throw new Refusal({ code: 'INVALID_REQUEST', message: 'invalid config: …', details });
    };
    expect(await runTestCli(home, ['config', 'set', 'logging.level', 'debug'])).toMatchObject({
      code: 1,
      stderr: 'Error: Config validation failed: logging.level: Invalid option\n',
    });
  });

  it('writes the file itself when the gateway has another one open', async () => {
    gateway.answers['config.get'] = () => ({ ...snapshot('{}'), path: '/elsewhere/openclaw.json' });
    gateway.answers['config.set'] = () => ({ ok: true });
    expect((await runTestCli(home, ['config', 'set', 'logging.level', 'debug'])).code).toBe(0);
    expect(await onDisk()).toContain('debug');
    expect(gateway.asked.map(({ method }) => method)).not.toContain('config.set');
  });

  it('config schema asks the gateway', async () => {
    gateway.answers['config.schema.lookup'] = ({ path }) => ({ path, schema: {}, children: [] });
    const { stdout } = await runTestCli(home, ['config', 'schema', 'gateway.port']);
    expect(JSON.parse(stdout)).toEqual({ path: 'gateway.port', schema: {}, children: [] });
  });
});
