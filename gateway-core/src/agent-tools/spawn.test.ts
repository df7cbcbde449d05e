import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../config/index.js';
import { requireSessionKey } from '../sessions/index.js';
import { type Clock, systemClock } from '../shared/clock.js';
import { House, type HouseOptions, type Step, type Think, textOf } from './testing/house.js';

const houses: House[] = [];
async function open(options?: HouseOptions): Promise<House> {
  const made = await House.open(options);
  houses.push(made);
  return made;
}
afterEach(async () => {
  for (const made of houses.splice(0).toReversed()) await made.remove();
});

const MAIN = 'agent:main:main';
const isHelper = (key: string) => key.includes(':subagent:');
const spawns = (...tasks: string[]): Step => ({
  calls: tasks.map((task) => ({ name: 'sessions_spawn', args: { task, label: task } })),
});
const yields: Step = { calls: [{ name: 'sessions_yield' }] };
const helperKeys = async (made: House) => (await made.keys()).filter(isHelper);
const subagents = (config: object): OpenClawConfig => ({ agents: { defaults: { subagents: config } } });

/** A gate that helpers wait at. */
function gate() {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), passed };
}

describe('sessions_spawn', () => {
  it('gives a helper an empty conversation with its task, and returns at once', async () => {
    const seen: string[] = [];
    const think: Think = (key, last, { messages, system }) => {
      if (isHelper(key))
        seen.push(`${messages.length} ${last.includes('count stars')} ${/You are a helper/.test(system ?? '')}`);
      return isHelper(key) ? { text: '42 stars' } : { text: 'fine' };
    };
    const made = await open({ think });
    const { details } = await made.call('sessions_spawn', { task: 'count stars', label: 'stars' });
    const { childSessionKey, runId } = details as { childSessionKey: string; runId: string };
    expect(details).toMatchObject({ status: 'accepted', label: 'stars' });
    expect(childSessionKey).toMatch(/^agent:main:subagent:[0-9a-f-]{36}$/);
    await made.runs.find(runId)?.ended;
    expect(seen).toEqual(['1 true true']);
    const { entry } = (await made.store.find(childSessionKey)) ?? {};
    expect(entry).toMatchObject({ label: 'stars', spawnedBy: MAIN, spawnDepth: 1 });
  });

  it('brings the result into the conversation in a run of its own', async () => {
    const think: Think = (key, last) => {
      if (isHelper(key)) return { text: 'the moon is far' };
      if (last.includes('Helpers that you started')) return { text: 'I tell you: far' };
      return last.includes('go') ? spawns('moon') : { text: 'it works' };
    };
    const made = await open({ think });
    await made.session(MAIN);
    await made.say('go');
    await made.until(async () => (await made.messages(MAIN)).some(({ text }) => text.startsWith('I tell you')));
    const told = (await made.messages(MAIN)).find(({ text }) => text.includes('Helpers that you started'));
    expect(told?.role).toBe('user');
    expect(told?.text).toMatch(/Helper: moon .*Task: moon\nStatus: done after \d+ s\nResult:\nthe moon is far$/s);
  });

  it('tells several results that came during one run in one message', async () => {
    const ended = gate();
    const think: Think = async (key, last) => {
      if (isHelper(key)) return { text: `result of ${key}` };
      if (last.includes('go')) return spawns('one', 'two');
      if (!last.includes('Helpers that you started')) await ended.passed;
      return { text: 'done' };
    };
    const made = await open({ think });
    const { ended: run } = await made.start('go');
    await made.until(() => made.queued.length === 2);
    ended.open();
    await run;
    await made.until(() => made.starts.length === 3 && made.runs.active() === 0);
    expect(made.starts.at(-1)?.message.match(/Result:/g)).toHaveLength(2);
    expect(made.queued[0]).toMatchObject({ sessionKey: MAIN, text: expect.stringContaining('has ended') });
  });

  it.each<[string, { config?: object; args: Record<string, unknown>; depth?: number; words: string }]>([
    ['too deep', { args: { task: 'x' }, depth: 1, words: 'nested deeper than 1' }],
    ['without a task', { args: {}, words: 'task required' }],
    ['of an agent that may not help', { args: { task: 'x', agentId: 'work' }, words: '"work" may not help' }],
    [
      'without the agent that is asked for',
      { config: { requireAgentId: true }, args: { task: 'x' }, words: 'agentId required' },
    ],
    ['with a model that is not there', { args: { task: 'x', model: 'gpt/1' }, words: 'gpt/1 cannot be used' }],
    ['with thinking that is not there', { args: { task: 'x', thinking: 'deep' }, words: 'thinking must be one of' }],
  ])('refuses a helper %s', async (_why, { config = {}, args, depth = 0, words }) => {
    const made = await open({ config: subagents(config) });
    await expect(made.call('sessions_spawn', args, { subagentDepth: depth })).rejects.toThrow(words);
    expect(await made.keys()).toEqual([]);
  });

  it('refuses a model outside agents.defaults.models', async () => {
    const made = await open({ config: { agents: { defaults: { models: { 'fake/fake-2': {} } } } } });
    await expect(made.call('sessions_spawn', { task: 'x', model: 'fake/fake-1' })).rejects.toThrow('not among');
    const { details } = await made.call('sessions_spawn', { task: 'x', model: 'fake/fake-2', thinking: 'low' });
    const found = await made.store.find((details as { childSessionKey: string }).childSessionKey);
    expect(found?.entry).toMatchObject({ providerOverride: 'fake', modelOverride: 'fake-2', thinkingLevel: 'low' });
  });

  it('keeps the number also when several conversations ask at the same moment', async () => {
    const made = await open({ think: () => ({ hang: true }), config: subagents({ maxConcurrent: 1 }) });
    const ask = (sessionKey: string) => made.call('sessions_spawn', { task: 'x' }, { sessionKey });
    const asked = await Promise.allSettled([ask('agent:main:one'), ask('agent:main:two'), ask('agent:main:three')]);
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await helperKeys(made)).toHaveLength(1);
  });

  it('leaves no conversation behind for a run that was stopped meanwhile', async () => {
    const made = await open();
    const stopped = new AbortController();
    const asked = made.call('sessions_spawn', { task: 'x' }, { signal: stopped.signal });
    stopped.abort(new Error('stopped'));
    await expect(asked).rejects.toThrow('stopped');
    expect(await made.keys()).toEqual([]);
  });

  it('takes the model of tools.subagents where no other is named', async () => {
    const made = await open({ config: { tools: { subagents: { model: 'fake/fake-2' } } } });
    const { details } = await made.call('sessions_spawn', { task: 'x' });
    const found = await made.store.find((details as { childSessionKey: string }).childSessionKey);
    expect(found?.entry).toMatchObject({ modelOverride: 'fake-2' });
  });

  it('keeps the number of helpers for one and for all', async () => {
    const think: Think = () => ({ hang: true });
    const made = await open({ think, config: subagents({ maxChildrenPerAgent: 1, maxConcurrent: 2 }) });
    await made.call('sessions_spawn', { task: 'x' });
    await expect(made.call('sessions_spawn', { task: 'x' })).rejects.toThrow('1 helpers work for you');
    await made.call('sessions_spawn', { task: 'x' }, { sessionKey: 'agent:main:side' });
    const third = made.call('sessions_spawn', { task: 'x' }, { sessionKey: 'agent:main:third' });
    await expect(third).rejects.toThrow('2 helpers are at work');
  });

  it('lets nobody out of a sandbox with the help of another agent', async () => {
    const config: OpenClawConfig = {
      agents: { list: [{ id: 'main', subagents: { allowAgents: ['*'] } }, { id: 'work' }] },
    };
    const made = await open({ config, isSandboxed: ({ agentId }) => agentId === 'main' });
    await expect(made.call('sessions_spawn', { task: 'x', agentId: 'work' })).rejects.toThrow('outside the sandbox');
    expect(await made.keys('work')).toEqual([]);
  });

  it('takes the standing of the asker and its time limit over, and no more than that', async () => {
    const made = await open({ config: subagents({ runTimeoutSeconds: 60 }) });
    const stranger = { isOwner: false, channel: 'irc', senderId: 'eve' };
    await made.call('sessions_spawn', { task: 'x', runTimeoutSeconds: 600 }, stranger);
    await made.call('sessions_spawn', { task: 'x', runTimeoutSeconds: 0 });
    await made.call('sessions_spawn', { task: 'x', runTimeoutSeconds: 5 });
    expect(made.starts.map(({ timeoutMs }) => timeoutMs)).toEqual([60_000, 60_000, 5_000]);
    expect(made.starts[0]?.origin).toEqual(stranger);
  });

  it('gives helpers the tools of helpers', async () => {
    const offered: string[][] = [];
    const think: Think = (key, _last, { tools = [] }) => {
      if (isHelper(key)) offered.push(tools.map(({ name }) => name));
      return { text: 'ok' };
    };
    const made = await open({ think });
    const { details } = await made.call('sessions_spawn', { task: 'x' });
    await made.runs.find((details as { runId: string }).runId)?.ended;
    const names = offered[0] ?? [];
    for (const name of ['gateway', 'cron', 'message', 'sessions_send', 'sessions_spawn', 'sessions_list']) {
      expect(names).not.toContain(name);
    }
  });
});

