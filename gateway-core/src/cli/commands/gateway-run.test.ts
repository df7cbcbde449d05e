import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunningGateway, StartGatewayOptions } from '../../compose/types.js';
import { AppError } from '../../shared/app-error.js';
import { createContext } from '../context.js';
import type { CliHost, StopSignal } from '../host.js';
import { startTestGateway } from '../test-gateway.js';
import { makeTestHome, runTestCli, type TestHome } from '../test-home.js';
import { type GatewayRunOptions, runGateway } from './gateway-run.js';

let home: TestHome;

beforeEach(async () => {
  home = await makeTestHome();
});

afterEach(() => home.remove());

function setUp(changes: Partial<CliHost> = {}) {
  const text = { stdout: '', stderr: '' };
  const exits: number[] = [];
  const starts: StartGatewayOptions[] = [];
  const stops: Array<string | undefined> = [];
  let failed: (error: unknown) => void = () => undefined;
  let listener: ((signal: StopSignal) => void) | undefined;
  let finishStop = (): void => undefined;
  let started = (): void => undefined;
  const running = new Promise<void>((resolve) => (started = resolve));
  const host: CliHost = {
    argv: [],
    env: home.env,
    cwd: home.dir,
    platform: 'linux',
    stdout: {
      isTTY: false,
      write: (part) => {
        text.stdout += part;
        if (part.includes('press Ctrl+C')) started();
      },
    },
    stderr: { isTTY: false, write: (part) => void (text.stderr += part) },
    now: () => 0,
    onStopSignal: (heard) => {
      listener = heard;
      return () => (listener = undefined);
    },
    exitNow: (code) => void exits.push(code),
    launch: () => Promise.resolve(true),
    ...changes,
  };
  const gateway: RunningGateway = {
    url: 'ws://127.0.0.1:18789',
    httpUrl: 'http://127.0.0.1:18789/',
    port: 18789,
    logFile: '/tmp/openclaw/o.log',
    configPath: '',
    stateDir: '',
    activeRuns: () => 0,
    onActivity: () => () => undefined,
    restart: () => Promise.resolve(),
    onRestarted: () => () => undefined,
    onFailed: (heard) => {
      failed = heard;
      return () => undefined;
    },
    stop: (reason) => {
      stops.push(reason);
      return new Promise((resolve) => (finishStop = resolve));
    },
  };
  const start = (options: StartGatewayOptions) => {
    starts.push(options);
    return Promise.resolve(gateway);
  };
  return {
    text,
    exits,
    starts,
    stops,
    running,
    host,
    gateway,
    signal: (name: StopSignal) => listener?.(name),
    listens: () => listener !== undefined,
    finishStop: () => finishStop(),
    fail: (error: unknown) => failed(error),
    run: (
      options: GatewayRunOptions,
      startGateway: (options: StartGatewayOptions) => Promise<RunningGateway> = start,
    ) => runGateway(createContext(host, { logLevel: options.logLevel }), options, startGateway),
  };
}

