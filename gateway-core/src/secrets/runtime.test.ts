import { access } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogHub } from '../shared/logger.js';
import { createSecretsMethods } from './methods.js';
import { createSecretsRuntime, type SecretsRuntime } from './runtime.js';
import type { SecretsSource } from './snapshot.js';
import { createScratch, type Scratch } from './testing/scratch.js';

let scratch: Scratch;
let runtime: SecretsRuntime | undefined;
beforeEach(async () => {
  scratch = await createScratch();
});
afterEach(async () => {
  await runtime?.stop();
  runtime = undefined;
  await scratch.remove();
});

const env = (id: string) => ({ source: 'env', provider: 'default', id });
const CONFIG = {
  gateway: { auth: { token: env('TOKEN') } },
  models: { providers: { a: { apiKey: env('KEY') } } },
  hooks: { enabled: false, token: env('HOOK') },
};

function build(load: () => Promise<SecretsSource>) {
  const events: string[] = [];
  const lines: string[] = [];
  const learned: string[] = [];
  const activated: unknown[] = [];
  const hub = createLogHub();
  hub.addSink({ write: (record) => lines.push(`${record.level} ${record.message}`) });
  const made = createSecretsRuntime({
    load,
    context: { ...scratch.context(), learn: (value) => learned.push(value) },
    log: hub.logger('secrets'),
    onEvent: (event) => events.push(event.code),
    onActivated: (snapshot) => activated.push(snapshot),
  });
  runtime = made;
  return { runtime: made, events, lines, learned, activated };
}

const missing = (name: string) => `SecretRefResolutionError: Environment variable "${name}" is missing or empty.`;

describe('the start', () => {
  it('fails without an event, with the code in the log', async () => {
    const { runtime: made, events, lines } = build(() => Promise.resolve({ config: CONFIG, env: {} }));
    await expect(made.start()).rejects.toMatchObject({ code: 'secret.unavailable' });
    expect(events).toEqual([]);
    expect(lines).toEqual([`error [SECRETS_RELOADER_DEGRADED] ${missing('TOKEN')}`]);
    expect(() => made.current()).toThrow('before they were read');
  });

  it('warns of refs that nothing uses', async () => {
    const { runtime: made, lines } = build(() => Promise.resolve({ config: CONFIG, env: { TOKEN: 't', KEY: 'k' } }));
    expect((await made.start()).config.gateway?.auth?.token).toBe('t');
    expect(lines).toEqual([
      'warn [SECRETS_REF_IGNORED_INACTIVE_SURFACE] hooks.token: the reference was not read, since hooks.enabled is false.',
    ]);
  });
});

