// sessions.* and agents.list through their handlers, against the recorded exchange (golden/04).
import { access } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { messageText } from '../protocol/index.js';
import { Bench, caller, hangsAfter, says, type Script } from './testing/bench.js';

const benches: Bench[] = [];
async function open(script: Script = says('Hello from fake model.')): Promise<Bench> {
  const bench = await Bench.open({ script });
  benches.push(bench);
  return bench;
}
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.remove();
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('agents.list', () => {
  it('is main alone in an empty config', async () => {
    const bench = await open();
    expect(await bench.call('agents.list', {})).toEqual({
      defaultId: 'main',
      mainKey: 'main',
      scope: 'per-sender',
      agents: [{ id: 'main' }],
    });
  });
});

describe('watching', () => {
  it('tells watchers of one conversation its messages, and forgets them with their connection', async () => {
    const bench = await open();
    const watcher = { caller: caller('w') };
    expect(await bench.call('sessions.messages.subscribe', { key: 'main' }, watcher)).toEqual({
      subscribed: true,
      key: 'agent:main:main',
    });
    await bench.chat('hello', 'main', 'r1');
    await bench.chat('elsewhere', 'other', 'r2');
    await bench.ended('r1');
    await bench.ended('r2');
    expect(
      bench.of('session.message').map((event) => [event.sessionKey, event.messageSeq, messageText(event.message)]),
    ).toEqual([
      ['agent:main:main', 1, 'hello'],
      ['agent:main:main', 2, 'Hello from fake model.'],
    ]);
    expect(bench.of('sessions.changed')).toEqual([]);
    bench.closeConnection('w');
    await bench.chat('again', 'main', 'r3');
    await bench.ended('r3');
    expect(bench.of('session.message')).toHaveLength(2);
    expect(await bench.call('sessions.messages.unsubscribe', { key: 'main' }, watcher)).toEqual({
      subscribed: false,
      key: 'agent:main:main',
    });
    expect(await bench.call('sessions.subscribe', {}, watcher)).toEqual({ subscribed: true });
    expect(await bench.call('sessions.unsubscribe', {}, watcher)).toEqual({ subscribed: false });
  });
});

describe('sessions.create and sessions.send', () => {
  it('make a conversation, and start a run when there is a message', async () => {
    const bench = await open();
    await bench.call('sessions.subscribe', {});
    const made = await bench.call('sessions.create', { label: 'made', message: 'first msg' });
    expect(made).toMatchObject({
      ok: true,
      entry: { label: 'made' },
      runStarted: true,
      status: 'started',
      messageSeq: 1,
    });
    expect(made.key).toMatch(/^agent:main:dashboard:[0-9a-f-]{36}$/);
    await bench.ended(made.runId ?? '');
    const reasons = bench.of('sessions.changed').flatMap((changed) => changed.reason ?? []);
    expect(reasons).toEqual(['create', 'send']);
    expect(await bench.call('sessions.create', { key: 'agent:main:created2' })).toMatchObject({
      key: 'agent:main:created2',
      runStarted: false,
    });
    const sent = await bench.call('sessions.send', { key: 'agent:main:created2', message: 'hello via sessions.send' });
    expect(sent).toEqual({ runId: expect.any(String) as string, status: 'started', messageSeq: 1 });
    await bench.ended(sent.runId);
  });

  it.each([
    [{ agentId: 'nope' }, 'unknown agent id "nope"'],
    [{ key: 'agent:nope:x' }, 'unknown agent id "nope"'],
    [{ key: 'agent:bad' }, 'malformed session key "agent:bad"'],
    [{ parentSessionKey: 'agent:main:nobody' }, 'unknown parent session: agent:main:nobody'],
  ])('refuse %j', async (params, message) => {
    const bench = await open();
    await expect(bench.call('sessions.create', params)).rejects.toThrow(message);
  });

  it('refuse a conversation that is not there', async () => {
    const bench = await open();
    const sending = bench.call('sessions.send', { key: 'agent:main:doesnotexist', message: 'x' });
    await expect(sending).rejects.toThrow('session not found: agent:main:doesnotexist');
  });
});