describe('sessions_yield', () => {
  it('waits for the helpers and gives their results, which are then not told again', async () => {
    const ready = gate();
    const think: Think = async (key, last) => {
      if (isHelper(key)) {
        await ready.passed;
        return { text: `result ${last.includes('one') ? 1 : 2}` };
      }
      if (last.includes('go')) return spawns('one', 'two');
      if (last.includes('has begun')) return yields;
      return { text: `got ${(last.match(/result \d/g) ?? []).join(' and ')}` };
    };
    const made = await open({ think });
    const { ended } = await made.start('go');
    await made.until(() => made.runs.active() === 3);
    ready.open();
    expect(await ended).toMatchObject({ status: 'done', texts: ['got result 1 and result 2'] });
    expect(made.starts).toHaveLength(2);
    expect((await made.call('sessions_yield', {})).details).toEqual({ status: 'done', results: [], running: [] });
  });

  it('names those that work on when the time is over', async () => {
    const made = await open({ think: () => ({ hang: true }) });
    await made.call('sessions_spawn', { task: 'x', label: 'slow' });
    const { content, details } = await made.call('sessions_yield', { timeoutSeconds: 0.05 });
    expect(textOf({ content })).toContain('Still at work: slow');
    expect(details).toMatchObject({ status: 'timeout', running: await helperKeys(made) });
  });

  it('waits for the helpers of helpers', async () => {
    const think: Think = (key, last) => {
      if (last.includes('grandchild')) return { text: 'deep result' };
      if (isHelper(key) && last.includes('child') && !last.includes('Helpers')) {
        return last.includes('has begun') ? { text: 'not yet' } : spawns('grandchild');
      }
      if (isHelper(key)) return { text: `child says: ${/deep result/.exec(last)?.[0] ?? last}` };
      return { text: 'x' };
    };
    const made = await open({ think, config: subagents({ maxSpawnDepth: 2 }) });
    await made.call('sessions_spawn', { task: 'the child' });
    const { content } = await made.call('sessions_yield', {});
    expect(textOf({ content })).toContain('deep result');
  });
});

