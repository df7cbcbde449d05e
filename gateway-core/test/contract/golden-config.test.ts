// The recorded starts and checks of a config, replayed with our command line.
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestGateway } from '../../src/cli/test-gateway.js';
import { type CliRun, makeTestHome, runTestCli, startCli, type TestHome } from '../../src/cli/test-home.js';
import { shapeFaults } from './golden.js';
import { closeCutJson } from './golden-cli.js';
import { IN_USE, START_ROWS, type StartRow, TAKEN_BY_US, VALIDATE_CONFIGS } from './golden-config-rows.js';

const RECORDED_PORT = '24001';

/** A recording without the times in front of its lines. */
function readRecorded(name: string): string {
  const text = readFileSync(new URL(`../golden/config/${name}.txt`, import.meta.url), 'utf8');
  return text.replaceAll(/^\d{4}-\d\d-\d\dT\S+ /gm, '');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a recorded start', () => {
  let home: TestHome;
  beforeEach(async () => {
    home = await makeTestHome();
  });
  afterEach(() => home.remove());

  /** Everything that was said, on the terminal and in the log. */
  async function start({ config, args = [], starts }: StartRow): Promise<{ code: number; said: string }> {
    const logFile = path.join(home.dir, 'gateway.log');
    await home.writeConfig({ ...(config as object), logging: { file: logFile } });
    const port = await freePort();
    const cli = startCli(home, ['gateway', '--port', String(port), ...args]);
    if (starts) {
      await Promise.race([cli.shows('OpenClaw gateway is running.'), cli.done]);
      cli.signal('SIGTERM');
    }
    const { code, stdout, stderr } = await cli.done;
    const log = await readFile(logFile, 'utf8').catch(() => '');
    return { code, said: `${stdout}${stderr}${log}`.replaceAll(String(port), RECORDED_PORT) };
  }

  it.each(Object.entries(START_ROWS))('%s', async (name, row) => {
    const recorded = readRecorded(name);
    const { code, said } = await start(row);
    expect({ code, said: code === (row.starts ? 0 : 1) ? '' : said }).toEqual({ code: row.starts ? 0 : 1, said: '' });
    for (const text of row.says) {
      expect(recorded, 'the recording').toContain(text);
      expect(said, 'ours').toContain(text);
    }
    for (const text of row.saysInstead ?? []) {
      expect(recorded, 'the recording').not.toContain(text);
      expect(said, 'ours').toContain(text);
    }
  });

  it('start-inuse', async () => {
    const taken = await startTestGateway({});
    await home.writeConfig({ gateway: { mode: 'local', auth: { mode: 'token', token: 'a-token' } } });
    const { code, stderr } = await runTestCli(home, ['gateway', '--port', String(taken.port)]);
    await taken.stop();
    expect(code).toBe(1);
    const recorded = readRecorded(IN_USE);
    for (const text of [
      'Gateway failed to start: another gateway instance is already listening on ws://127.0.0.1:18789',
      'Port 18789 is already in use.',
      '- pid ',
    ]) {
      expect(recorded).toContain(text);
      expect(stderr.replaceAll(String(taken.port), '18789')).toContain(text);
    }
  });
});

interface Judgement {
  valid: boolean;
  issues?: Array<{ path: string; message: string; allowedValues?: string[] }>;
}

describe('a recorded check', () => {
  const lines = readRecorded('validate').trim().split('\n');
  const recorded = lines.map((line) => {
    const [, file = '', exit = '', json = '{}'] = /^(\S+) rc=(\d) (.*)$/.exec(line) ?? [];
    // The recorder kept a limited length.
    const whole = json.trimEnd().endsWith('}') ? json : closeCutJson(json);
    return [file, Number(exit), JSON.parse(whole) as Judgement] as const;
  });

  let home: TestHome;
  beforeEach(async () => {
    home = await makeTestHome();
  });
  afterEach(() => home.remove());

  async function check(file: string): Promise<{ run: CliRun; judgement: Judgement }> {
    await home.writeConfig(VALIDATE_CONFIGS[file]);
    const run = await runTestCli(home, ['config', 'validate', '--json']);
    return { run, judgement: JSON.parse(run.stdout) as Judgement };
  }

  it('has a config for every recorded file', () => {
    expect(Object.keys(VALIDATE_CONFIGS)).toEqual(recorded.map(([file]) => file));
  });

  it.each(recorded.filter(([file]) => !TAKEN_BY_US.has(file)))(
    '%s is judged as recorded',
    async (file, exit, golden) => {
      const { run, judgement } = await check(file);
      expect({ code: run.code, valid: judgement.valid }).toEqual({ code: exit, valid: golden.valid });
      expect(judgement.issues).toEqual(golden.issues);
      expect(shapeFaults(golden, judgement)).toEqual([]);
    },
  );

  it.each(recorded.filter(([file]) => TAKEN_BY_US.has(file)))(
    '%s is taken, and what moved is said',
    async (file, exit) => {
      const { run, judgement } = await check(file);
      expect({ exit, code: run.code, valid: judgement.valid }).toEqual({ exit: 1, code: 0, valid: true });
    },
  );
});

it('replays every recorded start', () => {
  const files = readdirSync(new URL('../golden/config', import.meta.url)).map((file) => file.replace('.txt', ''));
  expect([...Object.keys(START_ROWS), IN_USE, 'validate'].sort()).toEqual(files.sort());
});
