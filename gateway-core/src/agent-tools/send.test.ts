import { afterEach, describe, expect, it } from 'vitest';
import { hopsOf } from './hops.js';
import { House, type HouseOptions, type Think, textOf } from './testing/house.js';
import { Waits } from './waits.js';

let house: House | undefined;
const open = async (options?: HouseOptions) => (house = await House.open(options));
afterEach(() => house?.remove());

const A = 'agent:main:main';
const B = 'agent:work:main';
const CONFIG = {
  agents: { list: [{ id: 'main' }, { id: 'work' }] },
  tools: { sessions: { visibility: 'all' as const }, agentToAgent: { enabled: true } },
};

const sends = (sessionKey: string, more: object = {}) => ({
  calls: [{ name: 'sessions_send', args: { sessionKey, message: 'ping', ...more } }],
});

describe('sessions_send', () => {
  it('gives the answer of the other conversation', async () => {
    const made = await open({ config: CONFIG, think: () => ({ text: 'pong' }) });
    const { content, details } = await made.call('sessions_send', { sessionKey: B, message: 'ping' });
    expect(textOf({ content })).toBe('pong');
    expect(details).toMatchObject({ status: 'ok', reply: 'pong', runId: expect.stringMatching(/^a2a-1-/) });
    expect((await made.messages(B))[0]?.text).toContain('[Message of agent "main" from agent:main:main]\nping');
  });

  it('finds a conversation by its label', async () => {
    const made = await open();
    await made.session('agent:main:subagent:x', { spawnedBy: A, label: 'notes' });
    expect((await made.call('sessions_send', { label: 'notes', message: 'x' })).details).toMatchObject({ reply: 'ok' });
  });

  it('does not wait with timeoutSeconds 0, and says when the time is over', async () => {
    const made = await open({ config: CONFIG, think: () => ({ hang: true }) });
    const sent = await made.call('sessions_send', { sessionKey: B, message: 'x', timeoutSeconds: 0 });
    expect(sent.details).toMatchObject({ status: 'accepted' });
    const late = await made.call('sessions_send', { sessionKey: B, message: 'y', timeoutSeconds: 0.05 });
    expect(late.details).toMatchObject({ status: 'timeout' });
  });

  it('lets go at once when its run is stopped', async () => {
    const made = await open({ config: CONFIG, think: () => ({ hang: true }) });
    const controller = new AbortController();
    const sending = made.call('sessions_send', { sessionKey: B, message: 'x' }, { signal: controller.signal });
    await made.until(async () => (await made.store.find(B))?.entry.status === 'running');
    controller.abort(new Error('stopped'));
    await expect(sending).rejects.toThrow('stopped');
  });

  it('never writes to itself', async () => {
    const made = await open({ config: CONFIG });
    await expect(made.call('sessions_send', { sessionKey: 'main', message: 'x' })).rejects.toThrow('your own');
  });

  it('refuses to wait for a conversation that waits for it', async () => {
    const refusals: string[] = [];
    const think: Think = (key, last) => {
      if (last.includes('waits for you already')) refusals.push(key);
      if (key === A && last.includes('go')) return sends(B);
      if (key === B && last.includes('ping')) return sends(A);
      return { text: `done in ${key}` };
    };
    const made = await open({ config: CONFIG, think });
    expect(await made.say('go')).toMatchObject({ status: 'done' });
    expect(refusals).toEqual([B]);
    expect((await made.messages(A)).at(-1)?.text).toBe('done in agent:main:main');
  });

  it('ends a matter that goes back and forth', async () => {
    const runs: string[] = [];
    const think: Think = (key, last) => {
      if (last.includes('maxPingPongTurns')) runs.push('refused');
      if (!/go|ping/.test(last) || last.includes('Sent.')) return { text: 'end' };
      if (last.includes('ping')) runs.push(key);
      return sends(key === A ? B : A, { timeoutSeconds: 0 });
    };
    const made = await open({ config: { ...CONFIG, session: { agentToAgent: { maxPingPongTurns: 2 } } }, think });
    await made.say('go');
    await made.until(() => runs.includes('refused') && made.runs.active() === 0);
    expect(runs).toEqual([B, A, B, 'refused']);
  });

  it('passes on that a stranger asked', async () => {
    const made = await open();
    await made.session('agent:main:subagent:x', { spawnedBy: 'agent:main:g' });
    const stranger = { sessionKey: 'agent:main:g', isOwner: false, channel: 'irc', senderId: 'eve' };
    await made.call('sessions_send', { sessionKey: 'agent:main:subagent:x', message: 'x' }, stranger);
    expect(made.starts[0]?.origin).toEqual({ channel: 'irc', senderId: 'eve', isOwner: false });
  });
});

describe('waits', () => {
  it('sees a circle over several conversations until somebody stops waiting', () => {
    const waits = new Waits();
    waits.add('a', ['b']);
    const done = waits.add('b', ['c']);
    expect(waits.closesCircle('c', 'a')).toBe(true);
    expect(waits.closesCircle('c', 'd')).toBe(false);
    expect(waits.closesCircle('c', 'c')).toBe(true);
    done();
    expect(waits.closesCircle('c', 'a')).toBe(false);
  });
});

describe('hops', () => {
  it('reads what the id of a run says', () => {
    expect([hopsOf('a2a-3-x'), hopsOf('x'), hopsOf('a2a-x')]).toEqual([3, 0, 0]);
  });
});
