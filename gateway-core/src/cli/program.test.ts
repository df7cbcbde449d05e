import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import path from 'node:path';
import { startTestGateway, TEST_TOKEN, type TestGateway } from './test-gateway.js';
import { makeTestHome, runTestCli, type TestHome } from './test-home.js';

let home: TestHome;
let gateway: TestGateway;

beforeEach(async () => {
  home = await makeTestHome();
  gateway = await startTestGateway({});
  await home.writeConfig({
    gateway: { mode: 'local', port: gateway.port, auth: { mode: 'token', token: TEST_TOKEN } },
  });
});

afterEach(async () => {
  await gateway.stop();
  await home.remove();
});

describe('the program', () => {
  it('prints its version', async () => {
    for (const flag of ['--version', '-V', '-v']) {
      expect(await runTestCli(home, [flag])).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^OpenClaw \d{4}\.\d+\.\d+\n$/),
      });
    }
  });

  it('prints help without a command and with --help', async () => {
    for (const argv of [[], ['--help']]) {
      const { code, stdout, stderr } = await runTestCli(home, argv);
      expect(code).toBe(0);
      expect(stderr).toBe('');
      expect(stdout).toContain('Usage: openclaw [options] [command]');
      for (const command of ['gateway', 'health', 'status', 'sessions', 'logs', 'agent', 'dashboard', 'config']) {
        expect(stdout).toContain(`  ${command}`);
      }
    }
  });

  it('knows every command of the help by its first word alone', async () => {
    const { stdout } = await runTestCli(home, ['--help']);
    const names = [...stdout.slice(stdout.indexOf('Commands:')).matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(20);
    for (const name of names.filter((each) => each !== 'help')) {
      const help = await runTestCli(home, [name ?? '', '--help']);
      expect(help).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining(`Usage: openclaw ${name}`) });
    }
  });

  it.each([
    [['nosuchcmd'], "error: unknown command 'nosuchcmd'\n"],
    [['gateway', 'nosuch'], "error: too many arguments for 'gateway'. Expected 0 arguments but got 1.\n"],
    [['health', '--level', 'x'], "error: unknown option '--level'\n"],
    [['agent'], "error: required option '-m, --message <text>' not specified\n"],
  ])('rejects %j', async (argv, stderr) => {
    expect(await runTestCli(home, argv)).toEqual({ code: 1, stdout: '', stderr });
  });

  it('rejects a number that is none', async () => {
    const { code, stderr } = await runTestCli(home, ['logs', '--limit', 'many']);
    expect(code).toBe(1);
    expect(stderr).toContain("error: option '--limit <n>' argument 'many' is invalid.");
  });

  it('rejects a profile name that could leave its folder', async () => {
    const { code, stderr } = await runTestCli(home, ['--profile', '../x', 'config', 'file']);
    expect(code).toBe(1);
    expect(stderr).toContain('[gateway.flag_invalid]');
  });

  it('takes the profile before or after the command', async () => {
    const file = `${path.join(home.dir, '.openclaw-work', 'openclaw.json')}\n`;
    expect((await runTestCli(home, ['--profile', 'work', 'config', 'file'])).stdout).toBe(file);
    expect((await runTestCli(home, ['config', 'file', '--profile', 'work'])).stdout).toBe(file);
  });
});

describe('config', () => {
  it('prints file, values and verdict', async () => {
    expect(await runTestCli(home, ['config', 'file'])).toEqual({ code: 0, stdout: `${home.configPath}\n`, stderr: '' });
    expect((await runTestCli(home, ['config', 'get', 'gateway.port'])).stdout).toBe(`${gateway.port}\n`);
    expect((await runTestCli(home, ['config', 'get', 'gateway.auth.token'])).stdout).toBe('__OPENCLAW_REDACTED__\n');
    expect((await runTestCli(home, ['config', 'validate'])).stdout).toBe(`Config valid: ${home.configPath}\n`);
    expect((await runTestCli(home, ['config', 'validate', '--json'])).stdout).toBe(
      `${JSON.stringify({ valid: true, path: home.configPath })}\n`,
    );
  });

  it('says what is missing', async () => {
    expect(await runTestCli(home, ['config', 'get', 'nope.x'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Config path not found: nope.x\n',
    });
  });

  it('exits with 1 for a config that is not valid', async () => {
    await home.writeConfig('{ gateway: { nope: 1 } }');
    const { code, stdout } = await runTestCli(home, ['config', 'validate', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ valid: false, path: home.configPath, issues: [{ path: 'gateway' }] });
  });
});