describe('stopping', () => {
  it('stops the helpers with the run that asked for them, and tells nothing', async () => {
    const think: Think = (key, last) => {
      if (isHelper(key)) return { hang: true };
      return last.includes('go') ? spawns('one', 'two') : yields;
    };
    const made = await open({ think });
    const { runId, ended } = await made.start('go');
    await made.until(() => made.runs.active() === 3);
    await made.runs.abort({ key: MAIN, runId, stopReason: 'stop' });
    await ended;
    await made.until(() => made.runs.active() === 0);
    await made.tools.stop();
    for (const key of await helperKeys(made)) {
      expect((await made.store.find(key))?.entry).toMatchObject({ status: 'killed' });
    }
    expect(made.starts).toHaveLength(2);
  });

  it('stops what works below a helper that is stopped', async () => {
    const think: Think = (key, last) => {
      if (!isHelper(key)) return { text: 'x' };
      return last.includes('upper') ? spawns('lower') : last.includes('has begun') ? yields : { hang: true };
    };
    const made = await open({ think, config: subagents({ maxSpawnDepth: 2 }) });
    await made.call('sessions_spawn', { task: 'upper', label: 'upper' });
    await made.until(() => made.runs.active() === 2);
    const { details } = await made.call('subagents', { action: 'kill', target: 'upper' });
    expect(details).toMatchObject({ killed: 2 });
    expect(made.runs.active()).toBe(0);
  });
});