describe('sessions.resolve and sessions.preview', () => {
  it('find by key, id and label, and say what is missing', async () => {
    const bench = await open();
    const made = await bench.call('sessions.create', { label: 'notes' });
    expect(await bench.call('sessions.resolve', { key: 'main' })).toEqual({ ok: true, key: 'agent:main:main' });
    expect(await bench.call('sessions.resolve', { sessionId: made.sessionId })).toEqual({ ok: true, key: made.key });
    expect(await bench.call('sessions.resolve', { label: 'notes' })).toEqual({ ok: true, key: made.key });
    await expect(bench.call('sessions.resolve', { sessionId: 'nope' })).rejects.toThrow('No session found: nope');
    await expect(bench.call('sessions.resolve', { key: 'nope' })).rejects.toThrow('No session found: nope');
    await expect(bench.call('sessions.resolve', { label: 'zzz' })).rejects.toThrow('No session found with label: zzz');
    await expect(bench.call('sessions.resolve', {})).rejects.toThrow('Either key, sessionId, or label is required');
  });

  it('preview and list show text without stamps', async () => {
    const bench = await open();
    await bench.chat('what is this about?', 'main', 'r1');
    await bench.ended('r1');
    const { previews } = await bench.call('sessions.preview', { keys: ['main', 'nope'], limit: 2 });
    expect(previews).toEqual([
      {
        key: 'main',
        status: 'ok',
        items: [
          { role: 'user', text: 'what is this about?' },
          { role: 'assistant', text: 'Hello from fake model.' },
        ],
      },
      { key: 'nope', status: 'missing', items: [] },
    ]);
    const list = await bench.call('sessions.list', { includeDerivedTitles: true, includeLastMessage: true, limit: 2 });
    expect(list.sessions[0]).toMatchObject({
      derivedTitle: 'what is this about?',
      lastMessagePreview: 'Hello from fake model.',
    });
    expect((await bench.call('sessions.list', { search: 'nothing' })).count).toBe(0);
    expect((await bench.call('sessions.list', { agentId: 'nobody' })).sessions).toEqual([]);
  });
});

describe('sessions.patch', () => {
  it('sets, clears, refuses and tells watchers afterwards', async () => {
    const bench = await open();
    await bench.call('sessions.subscribe', {});
    const patched = await bench.call('sessions.patch', { key: 'main', label: 'my main', thinkingLevel: 'low' });
    expect(bench.of('sessions.changed')).toEqual([]);
    await turn();
    expect(bench.of('sessions.changed')).toMatchObject([
      { reason: 'patch', sessionKey: 'agent:main:main', label: 'my main' },
    ]);
    expect(patched).toMatchObject({
      ok: true,
      key: 'agent:main:main',
      entry: { label: 'my main', thinkingLevel: 'low' },
      resolved: { modelProvider: 'fake', model: 'fake-1' },
    });
    expect(await bench.call('sessions.patch', { key: 'main', model: 'fake/nope' })).toMatchObject({
      entry: { providerOverride: 'fake', modelOverride: 'nope' },
      resolved: { modelProvider: 'fake', model: 'nope' },
    });
    await expect(bench.call('sessions.patch', { key: 'main', thinkingLevel: 'bogus' })).rejects.toThrow(
      'invalid thinkingLevel (use off|minimal|low|medium|high|adaptive)',
    );
    await expect(bench.call('sessions.patch', { key: 'other', label: 'my main' })).rejects.toMatchObject({
      code: 'session.conflict',
    });
    await bench.call('sessions.patch', { key: 'main', sendPolicy: 'deny' });
    await expect(bench.call('agent', { message: 'x', sessionKey: 'main', idempotencyKey: 'denied' })).rejects.toThrow(
      'send blocked by session policy',
    );
    const cleared = await bench.call('sessions.patch', { key: 'main', sendPolicy: null, label: null, model: null });
    expect(Object.keys(cleared.entry)).not.toEqual(expect.arrayContaining(['label']));
    expect(cleared.resolved).toEqual({ modelProvider: 'fake', model: 'fake-1' });
  });
});

describe('sessions.reset and sessions.delete', () => {
  it('stop what runs, keep the old transcript aside and the settings', async () => {
    const bench = await open(hangsAfter('x'));
    await bench.call('sessions.patch', { key: 'main', label: 'kept' });
    await bench.chat('one', 'main', 'r1');
    const before = await bench.call('sessions.resolve', { key: 'main' });
    const reset = await bench.call('sessions.reset', { key: 'main', reason: 'new' });
    expect(before.key).toBe(reset.key);
    expect(bench.endsOf('r1')).toMatchObject([{ state: 'aborted' }]);
    expect(reset.entry).toMatchObject({
      label: 'kept',
      systemSent: false,
      abortedLastRun: false,
      inputTokens: 0,
      outputTokens: 0,
      totalTokens: 0,
      totalTokensFresh: true,
    });
    expect(await bench.history()).toEqual([]);
  });

  it('delete all but the main conversation', async () => {
    const bench = await open();
    await bench.chat('one', 'agent:main:temp', 'r1');
    await bench.ended('r1');
    const deleted = await bench.call('sessions.delete', { key: 'agent:main:temp' });
    expect(deleted).toMatchObject({ ok: true, key: 'agent:main:temp', deleted: true });
    await access(deleted.archived[0] ?? '');
    expect(await bench.call('sessions.delete', { key: 'agent:main:zzz' })).toEqual({
      ok: true,
      key: 'agent:main:zzz',
      deleted: false,
      archived: [],
    });
    await expect(bench.call('sessions.delete', { key: 'main' })).rejects.toThrow(
      'Cannot delete the main session (agent:main:main).',
    );
  });
});
