import { afterEach, describe, expect, it, vi } from 'vitest';
import { answerConfig, unknownMethod } from '../testing/config-answers.js';
import { createTestWindow, type TestWindow } from '../testing/window-services.js';

const FILE = "{\n  // keep me\n  gateway: { port: 18789 },\n  agents: { defaults: { model: 'a/b' } },\n}\n";

let made: TestWindow | undefined;
afterEach(() => made?.stop());

async function setUp(raw = FILE) {
  made = createTestWindow();
  const file = answerConfig(made.far, raw);
  await made.connect();
  const { config } = made.services;
  await config.load();
  return { file, config, far: made.far };
}

const PORT = ['gateway', 'port'];
const MODEL = ['agents', 'defaults', 'model'];

describe('settings of the config', () => {
  it('are saved at once where no restart is needed, with every comment kept', async () => {
    const { file, config } = await setUp();
    await config.change([{ path: MODEL, value: 'c/d' }]);
    expect(file.raw).toBe(FILE.replace("'a/b'", '"c/d"'));
    expect(config.read(MODEL)).toBe('c/d');
    expect(config.store.getState().saves['agents.defaults.model']).toEqual({ phase: 'saved' });
    expect(file.restarts).toBe(0);
  });

  it('wait for one restart where one is needed, and go out as one patch', async () => {
    const { file, config, far } = await setUp();
    await config.change([{ path: PORT, value: 1 }]);
    await config.change([{ path: ['gateway', 'bind'], value: 'lan' }]);
    await config.change([{ path: PORT, value: 19_000 }]);
    expect(file.raw).toBe(FILE);
    expect(config.read(PORT)).toBe(19_000);
    expect(config.store.getState().pending).toHaveLength(2);
    await config.restartNow();
    expect(far.sent('config.patch')).toHaveLength(1);
    expect(JSON.parse(file.raw)).toMatchObject({ gateway: { port: 19_000, bind: 'lan' } });
    expect(file.restarts).toBe(1);
    expect(config.store.getState()).toMatchObject({ pending: [], restart: { phase: 'restarting' } });
  });

  it('do not wait any more when a change is taken back', async () => {
    const { config } = await setUp();
    await config.change([{ path: PORT, value: 1 }]);
    await config.change([{ path: PORT, value: 18_789 }]);
    expect(config.store.getState().pending).toEqual([]);
  });

  it('stay collected when the gateway takes no more restarts, with the time to wait', async () => {
    const { file, config } = await setUp();
    file.limited = 1;
    await config.change([{ path: PORT, value: 19_000 }]);
    await config.restartNow();
    const { restart, pending } = config.store.getState();
    expect(restart.phase).toBe('failed');
    expect((restart.retryAtMs ?? 0) - Date.now()).toBeGreaterThan(40_000);
    expect(pending).toHaveLength(1);
    await config.restartNow();
    expect(file.restarts).toBe(1);
  });

  it('go on top of what somebody else wrote in between', async () => {
    const { file, config } = await setUp();
    file.raw = FILE.replace('18789', '20000');
    await config.change([{ path: MODEL, value: 'c/d' }]);
    expect(file.raw).toContain('port: 20000');
    expect(file.raw).toContain('"c/d"');
  });

  it('are written one after another', async () => {
    const { file, config } = await setUp();
    await Promise.all([
      config.change([{ path: MODEL, value: 'c/d' }]),
      config.change([{ path: ['logging', 'level'], value: 'debug' }]),
    ]);
    expect(file.raw).toContain('"c/d"');
    expect(file.raw).toContain('debug');
  });

  it('say when the gateway does not know how to save', async () => {
    const { config, far } = await setUp();
    far.answers['config.set'] = unknownMethod('config.set');
    await expect(config.change([{ path: MODEL, value: 'c/d' }])).rejects.toThrow('unknown method');
    expect(config.store.getState().saves['agents.defaults.model']?.phase).toBe('failed');
  });

  it('replace the file as a whole, only on the text that was reviewed', async () => {
    const { file, config } = await setUp();
    const baseHash = config.store.getState().snapshot?.hash;
    expect(await config.review('{ gateway: { port: 1 } }')).toEqual({
      changed: ['gateway.port', 'agents'],
      restart: ['gateway.port'],
    });
    await expect(config.review('{ a: }')).rejects.toThrow('1:6');
    await config.replace('{ a: 1 }', { baseHash, isRestart: false });
    expect(file.raw).toBe('{ a: 1 }');
    await expect(config.replace('{ b: 1 }', { baseHash, isRestart: true })).rejects.toThrow('config changed');
  });

  it('are read again when the connection is back', async () => {
    const { file, config, far } = await setUp();
    await config.change([{ path: PORT, value: 19_000 }]);
    await config.restartNow();
    expect(config.read(PORT)).toBe(19_000);
    file.raw = FILE;
    far.cut();
    await vi.waitFor(() => expect(config.read(PORT)).toBe(18_789), { timeout: 3_000 });
    expect(config.store.getState().restart.phase).toBe('idle');
  });
});
