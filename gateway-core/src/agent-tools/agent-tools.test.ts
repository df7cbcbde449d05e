import { afterEach, describe, expect, it } from 'vitest';
import { House, type HouseOptions, textOf } from './testing/house.js';

let house: House | undefined;
const open = async (options?: HouseOptions) => (house = await House.open(options));
afterEach(() => house?.remove());

const HELPER = 'agent:main:subagent:a';
const OTHER = 'agent:main:subagent:b';

async function family(options?: HouseOptions): Promise<House> {
  const made = await open({ config: { agents: { list: [{ id: 'main' }, { id: 'work' }] } }, ...options });
  await made.session('agent:main:main');
  await made.session('agent:main:side');
  await made.session('agent:work:main');
  await made.session(HELPER, { spawnedBy: 'agent:main:main', spawnDepth: 1, label: 'mine' });
  await made.session(OTHER, { spawnedBy: 'agent:main:side', spawnDepth: 1, label: 'theirs' });
  await made.session('agent:work:subagent:c', { spawnedBy: HELPER, spawnDepth: 2 });
  return made;
}

const listed = async (made: House, more = {}) => {
  const { details } = await made.call('sessions_list', {}, more);
  return (details as { sessions: Array<{ key: string }> }).sessions.map(({ key }) => key).sort();
};

describe('the set of tools', () => {
  it('costs the prompt no more than 4.5 kB', async () => {
    const { tools } = await open();
    const all = await tools.tools((house as House).context());
    const sent = all.map(({ name, description, parameters }) => ({ name, description, parameters }));
    expect(all).toHaveLength(12);
    expect(Buffer.byteLength(JSON.stringify(sent))).toBeLessThanOrEqual(4_500);
  });
});

describe('seeing conversations', () => {
  it('shows a conversation its own tree, helpers of helpers included', async () => {
    const made = await family();
    expect(await listed(made)).toEqual(['agent:main:main', HELPER, 'agent:work:subagent:c']);
  });

  it('shows what tools.sessions.visibility says', async () => {
    const config = (visibility: 'self' | 'agent' | 'all', enabled = false) => ({
      agents: { list: [{ id: 'main' }, { id: 'work' }] },
      tools: { sessions: { visibility }, agentToAgent: { enabled } },
    });
    expect(await listed(await family({ config: config('self') }))).toEqual(['agent:main:main']);
    await house?.remove();
    const own = ['agent:main:main', 'agent:main:side', HELPER, OTHER];
    expect(await listed(await family({ config: config('agent') }))).toEqual(own);
    await house?.remove();
    expect(await listed(await family({ config: config('all') }))).toEqual([...own, 'agent:work:subagent:c']);
    await house?.remove();
    const everything = [...own, 'agent:work:main', 'agent:work:subagent:c'];
    expect(await listed(await family({ config: config('all', true) }))).toEqual(everything);
  });

  it('keeps to the agents that tools.agentToAgent.allow lists', async () => {
    const tools = { sessions: { visibility: 'all' as const }, agentToAgent: { enabled: true, allow: ['main'] } };
    const made = await family({ config: { agents: { list: [{ id: 'main' }, { id: 'work' }] }, tools } });
    expect(await listed(made)).not.toContain('agent:work:main');
  });

  it.each([
    ['a helper', { sessionKey: HELPER, subagentDepth: 1 }],
    ['a stranger', { sessionKey: HELPER, isOwner: false }],
  ])('never shows %s another tree, whatever the config shows', async (_who, more) => {
    const tools = { sessions: { visibility: 'all' as const }, agentToAgent: { enabled: true } };
    const made = await family({ config: { agents: { list: [{ id: 'main' }, { id: 'work' }] }, tools } });
    expect(await listed(made, more)).toEqual([HELPER, 'agent:work:subagent:c']);
    for (const sessionKey of ['agent:main:main', OTHER, 'agent:work:main', 'agent:nobody:x']) {
      await expect(made.call('sessions_history', { sessionKey }, more)).rejects.toThrow(
        `Unknown sessionKey: ${sessionKey}`,
      );
      await expect(made.call('session_status', { sessionKey }, more)).rejects.toThrow('Unknown sessionKey');
      await expect(made.call('sessions_send', { sessionKey, message: 'x' }, more)).rejects.toThrow('that you can see');
    }
    const byLabel = made.call('sessions_send', { label: 'theirs', message: 'x' }, more);
    await expect(byLabel).rejects.toThrow('no conversation labelled "theirs" that you can see');
  });

  it('shows a sandbox its own tree unless the sandbox settings open it', async () => {
    const tools = { sessions: { visibility: 'all' as const }, agentToAgent: { enabled: true } };
    const agents = { list: [{ id: 'main' }, { id: 'work' }] };
    const isSandboxed = () => true;
    const closed = await family({ config: { agents, tools }, isSandboxed });
    expect(await listed(closed)).toEqual(['agent:main:main', HELPER, 'agent:work:subagent:c']);
    await closed.remove();
    const open = { ...agents, defaults: { sandbox: { sessionToolsVisibility: 'all' as const } } };
    expect(await listed(await family({ config: { agents: open, tools }, isSandboxed }))).toHaveLength(6);
  });

  it('ends on a line of askers that goes in a circle', async () => {
    const made = await open();
    await made.session('agent:main:subagent:x', { spawnedBy: 'agent:main:subagent:y' });
    await made.session('agent:main:subagent:y', { spawnedBy: 'agent:main:subagent:x' });
    expect(await listed(made)).toEqual([]);
  });
});

describe('looking', () => {
  it('reads the messages of a conversation without results of tools', async () => {
    const made = await open({ think: (_key, last) => ({ text: `heard ${last.slice(-5)}` }) });
    await made.say('hello');
    const { content, details } = await made.call('sessions_history', { sessionKey: 'main' });
    expect(textOf({ content })).toMatch(/^user: .*hello\n\nassistant: heard hello$/s);
    expect(details).toEqual({ sessionKey: 'agent:main:main', count: 2 });
  });

  it('tells how its own conversation stands', async () => {
    const { content } = await (await open()).call('session_status', {});
    expect(textOf({ content })).toContain('Model: fake/fake-1');
    expect(textOf({ content })).toContain('Session: agent:main:main, not started yet');
  });

  it('lists the agents that may help', async () => {
    const list = [{ id: 'main', subagents: { allowAgents: ['work'] } }, { id: 'work', name: 'Worker' }, { id: 'x' }];
    const made = await open({ config: { agents: { list } } });
    const { content, details } = await made.call('agents_list', {});
    expect(textOf({ content })).toBe('main\nwork (Worker)');
    expect(details).toMatchObject({ requester: 'main', allowAny: false });
    await expect(made.call('sessions_spawn', { task: 'x', agentId: 'x' })).rejects.toThrow('"x" may not help you');
  });
});

describe('message', () => {
  it('writes into the conversation it is called in', async () => {
    const made = await open();
    await made.call('message', { action: 'send', text: ' hi ' });
    expect(made.announced).toEqual([{ sessionKey: 'agent:main:main', text: 'hi' }]);
  });

  it.each([
    [{ text: 'x', channel: 'telegram' }, 'No channel "telegram" is configured'],
    [{ text: 'x', to: '+1555' }, 'Nobody is known as "+1555"'],
    [{ text: '  ' }, 'text required'],
    [{ text: 'x', action: 'delete' }, 'unknown action "delete"'],
  ])('refuses %j', async (args, words) => {
    const made = await open();
    await expect(made.call('message', args)).rejects.toThrow(words);
    expect(made.announced).toEqual([]);
  });
});
