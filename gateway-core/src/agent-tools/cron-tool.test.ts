import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../shared/clock.js';
import { House, type HouseOptions, textOf } from './testing/house.js';

const NOW = Date.parse('2026-05-01T12:00:00Z');
const MAIN = 'agent:main:main';

let house: House | undefined;
let jobs: Array<Record<string, unknown>> = [];

async function open(options: HouseOptions = {}): Promise<House> {
  const clock = { ...systemClock, now: () => NOW };
  const methods: HouseOptions['methods'] = {
    'cron.list': () => ({ jobs, total: jobs.length, offset: 0, limit: 200, hasMore: false, nextOffset: null }),
    'cron.add': (job) => ({ id: 'new', ...job }),
    'cron.update': ({ id, patch }) => ({ id, ...(patch as object) }),
    'cron.remove': () => ({ ok: true, removed: true }),
    'cron.run': () => ({ ok: true, enqueued: true }),
    'cron.runs': () => ({ entries: [] }),
    'cron.status': () => ({ enabled: true }),
  };
  const config = { agents: { list: [{ id: 'main' }, { id: 'work' }] } };
  return (house = await House.open({ config, methods, clock, ...options }));
}

afterEach(async () => {
  jobs = [];
  await house?.remove();
});

const job = (more: Record<string, unknown>) => ({
  ...{ id: 'j1', name: 'n', agentId: 'main', sessionKey: MAIN, sessionTarget: 'main', enabled: true },
  ...{ schedule: { kind: 'every', everyMs: 1 }, payload: { kind: 'systemEvent', text: 'x' }, state: {}, ...more },
});

describe('a job as agents write it', () => {
  it.each<[Record<string, unknown>, Record<string, unknown>, Record<string, unknown>]>([
    [
      { at: '2026-05-01T13:00:00Z', text: 'call Ada' },
      {},
      {
        name: 'call Ada',
        schedule: { kind: 'at', at: '2026-05-01T13:00:00Z' },
        sessionTarget: 'main',
        payload: { kind: 'systemEvent', text: 'call Ada' },
        agentId: 'main',
        sessionKey: MAIN,
      },
    ],
    [{ at: 'in 20m', text: 'x' }, {}, { schedule: { kind: 'at', at: '2026-05-01T12:20:00.000Z' } }],
    [{ atMs: NOW + 1000, text: 'x' }, {}, { schedule: { kind: 'at', at: '2026-05-01T12:00:01.000Z' } }],
    [
      { every: '30m', message: 'look' },
      {},
      {
        schedule: { kind: 'every', everyMs: 1_800_000 },
        sessionTarget: 'isolated',
        payload: { kind: 'agentTurn', message: 'look' },
      },
    ],
    [{ schedule: 'every 2h', text: 'x' }, {}, { schedule: { kind: 'every', everyMs: 7_200_000 } }],
    [
      { schedule: '0 9 * * 1', tz: 'Europe/Berlin', text: 'x' },
      {},
      {
        schedule: { kind: 'cron', expr: '0 9 * * 1', tz: 'Europe/Berlin' },
      },
    ],
    [
      { schedule: { cron: '0 9 * * *' }, prompt: 'x', model: 'fake/1', name: 'Morning' },
      {},
      {
        name: 'Morning',
        schedule: { kind: 'cron', expr: '0 9 * * *' },
        payload: { kind: 'agentTurn', message: 'x', model: 'fake/1' },
      },
    ],
    [
      { at: '1h', text: 'x' },
      { sessionKey: 'agent:main:side' },
      {
        sessionTarget: 'current',
        sessionKey: 'agent:main:side',
        payload: { kind: 'agentTurn', message: 'x' },
      },
    ],
    [
      { at: '1h', payload: { kind: 'AGENTTURN', text: 'x' }, sessionTarget: 'session:daily' },
      {},
      {
        sessionTarget: 'session:daily',
        payload: { kind: 'agentTurn', message: 'x' },
      },
    ],
  ])('takes %j', async (written, more, expected) => {
    const made = await open();
    await made.call('cron', { action: 'add', job: written }, more);
    await made.call('cron', { action: 'add', ...written }, more);
    const added = made.called.filter(({ method }) => method === 'cron.add');
    expect(added).toHaveLength(2);
    for (const { params, scopes } of added) {
      expect(params).toMatchObject(expected);
      expect(scopes).toEqual(['operator.admin']);
    }
  });

  it.each<[Record<string, unknown>, Record<string, unknown>, string]>([
    [{ text: 'x' }, {}, 'Say when'],
    [{ at: '1h' }, {}, 'Say what'],
    [{ at: '1h', text: 'x', agentId: 'work' }, {}, 'may not plan work of the agent "work"'],
    [{ at: '1h', text: 'x', sessionTarget: 'session:agent:work:main' }, {}, 'that you can see'],
    [{ at: '1h', text: 'x', sessionTarget: 'session:agent:main:other' }, {}, 'that you can see'],
    [
      { at: '1h', text: 'x' },
      { sessionKey: 'agent:main:subagent:a', subagentDepth: 1, isMain: true },
      'own conversation only',
    ],
    [
      { at: '1h', message: 'x', sessionTarget: 'isolated' },
      { sessionKey: 'agent:main:subagent:a', subagentDepth: 1 },
      'own conversation only',
    ],
    [{ at: '1h', text: 'x', delivery: { mode: 'webhook', to: 'https://evil.example' } }, {}, 'web address'],
    [{ at: '1h', text: 'x', delivery: { to: 'http://evil.example' } }, {}, 'web address'],
    [{ at: '1h', text: 'x', delivery: { failureDestination: { mode: 'webhook' } } }, {}, 'web address'],
    [{ at: '1h', text: 'x', failureAlert: { mode: 'webhook' } }, {}, 'web address'],
    [{ at: '1h', payload: { message: 'x', allowUnsafeExternalContent: true } }, {}, 'allowUnsafeExternalContent'],
  ])('refuses %j for %j', async (written, more, words) => {
    const made = await open();
    await made.session('agent:main:other');
    await expect(made.call('cron', { action: 'add', job: written }, more)).rejects.toThrow(words);
    expect(made.called.filter(({ method }) => method === 'cron.add')).toEqual([]);
  });

  it('lets no job of a sandboxed conversation out of the sandbox', async () => {
    const made = await open({ isSandboxed: ({ isMain }) => !isMain });
    const side = { sessionKey: 'agent:main:side' };
    const add = (sessionTarget: string) =>
      made.call('cron', { action: 'add', job: { at: '1h', text: 'x', sessionTarget } }, side);
    await expect(add('main')).rejects.toThrow('outside your sandbox');
    await expect(add('session:agent:main:main')).rejects.toThrow('outside your sandbox');
    await add('isolated');
  });
});

