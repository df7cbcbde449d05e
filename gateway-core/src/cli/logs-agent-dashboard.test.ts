import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localIsoTime } from '../shared/logger.js';
import { Refusal, startTestGateway, TEST_TOKEN, type TestGateway } from './test-gateway.js';
import { makeTestHome, runTestCli, startCli, type TestHome } from './test-home.js';

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

describe('logs', () => {
  const record = (level: string, text: string) =>
    JSON.stringify({
      0: '{"subsystem":"gateway"}',
      1: text,
      _meta: { name: '{"subsystem":"gateway"}', logLevelName: level },
      time: '2026-11-21T02:22:45.294+00:00',
    });
  const tail = (lines: string[], extra = {}) => ({ file: '/tmp/o.log', cursor: 10, size: 10, lines, ...extra });

  it('prints the file and its lines', async () => {
    gateway.answers['logs.tail'] = () => tail([record('INFO', 'started'), 'plain'], { truncated: true });
    const run = await runTestCli(home, ['logs', '--limit', '5']);
    expect(run).toEqual({
      code: 0,
      stdout: 'Log file: /tmp/o.log\n2026-11-21T02:22:45.294Z info gateway started\nplain\n',
      stderr: 'Log tail truncated (increase --max-bytes).\n',
    });
    expect(gateway.asked).toEqual([{ method: 'logs.tail', params: { limit: 5, maxBytes: 250_000 } }]);
  });

  it('prints one JSON object per line', async () => {
    gateway.answers['logs.tail'] = () => tail([record('INFO', 'started'), 'plain'], { reset: true });
    const { stdout } = await runTestCli(home, ['logs', '--json']);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { type: 'meta', file: '/tmp/o.log', cursor: 10, size: 10 },
      { type: 'notice', message: 'Log cursor reset (file rotated).' },
      {
        type: 'log',
        time: '2026-11-21T02:22:45.294+00:00',
        level: 'info',
        subsystem: 'gateway',
        message: 'started',
        raw: record('INFO', 'started'),
      },
      { type: 'raw', raw: 'plain' },
    ]);
  });

  it('keeps only the wanted level and above', async () => {
    gateway.answers['logs.tail'] = () => tail([record('INFO', 'a'), record('WARN', 'b'), record('ERROR', 'c')]);
    const { stdout } = await runTestCli(home, ['logs', '--level', 'warn']);
    expect(stdout).toContain(' warn gateway b\n');
    expect(stdout).toContain(' error gateway c\n');
    expect(stdout).not.toContain('gateway a');
  });

  it('names the levels when one is unknown', async () => {
    const { code, stderr } = await runTestCli(home, ['logs', '--level', 'loud']);
    expect(code).toBe(1);
    expect(stderr).toContain('Invalid --level "loud".');
  });

  it('shows local time on request', async () => {
    gateway.answers['logs.tail'] = () => tail([record('INFO', 'a')]);
    const { stdout } = await runTestCli(home, ['logs', '--local-time']);
    expect(stdout).toContain(`${localIsoTime(Date.parse('2026-11-21T02:22:45.294Z'))} info`);
  });

  it('follows with the cursor until Ctrl+C, across a lost connection', async () => {
    let calls = 0;
    gateway.answers['logs.tail'] = () => {
      calls += 1;
      if (calls === 2) gateway.cut();
      return tail(calls === 1 ? [record('INFO', 'first')] : calls >= 3 ? [record('INFO', 'later')] : []);
    };
    const running = startCli(home, ['logs', '--follow', '--interval', '50']);
    await running.shows('gateway later');
    running.signal('SIGINT');
    const { code, stdout, stderr } = await running.done;
    expect(code).toBe(0);
    expect(stdout.match(/Log file:/g)).toHaveLength(1);
    expect(stderr).toContain('The gateway is away; waiting for it.');
    expect(gateway.asked[2]?.params).toMatchObject({ cursor: 10 });
  });

  it('says that the gateway is not reachable', async () => {
    await gateway.stop();
    const text = await runTestCli(home, ['logs']);
    expect(text.code).toBe(1);
    expect(text.stderr).toContain('Gateway not reachable. Is it running and accessible?\n');
    expect(text.stderr).toContain(`Gateway target: ${gateway.url}`);
    expect(text.stderr).toContain('Hint: run `openclaw doctor`.');
    const json = await runTestCli(home, ['logs', '--json']);
    expect(JSON.parse(json.stderr)).toMatchObject({ type: 'error', code: 'gateway.unreachable' });
  });
});

