// The recorded runs of the reference's command line, replayed with ours against a whole gateway.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runTestCli } from '../../src/cli/test-home.js';
import { compareRun, readGoldenCli, runRecorded } from './golden-cli.js';
import { CLI_ROWS, LATER_ROWS } from './golden-cli-rows.js';
import { absentCommands } from './golden-differences.js';
import { type GoldenStage, RECORDED, startGoldenStage } from './golden-stage.js';
import { createTestDevice, join } from './test-device.js';

const ABSENT = [...absentCommands()].map((name) => name.replace('cli/', ''));
const PRESENT = Object.entries({ ...CLI_ROWS, ...LATER_ROWS }).filter(([name]) => !ABSENT.includes(name));

/** Leaves a conversation, a node with a device and one of the old kind, as the recorded host had them. */
async function seed({ home, gateway }: GoldenStage): Promise<void> {
  expect((await runTestCli(home, ['agent', '--agent', 'main', '--message', 'hi'])).code).toBe(0);
  const operator = await join({ url: gateway.url, device: createTestDevice(), auth: { token: RECORDED.token } });
  const ask = async (method: string, params: unknown) => {
    const { ok, payload, error } = await operator.call(method, params);
    expect({ method, ok, error }).toEqual({ method, ok: true });
    return payload as { request?: { requestId: string } };
  };
  await ask('sessions.patch', { key: 'agent:main:main', thinkingLevel: 'low', verboseLevel: 'on' });
  const { request } = await ask('node.pair.request', { nodeId: 'legacy1', displayName: 'renamed' });
  await ask('node.pair.approve', { requestId: request?.requestId });
  // Health is remembered for a while; this one knows the conversation.
  await ask('health', { probe: true });
  await operator.close();
  const node = await join({
    url: gateway.url,
    device: createTestDevice(),
    auth: { token: RECORDED.token },
    role: 'node',
    scopes: [],
    client: { id: 'node-host', mode: 'node', platform: 'linux', displayName: 'node one' },
  });
  await node.close();
}

describe('the recorded command line', () => {
  let stage: GoldenStage;
  beforeAll(async () => {
    stage = await startGoldenStage();
    await seed(stage);
  });
  afterAll(() => stage.stop());

  it.each(PRESENT)('%s', async (name, row) => {
    compareRun(await runRecorded(stage, name, row), row);
  });

  it('gateway-second: a second gateway on the same state names who holds it', async () => {
    const golden = readGoldenCli('gateway-second');
    const { port } = stage.gateway;
    const run = await runTestCli(stage.home, ['gateway', '--port', String(port)]);
    expect(run.code).toBe(golden.exit);
    for (const text of ['Gateway failed to start: gateway already running (pid ', '; lock timeout after 5000ms']) {
      expect(golden.stderr).toContain(text);
      expect(run.stderr).toContain(text);
    }
    expect(golden.stderr).toContain(`Port ${RECORDED.port} is already in use.`);
    expect(run.stderr).toContain(`Port ${port} is already in use.`);
  });

  it.each(ABSENT)('%s is refused: there is no such command', async (name) => {
    const { code, stdout, stderr } = await runTestCli(stage.home, readGoldenCli(name).args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: (unknown command|too many arguments|unknown option)/);
  });
});