describe('jobs that are there', () => {
  const theirs = job({ id: 'j2', agentId: 'work', sessionKey: 'agent:work:main' });

  it('shows and changes its own, not those of other agents', async () => {
    jobs = [job({}), theirs];
    const made = await open();
    expect((await made.call('cron', { action: 'list' })).details).toEqual({ jobs: [jobs[0]] });
    for (const action of ['update', 'remove', 'run', 'runs']) {
      const args = { action, patch: { enabled: false } };
      await made.call('cron', { ...args, id: 'j1' });
      await expect(made.call('cron', { ...args, id: 'j2' })).rejects.toThrow('no job "j2" that you may change');
    }
    expect(made.called.map(({ method }) => method).filter((name) => name !== 'cron.list')).toEqual([
      'cron.update',
      'cron.remove',
      'cron.run',
      'cron.runs',
    ]);
  });

  it('lets the owner change those of agents that may be reached', async () => {
    jobs = [theirs];
    const agents = { list: [{ id: 'main' }, { id: 'work' }] };
    const made = await open({ config: { agents, tools: { agentToAgent: { enabled: true } } } });
    await made.call('cron', { action: 'remove', id: 'j2' });
    await expect(made.call('cron', { action: 'remove', id: 'j2' }, { subagentDepth: 1 })).rejects.toThrow('no job');
  });

  it('changes what is named and leaves the rest', async () => {
    jobs = [job({ id: 'j3', sessionTarget: 'isolated', payload: { kind: 'agentTurn', message: 'x' } })];
    const made = await open();
    const { content } = await made.call('cron', {
      action: 'update',
      id: 'j3',
      patch: { every: '1h', thinking: 'low' },
    });
    expect(textOf({ content })).toMatch(/^Changed: j3/);
    expect(made.called.at(-1)?.params).toEqual({
      id: 'j3',
      patch: { schedule: { kind: 'every', everyMs: 3_600_000 }, payload: { kind: 'agentTurn', thinking: 'low' } },
    });
    const away = { action: 'update', id: 'j3', patch: { sessionTarget: 'session:agent:work:main' } };
    await expect(made.call('cron', away)).rejects.toThrow('that you can see');
  });

  it.each([
    ' https://evil.example',
    'https:evil.example',
    'https:\\\\evil.example',
    'ht\ntps://evil.example',
    'HTTP://evil.example',
  ])('does not send the results of a person to %j, however it is written', async (to) => {
    jobs = [job({ id: 'j4', sessionTarget: 'isolated', delivery: { mode: 'webhook', to: 'https://own.example' } })];
    const made = await open();
    for (const patch of [
      { delivery: { to } },
      { failureAlert: { to } },
      { delivery: { failureDestination: { to } } },
    ]) {
      await expect(made.call('cron', { action: 'update', id: 'j4', patch })).rejects.toThrow('Only a person');
    }
    await made.call('cron', { action: 'update', id: 'j4', patch: { delivery: { to: 'telegram:123' } } });
  });

  it('is for the owner only', async () => {
    const made = await open();
    await expect(made.call('cron', { action: 'list' }, { isOwner: false })).rejects.toThrow(
      'owner of this gateway only',
    );
  });
});