describe('subagents', () => {
  it('lists, shows and redirects helpers of its own tree only', async () => {
    const think: Think = (_key, last) => (last.includes('first') ? { hang: true } : { text: `did ${last.slice(-6)}` });
    const made = await open({ think });
    await made.call('sessions_spawn', { task: 'first', label: 'a' });
    await made.until(() => made.runs.active() === 1);
    expect(textOf(await made.call('subagents', { action: 'list' }))).toMatch(
      /^1\. agent:main:subagent:\S+ "a": running/,
    );
    await made.call('subagents', { action: 'steer', target: 'a', message: 'second' });
    const { content } = await made.call('sessions_yield', {});
    expect(textOf({ content })).toContain('did second');
    expect(textOf(await made.call('subagents', { action: 'log', target: '1' }))).toContain('user: ');
    const other = { sessionKey: 'agent:main:side' };
    expect(textOf(await made.call('subagents', { action: 'list' }, other))).toBe('You have no helpers.');
    const [key = ''] = await helperKeys(made);
    for (const action of ['kill', 'log', 'steer']) {
      const call = made.call('subagents', { action, target: key, message: 'x' }, other);
      await expect(call).rejects.toThrow('No helper of yours');
    }
  });
});

describe('afterwards', () => {
  it('removes the conversation at once with cleanup delete, and keeps the transcript aside', async () => {
    const made = await open();
    await made.session(MAIN);
    await made.call('sessions_spawn', { task: 'x', cleanup: 'delete' });
    await made.until(async () => (await helperKeys(made)).length === 0);
    const files = await readdir(path.join(made.home, 'state', 'agents', 'main', 'sessions'));
    expect(files.some((name) => name.includes('.deleted.'))).toBe(true);
  });

  it('removes helpers that ended long ago', async () => {
    let shift = 0;
    const sweeps: Array<() => void> = [];
    const clock: Clock = {
      now: () => Date.now() + shift,
      after: systemClock.after,
      every: (_period, run) => {
        sweeps.push(run);
        return { cancel: () => undefined };
      },
    };
    const made = await open({ clock, config: subagents({ archiveAfterMinutes: 5 }) });
    await made.call('sessions_spawn', { task: 'x' });
    await made.call('sessions_yield', {});
    for (const sweep of sweeps) sweep();
    expect(await helperKeys(made)).toHaveLength(1);
    shift = 6 * 60_000;
    for (const sweep of sweeps) sweep();
    await made.until(async () => (await helperKeys(made)).length === 0);
  });
});

describe('a restart', () => {
  it.each(['the note that it was told', 'also the note that it ended'])(
    'after a kill that lost %s tells a result once only',
    async (lost) => {
      const first = await open({ think: (key) => ({ text: isHelper(key) ? 'the moon is far' : 'fine' }) });
      await first.session(MAIN);
      await first.call('sessions_spawn', { task: 'x', label: 'moon' });
      const isTold = async () => (await first.messages(MAIN)).some(({ text }) => text.includes('the moon is far'));
      await first.until(async () => (await isTold()) && first.runs.active() === 0);
      await first.stop();
      houses.pop();
      const file = path.join(first.home, 'state', 'agents', 'main', 'sessions', 'sessions.json');
      const index = JSON.parse(await readFile(file, 'utf8')) as Record<
        string,
        { subagentRun?: Record<string, unknown> }
      >;
      for (const { subagentRun } of Object.values(index)) {
        if (!subagentRun) continue;
        subagentRun.isTold = false;
        if (!lost.startsWith('also')) continue;
        subagentRun.status = 'running';
        delete subagentRun.endedAt;
      }
      await writeFile(file, JSON.stringify(index));
      const second = await open({ home: first.home });
      await second.runs.resumeInterrupted();
      await second.tools.resume();
      expect(second.starts).toEqual([]);
      const [key = ''] = await helperKeys(second);
      expect((await second.store.find(key))?.entry).toMatchObject({ subagentRun: { isTold: true, status: 'done' } });
    },
  );

  it('tells the results of helpers that the last process left', async () => {
    const first = await open({ think: () => ({ hang: true }) });
    await first.session(MAIN);
    await first.call('sessions_spawn', { task: 'x', label: 'lost' });
    await first.until(() => first.runs.active() === 1);
    await first.stop();
    houses.pop();
    const second = await open({ home: first.home });
    await second.runs.resumeInterrupted();
    expect(await second.tools.resume()).toBe(0);
    await second.until(() => second.starts.length === 1 && second.runs.active() === 0);
    expect(second.starts[0]).toMatchObject({
      key: requireSessionKey(MAIN, 'main'),
      message: expect.stringMatching(/Helper: lost.*interrupted \(A restart of the gateway cut it off\.\)/s),
    });
    expect(await second.tools.resume()).toBe(0);
    expect(second.starts).toHaveLength(1);
  });
});