describe('a reload', () => {
  it('swaps all values at once or none', async () => {
    const variables: NodeJS.ProcessEnv = { TOKEN: 't1', KEY: 'k1' };
    const {
      runtime: made,
      events,
      activated,
      learned,
    } = build(() => Promise.resolve({ config: CONFIG, env: { ...variables } }));
    const first = await made.start();
    Object.assign(variables, { TOKEN: 't2', KEY: '' });
    await expect(made.reload()).rejects.toMatchObject({
      code: 'secret.reload_failed',
      message: `secrets reload failed: ${missing('KEY')}`,
    });
    expect(made.current()).toBe(first);
    expect(first.config.gateway?.auth?.token).toBe('t1');
    Object.assign(variables, { KEY: 'k2' });
    const second = await made.reload();
    expect(second.config.gateway?.auth?.token).toBe('t2');
    expect(second.config.models?.providers?.a?.apiKey).toBe('k2');
    expect(activated).toEqual([first, second]);
    expect(events).toEqual(['SECRETS_RELOADER_DEGRADED', 'SECRETS_RELOADER_RECOVERED']);
    expect(learned).toEqual(expect.arrayContaining(['t1', 'k1', 't2', 'k2']));
  });

  it('says degraded once however often it fails, also when the config cannot be loaded', async () => {
    let broken = false;
    const {
      runtime: made,
      events,
      lines,
    } = build(async () => {
      if (broken) throw new Error('the file is gone');
      return { config: {}, env: {} };
    });
    await made.start();
    broken = true;
    for (let round = 0; round < 3; round += 1) await expect(made.reload()).rejects.toThrow('the file is gone');
    expect(made.isDegraded()).toBe(true);
    broken = false;
    await made.reload();
    await made.reload();
    expect(events).toEqual(['SECRETS_RELOADER_DEGRADED', 'SECRETS_RELOADER_RECOVERED']);
    expect(lines.filter((line) => line.startsWith('warn secrets reload failed again'))).toHaveLength(2);
  });

  it('is shared by everyone who asks before it begins; who asks later gets a later one', async () => {
    let loads = 0;
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const { runtime: made } = build(async () => {
      loads += 1;
      const mine = loads;
      if (mine === 2) await gate;
      return { config: CONFIG, env: { TOKEN: `t${mine}`, KEY: 'k' } };
    });
    await made.start();
    const running = made.reload();
    await Promise.resolve();
    await Promise.resolve();
    const later = [made.reload(), made.reload(), made.reload()];
    open();
    expect((await running).config.gateway?.auth?.token).toBe('t2');
    const shared = await Promise.all(later);
    expect(new Set(shared).size).toBe(1);
    expect(shared[0]?.config.gateway?.auth?.token).toBe('t3');
    expect(loads).toBe(3);
  });

  it('of a new config is used only when its secrets can be read', async () => {
    const { runtime: made } = build(() => Promise.resolve({ config: {}, env: {} }));
    await made.start();
    const source = { config: CONFIG, env: { TOKEN: 't', KEY: 'k' } };
    await made.activate(source);
    expect(made.source()).toBe(source);
    await expect(made.activate({ config: CONFIG, env: {} })).rejects.toMatchObject({ code: 'secret.reload_failed' });
    expect(made.source()).toBe(source);
  });

  it('ends with the gateway, together with the command it waits for', async () => {
    const up = path.join(scratch.folder, 'up');
    const source = `require('fs').writeFileSync(${JSON.stringify(up)}, ''); setInterval(() => {}, 1000)`;
    const command = await scratch.script('hang', source);
    const slow = { source: 'exec', command, timeoutMs: 60_000, noOutputTimeoutMs: 60_000 };
    const config = {
      secrets: { providers: { slow } },
      talk: { apiKey: { source: 'exec', provider: 'slow', id: 'a' } },
    };
    const { runtime: made, events } = build(() => Promise.resolve({ config: {}, env: {} }));
    await made.start();
    const stopped = vi.waitFor(() => access(up)).then(() => made.stop());
    await expect(made.activate({ config, env: {} })).rejects.toThrow('the gateway is stopping');
    await stopped;
    expect(events).toEqual([]);
    await expect(made.reload()).rejects.toMatchObject({ code: 'secret.reload_failed' });
  });
});

describe('the methods', () => {
  async function methods(config: unknown = CONFIG) {
    const built = build(() => Promise.resolve({ config, env: { TOKEN: 't', KEY: 'k' } }));
    await built.runtime.start();
    return createSecretsMethods(built);
  }

  it('answer a reload with the number of warnings', async () => {
    expect(await (await methods({}))['secrets.reload']()).toEqual({ ok: true, warningCount: 0 });
    await runtime?.stop();
    expect(await (await methods())['secrets.reload']()).toEqual({ ok: true, warningCount: 1 });
  });

  it('answer an empty question with nothing', async () => {
    expect((await methods())['secrets.resolve']({ commandName: 'x', targetIds: [] })).toEqual({
      ok: true,
      assignments: [],
      diagnostics: [],
      inactiveRefPaths: [],
    });
  });

  it('give the values of the asked places, and name those that nothing uses', async () => {
    const targetIds = ['models.providers.*.apiKey', 'hooks.token', 'channels.telegram.botToken'];
    expect((await methods())['secrets.resolve']({ commandName: ' qr ', targetIds })).toEqual({
      ok: true,
      assignments: [
        { path: 'models.providers.a.apiKey', pathSegments: ['models', 'providers', 'a', 'apiKey'], value: 'k' },
      ],
      diagnostics: ['qr: hooks.token was not read, since hooks.enabled is false.'],
      inactiveRefPaths: ['hooks.token'],
    });
  });

  it.each<[unknown, string]>([
    [null, 'an object is needed'],
    [{ targetIds: [] }, 'commandName must be text'],
    [{ commandName: '  ', targetIds: [] }, 'commandName must be text'],
    [{ commandName: 'x', targetIds: 'gateway.auth.token' }, 'targetIds must be a list of texts'],
    [{ commandName: 'x', targetIds: [1] }, 'targetIds must be a list of texts'],
    [{ commandName: 'x', targetIds: ['gateway.port'] }, 'unknown target id "gateway.port"'],
  ])('refuse %j', async (params, reason) => {
    const made = await methods();
    expect(() => made['secrets.resolve'](params)).toThrow(`invalid secrets.resolve params: ${reason}`);
  });
});