describe('agent', () => {
  const final = {
    runId: 'run-1',
    status: 'ok',
    summary: 'completed',
    result: { payloads: [{ text: 'Hello from fake model.', mediaUrl: null }], meta: { durationMs: 5 } },
  };
  const answerWith = (payload: unknown) => (_params: unknown, reply: (value: unknown) => void) => {
    reply({ runId: 'run-1', status: 'accepted', acceptedAt: 1 });
    return payload;
  };

  it('sends the recorded parameters and prints the second response', async () => {
    gateway.answers.agent = answerWith(final);
    const run = await runTestCli(home, ['agent', '--agent', 'main', '--message', 'hi']);
    expect(run).toEqual({ code: 0, stdout: 'Hello from fake model.\n', stderr: '' });
    expect(gateway.asked).toEqual([
      {
        method: 'agent',
        params: {
          message: 'hi',
          agentId: 'main',
          sessionKey: 'agent:main:main',
          deliver: false,
          timeout: 600,
          idempotencyKey: expect.stringMatching(/^[0-9a-f-]{36}$/),
        },
      },
    ]);
  });

  it('prints the final payload as JSON', async () => {
    gateway.answers.agent = answerWith(final);
    const { stdout } = await runTestCli(home, ['agent', '--session-id', 's', '-m', 'hi', '--json']);
    expect(JSON.parse(stdout)).toEqual(final);
    expect(gateway.asked[0]?.params).toMatchObject({ sessionId: 's' });
    expect(gateway.asked[0]?.params).not.toHaveProperty('sessionKey');
  });

  it('wants to know the session', async () => {
    expect(await runTestCli(home, ['agent', '--message', 'hi'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Error: Pass --to <E.164>, --session-id, or --agent to choose a session\n',
    });
  });

  it('reports a failed run, with the payload as JSON', async () => {
    const payload = { runId: 'run-1', status: 'error', summary: 'The provider refused the API key.' };
    gateway.answers.agent = () => {
      throw new Refusal({ code: 'UNAVAILABLE', message: payload.summary }, payload);
    };
    const { code, stdout, stderr } = await runTestCli(home, ['agent', '--agent', 'main', '-m', 'hi', '--json']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'The provider refused the API key.\n' });
    expect(JSON.parse(stdout)).toEqual(payload);
  });

  it('ends the run on Ctrl+C', async () => {
    gateway.answers.agent = answerWith(undefined);
    gateway.answers['chat.abort'] = () => ({ ok: true, aborted: true, runIds: ['run-1'] });
    const accepted = new Promise<void>((resolve) => {
      gateway.answers.agent = (_params, reply) => {
        reply({ runId: 'run-1', status: 'accepted', acceptedAt: 1 });
        // Runs after the acknowledgement has been flushed to the socket.
        setImmediate(resolve);
        return undefined;
      };
    });
    const running = startCli(home, ['agent', '--agent', 'main', '-m', 'hi']);
    await accepted;
    await new Promise(setImmediate);
    running.signal('SIGINT');
    expect(await running.done).toMatchObject({ code: 130, stderr: 'Stopped.\n' });
    expect(gateway.asked.at(-1)).toEqual({
      method: 'chat.abort',
      params: { sessionKey: 'agent:main:main', runId: 'run-1' },
    });
  });

  it('does not run anything by itself when the gateway is away', async () => {
    await gateway.stop();
    const { code, stdout, stderr } = await runTestCli(home, ['agent', '--agent', 'main', '-m', 'hi']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('[gateway.unreachable]');
    expect(stderr).not.toContain('embedded');
  });
});

describe('dashboard', () => {
  const url = () => `http://127.0.0.1:${gateway.port}/#token=${TEST_TOKEN}`;

  it('prints the signed-in address', async () => {
    expect(await runTestCli(home, ['dashboard', '--no-open'])).toEqual({
      code: 0,
      stdout: `Dashboard URL: ${url()}\nBrowser launch disabled (--no-open). Use the URL above.\n`,
      stderr: '',
    });
  });

  it('opens the browser without a shell', async () => {
    const running = startCli({ ...home, env: { ...home.env, DISPLAY: ':0' } }, ['dashboard']);
    expect(await running.done).toMatchObject({ code: 0, stdout: expect.stringContaining('Opened in your browser.') });
    expect(running.launched).toEqual([['xdg-open', url()]]);
  });

  it('leaves the browser alone where there is no screen', async () => {
    const running = startCli(home, ['dashboard']);
    expect((await running.done).stdout).toContain('There is no screen to open a browser on. Use the URL above.');
    expect(running.launched).toEqual([]);
  });

  it('does not open a page that nobody serves', async () => {
    await gateway.stop();
    const { code, stderr } = await runTestCli(home, ['dashboard']);
    expect(code).toBe(1);
    expect(stderr).toContain('The gateway is not running.');
  });
});