describe('a gateway in the foreground', () => {
  it('says where it is, how to open it and how to stop it', async () => {
    const room = setUp();
    const done = room.run({});
    await room.running;
    room.signal('SIGTERM');
    await new Promise(setImmediate);
    room.finishStop();
    expect(await done).toBe(0);
    expect(room.stops).toEqual(['gateway stopping']);
    expect(room.text.stderr).toBe('');
    expect(room.text.stdout.split('\n')).toEqual([
      'OpenClaw gateway is running.',
      '  Address  ws://127.0.0.1:18789',
      '  Open     run `openclaw dashboard`, or go to http://127.0.0.1:18789/ and sign in with your token',
      '  Log      /tmp/openclaw/o.log',
      '  Stop     press Ctrl+C',
      '',
    ]);
    expect(room.listens()).toBe(false);
  });

  it('restarts once it is up when the wish came while it was starting', async () => {
    let ask: (() => void) | undefined;
    const room = setUp({
      onRestartSignal: (heard) => {
        ask = heard;
        return () => (ask = undefined);
      },
    });
    const reasons: Array<string | undefined> = [];
    room.gateway.restart = (reason) => {
      reasons.push(reason);
      return Promise.resolve();
    };
    const done = room.run({}, () => {
      ask?.();
      return Promise.resolve(room.gateway);
    });
    await room.running;
    await new Promise(setImmediate);
    expect(reasons).toEqual(['SIGUSR1']);
    room.signal('SIGTERM');
    await new Promise(setImmediate);
    room.finishStop();
    expect(await done).toBe(0);
    expect(ask).toBeUndefined();
  });

  it('ends with 1 when a restart cannot bring it back', async () => {
    const room = setUp();
    const done = room.run({});
    await room.running;
    room.fail(new AppError('gateway.port_in_use', { message: 'The port 18789 is taken by another program.' }));
    expect(await done).toBe(1);
    expect(room.text.stderr).toContain('The port 18789 is taken by another program.');
    expect(room.listens()).toBe(false);
  });

  it('stops at once on the second signal', async () => {
    const room = setUp();
    const done = room.run({});
    await room.running;
    room.signal('SIGINT');
    expect(room.exits).toEqual([]);
    room.signal('SIGINT');
    expect(room.exits).toEqual([130]);
    await new Promise(setImmediate);
    room.finishStop();
    await done;
  });

  it('stops after a signal that came while it was starting', async () => {
    const room = setUp();
    const done = room.run({}, (options) => {
      room.starts.push(options);
      room.signal('SIGINT');
      return Promise.resolve(room.gateway);
    });
    await room.running;
    await new Promise(setImmediate);
    room.finishStop();
    expect(await done).toBe(0);
  });

  it('hands the options to the gateway', async () => {
    const file = path.join(home.dir, 'password');
    await writeFile(file, 's3cret\n');
    await mkdir(path.join(home.dir, 'dist', 'renderer'), { recursive: true });
    const room = setUp({ distDir: path.join(home.dir, 'dist') });
    const done = room.run({
      port: '5000',
      bind: 'lan',
      auth: 'password',
      passwordFile: 'password',
      tailscale: 'funnel',
      tailscaleResetOnExit: true,
      allowUnconfigured: true,
      verbose: true,
    });
    await room.running;
    room.signal('SIGTERM');
    await new Promise(setImmediate);
    room.finishStop();
    await done;
    expect(room.starts[0]).toMatchObject({
      cwd: home.dir,
      rendererDir: path.join(home.dir, 'dist', 'renderer'),
      docsDir: undefined,
      flags: {
        port: 5000,
        bind: 'lan',
        auth: 'password',
        password: 's3cret',
        tailscale: 'funnel',
        tailscaleResetOnExit: true,
        allowUnconfigured: true,
        logLevel: 'debug',
      },
    });
  });
});

