import { describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../config/index.js';
import { heartbeatAgents, nextBeatMs, phaseMs } from './settings.js';
import { resolveTarget, visibilityFor } from './visibility.js';

const ids = (config: OpenClawConfig) => heartbeatAgents(config).map(({ agentId, everyMs }) => `${agentId} ${everyMs}`);
const agents = (defaults: Record<string, unknown> | undefined, ...list: Array<{ id: string; heartbeat?: object }>) =>
  ({ agents: { ...(defaults && { defaults: { heartbeat: defaults } }), list } }) as OpenClawConfig;

describe('the agents with a heartbeat', () => {
  it.each<[string, OpenClawConfig, string[]]>([
    ['main, every half hour, without a config', {}, ['main 1800000']],
    ['the default agent alone', agents({ every: '10m' }, { id: 'a' }, { id: 'b' }), ['a 600000']],
    [
      'those with a block, if any has one',
      agents({ every: '10m' }, { id: 'a' }, { id: 'b', heartbeat: {} }),
      ['b 600000'],
    ],
    ['minutes where no unit is given', agents({ every: '15' }, { id: 'a' }), ['a 900000']],
    ['none with an interval of nothing', agents({ every: '0m' }, { id: 'a' }), []],
    ['one that says otherwise', agents({ every: '0m' }, { id: 'a', heartbeat: { every: '1h30m' } }), ['a 5400000']],
  ])('are %s', (_name, config, expected) => {
    expect(ids(config)).toEqual(expected);
  });

  it('are slower where a sign-in pays for the model, and the config does not say how often', () => {
    const slow = (config: OpenClawConfig) => heartbeatAgents(config, () => true).map(({ everyMs }) => everyMs);
    expect(slow({})).toEqual([3_600_000]);
    expect(heartbeatAgents({}, () => false)[0]?.everyMs).toBe(1_800_000);
    expect(slow({ agents: { defaults: { heartbeat: { every: '30m' } } } })).toEqual([1_800_000]);
    expect(slow({ agents: { defaults: { heartbeat: { every: '0m' } } } })).toEqual([]);
  });

  it('take what their own block leaves out from the defaults', () => {
    const config = agents({ prompt: 'all', target: 'last', to: 'x' }, { id: 'a', heartbeat: { prompt: 'own' } });
    expect(heartbeatAgents(config)[0]).toMatchObject({ prompt: 'own', target: 'last', to: 'x', ackMaxChars: 300 });
  });

  it('look at their main conversation unless another one of theirs is named', () => {
    const key = (session: string) => heartbeatAgents(agents({ session }, { id: 'a' }))[0]?.sessionKey;
    expect([key('work'), key('agent:a:x'), key('agent:b:x'), key('main')]).toEqual([
      'agent:a:work',
      'agent:a:x',
      'agent:a:main',
      'agent:a:main',
    ]);
  });
});

describe('the times of an agent', () => {
  it('lie on a grid of its own, whenever one asks', () => {
    const every = 1_800_000;
    const phase = phaseMs('main', every);
    expect(phase).not.toBe(phaseMs('ops', every));
    const first = nextBeatMs('main', every, 0);
    expect(first % every).toBe(phase);
    expect(nextBeatMs('main', every, first)).toBe(first + every);
    expect(nextBeatMs('main', every, first - 1)).toBe(first);
    expect(nextBeatMs('main', every, first + every - 1)).toBe(first + every);
  });
});

describe('the place of an alert', () => {
  const settings = (more: object) => {
    const [found] = heartbeatAgents(agents({ target: 'last', ...more }, { id: 'a' }));
    if (!found) throw new Error('no heartbeat');
    return found;
  };
  const route = { channel: 'tg', to: '1', accountId: 'acc', isDirect: true };
  const nowhere = { kind: 'none', reason: 'no-target' };

  it.each([
    [
      'where the conversation came from',
      {},
      route,
      ['tg'],
      { kind: 'channel', channel: 'tg', to: '1', accountId: 'acc' },
    ],
    ['nowhere when it came from no channel', {}, undefined, ['tg'], nowhere],
    ['nowhere when that channel is gone', {}, route, [], nowhere],
    ['nowhere when told so', { target: 'none' }, route, ['tg'], nowhere],
    [
      'a channel that is named',
      { target: 'wa', to: '9' },
      route,
      ['tg', 'wa'],
      { kind: 'channel', channel: 'wa', to: '9' },
    ],
    ['nowhere without an address there', { target: 'wa' }, route, ['tg', 'wa'], nowhere],
    ['somebody else there', { to: '2' }, route, ['tg'], { kind: 'channel', channel: 'tg', to: '2', accountId: 'acc' }],
    ['nobody in person', { directPolicy: 'block' }, route, ['tg'], { kind: 'none', reason: 'dm-blocked' }],
    [
      'a group',
      { directPolicy: 'block' },
      { ...route, isDirect: false },
      ['tg'],
      { kind: 'channel', channel: 'tg', to: '1', accountId: 'acc' },
    ],
  ])('is %s', (...row) => {
    const [, more, from, channels, expected] = row;
    expect(resolveTarget(settings(more), from, channels)).toEqual(expected);
  });
});

describe('visibility', () => {
  it('is what the nearest word says', () => {
    const config = {
      channels: {
        defaults: { heartbeat: { showOk: true } },
        tg: { heartbeat: { showAlerts: false }, accounts: { b: { heartbeat: { showOk: false } } } },
      },
    } as unknown as OpenClawConfig;
    expect(visibilityFor({})).toEqual({ showOk: false, showAlerts: true, useIndicator: true });
    expect(visibilityFor(config)).toEqual({ showOk: true, showAlerts: true, useIndicator: true });
    expect(visibilityFor(config, 'tg')).toEqual({ showOk: true, showAlerts: false, useIndicator: true });
    expect(visibilityFor(config, 'tg', 'b')).toEqual({ showOk: false, showAlerts: false, useIndicator: true });
  });
});