describe('a gateway that cannot start', () => {
  it.each([
    [{ port: '0' }, 'Invalid port'],
    [{ port: '70000' }, 'Invalid port'],
    [{ port: '12x' }, 'Invalid port'],
    [{ bind: 'any' }, 'Invalid --bind (use "loopback", "lan", "tailnet", "auto", or "custom")'],
    [{ auth: 'x' }, 'Invalid --auth (use "none", "token", "password", or "trusted-proxy")'],
    [{ tailscale: 'x' }, 'Invalid --tailscale (use "off", "serve", or "funnel")'],
    [{ wsLog: 'x' }, 'Invalid --ws-log (use "auto", "full", or "compact")'],
    [{ password: 'a', passwordFile: 'b' }, 'Use either --password or --password-file.'],
    [{ reset: true }, 'Use --reset with --dev.'],
  ])('refuses %j before it touches anything', async (options, sentence) => {
    const room = setUp();
    expect(await room.run(options)).toBe(1);
    expect(room.starts).toEqual([]);
    const [first, second] = room.text.stderr.split('\n');
    expect(first).toBe(sentence);
    expect(second).toMatch(/\[gateway\.flag_invalid\]$/);
  });

  it('names a password file that cannot be read', async () => {
    const room = setUp();
    expect(await room.run({ passwordFile: 'none' })).toBe(1);
    expect(room.text.stderr).toContain(`${path.join(home.dir, 'none')} cannot be read (ENOENT).`);
  });

  it('says why, what to do, and who has the port', async () => {
    const taken = await startTestGateway({});
    const room = setUp();
    const sentence = `another gateway instance is already listening on ${taken.url}`;
    const code = await room.run({ port: String(taken.port) }, () =>
      Promise.reject(new AppError('gateway.port_in_use', { message: sentence })),
    );
    await taken.stop();
    expect(code).toBe(1);
    const lines = room.text.stderr.split('\n');
    expect(lines[0]).toBe(`Gateway failed to start: ${sentence}`);
    expect(lines[1]).toContain('[gateway.port_in_use]');
    expect(lines[2]).toBe(`Port ${taken.port} is already in use.`);
  });

  it('leaves the refusals that scripts know as they are', async () => {
    const room = setUp();
    const message = 'Gateway start blocked: set gateway.mode=local (current: unset) or pass --allow-unconfigured.';
    await room.run({}, () => Promise.reject(new AppError('config.missing', { message })));
    expect(room.text.stderr.split('\n')[0]).toBe(message);
  });

  it('keeps the stack of a bug for those who ask', async () => {
    const bug = () => Promise.reject(new TypeError('x is undefined'));
    const quiet = setUp();
    await quiet.run({}, bug);
    expect(quiet.text.stderr).toBe(
      'Gateway failed to start: x is undefined\nStart it again with --verbose --log-level debug to see where. [internal]\n',
    );
    const loud = setUp();
    await loud.run({ logLevel: 'debug' }, bug);
    expect(loud.text.stderr).toContain('    at ');
  });

  it('says which options change nothing', async () => {
    const room = setUp();
    await room.run({ rawStream: true, compact: true }, () => Promise.reject(new AppError('internal')));
    expect(room.text.stderr).toContain(
      '--compact has no effect in this version.\n--raw-stream has no effect in this version.\n',
    );
  });
});

describe('--dev --reset', () => {
  it('deletes the dev profile only', async () => {
    const mine = path.join(home.stateDir, 'keep');
    await writeFile(mine, '');
    await mkdir(path.join(home.dir, '.openclaw-dev', 'agents'), { recursive: true });
    const room = setUp();
    await room.run({ dev: true, reset: true }, () => Promise.reject(new AppError('internal')));
    expect(room.text.stdout).toBe(`Deleted ${path.join(home.dir, '.openclaw-dev')}\n`);
    await expect(mkdir(path.join(home.dir, '.openclaw-dev'))).resolves.toBeUndefined();
    await expect(mkdir(mine)).rejects.toMatchObject({ code: 'EEXIST' });
  });

  it('refuses when the environment points the state elsewhere', async () => {
    const room = setUp({ env: { ...home.env, OPENCLAW_STATE_DIR: home.stateDir } });
    expect(await room.run({ dev: true, reset: true })).toBe(1);
    expect(room.text.stderr).toContain('OPENCLAW_STATE_DIR points elsewhere');
  });
});

describe('the command line', () => {
  it('knows every option of the specification', async () => {
    const { code, stdout } = await runTestCli(home, ['gateway', '--help']);
    expect(code).toBe(0);
    for (const flag of [
      'port',
      'bind',
      'token',
      'auth',
      'password',
      'password-file',
      'tailscale',
      'tailscale-reset-on-exit',
      'allow-unconfigured',
      'dev',
      'reset',
      'force',
      'verbose',
      'ws-log',
      'compact',
      'claude-cli-logs',
      'raw-stream',
      'raw-stream-path',
    ]) {
      expect(stdout).toContain(`--${flag}`);
    }
  });

  it('takes the options on both forms of the command', async () => {
    for (const argv of [
      ['gateway', '--port', 'x'],
      ['gateway', 'run', '--port', 'x'],
      ['gateway', '--port', 'x', 'run'],
    ]) {
      expect(await runTestCli(home, argv)).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Invalid port\n/) });
    }
  });
});
