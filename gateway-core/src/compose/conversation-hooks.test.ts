import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../config/index.js';
import type { LifecycleEvent } from '../lifecycle-hooks/index.js';
import type { RunHappening } from '../runs/index.js';
import { LIFE_REASONS, type SessionLife } from '../sessions/index.js';
import { createConversationHooks, happeningEvent, lifeEvents } from './conversation-hooks.js';

const entry = { sessionId: 's1', updatedAt: 1 };
const found = { key: 'agent:work:main', agentId: 'work', entry };
const PLACE = { agentId: 'work', sessionKey: 'agent:work:main', sessionId: 's1' };

const received = (text: string): RunHappening => ({
  kind: 'received',
  found,
  runId: 'r1',
  runKind: 'chat',
  text,
});

describe('a message', () => {
  it('that came is told with its text and where it came from', () => {
    expect(happeningEvent(received('hi'))).toEqual({
      name: 'message:received',
      ...PLACE,
      data: { runId: 'r1', via: 'chat', text: 'hi' },
    });
    const origin = { channel: 'telegram', senderId: 'u1', isOwner: false, isGroup: true };
    expect(happeningEvent({ ...received('hi'), origin } as RunHappening)).toEqual({
      name: 'message:received',
      ...PLACE,
      ...{ channel: 'telegram', senderId: 'u1' },
      data: { runId: 'r1', via: 'chat', isOwner: false, isGroup: true, text: 'hi' },
    });
  });

  it('that was answered is told too', () => {
    expect(happeningEvent({ kind: 'sent', found, runId: 'r1', text: 'hello', origin: { channel: 'irc' } })).toEqual({
      name: 'message:sent',
      ...PLACE,
      channel: 'irc',
      data: { runId: 'r1', text: 'hello' },
    });
  });

  it('that is too long is cut between two characters, and says so', () => {
    const whole = 'x'.repeat(32_768);
    expect(happeningEvent(received(whole)).data).toEqual({ runId: 'r1', via: 'chat', text: whole });
    const long = `${'x'.repeat(32_767)}🦞 and more`;
    expect(happeningEvent(received(long)).data).toEqual({
      ...{ runId: 'r1', via: 'chat' },
      ...{ text: 'x'.repeat(32_767), isTextCut: true },
    });
  });
});

it('an agent that gets its files is told with what will serve it', () => {
  const scope = {
    ...PLACE,
    ...{ runId: 'r1', workspaceDir: '/w', provider: 'p', model: 'm', channel: 'irc', senderId: 'u' },
    ...{ isOwner: true, isMain: true, subagentDepth: 0 },
  };
  expect(happeningEvent({ kind: 'bootstrap', scope })).toEqual({
    name: 'agent:bootstrap',
    ...PLACE,
    ...{ channel: 'irc', senderId: 'u' },
    data: { runId: 'r1', provider: 'p', model: 'm', isMain: true, subagentDepth: 0, isOwner: true },
  });
});

describe('a conversation', () => {
  const life = { key: 'agent:work:main', agentId: 'work' };
  const next = { sessionId: 's2', updatedAt: 2, channel: 'irc' };

  it('that begins has no one before it', () => {
    expect(lifeEvents({ ...life, reason: 'create', begun: entry })).toEqual([
      { name: 'session:start', ...PLACE, data: { reason: 'create' } },
    ]);
  });

  it('that makes room for the next one ends first', () => {
    expect(lifeEvents({ ...life, reason: 'daily', ended: entry, begun: next })).toEqual([
      { name: 'session:end', ...PLACE, data: { reason: 'daily', nextSessionId: 's2' } },
      {
        name: 'session:start',
        ...{ ...PLACE, sessionId: 's2', channel: 'irc' },
        data: { reason: 'daily', previousSessionId: 's1' },
      },
    ]);
  });

  it('that is gone only ends', () => {
    expect(lifeEvents({ ...life, reason: 'prune', ended: next })).toEqual([
      { name: 'session:end', ...PLACE, sessionId: 's2', channel: 'irc', data: { reason: 'prune' } },
    ]);
  });
});

it('every reason is in the guide', async () => {
  const guide = await readFile(new URL('../../../docs/guide/hooks.md', import.meta.url), 'utf8');
  const named = /^- `reason` is (.*?):/ms.exec(guide)?.[1];
  expect([...(named ?? '').matchAll(/`([a-z]+)`/g)].map(([, name]) => name)).toEqual([...LIFE_REASONS]);
});

describe('while hooks are off', () => {
  const unread = (): never => {
    throw new Error('nobody asked for this');
  };
  const told: LifecycleEvent[] = [];
  let config: OpenClawConfig = {};
  const hooks = createConversationHooks({ config: () => config }, { emit: (event) => void told.push(event) });

  it('nothing is looked at; when they come on, it is', () => {
    const unreadable = new Proxy({}, { get: unread, has: unread });
    hooks.onHappening(unreadable as RunHappening);
    hooks.onLife(unreadable as SessionLife);
    expect(told).toEqual([]);
    config = { hooks: { internal: { enabled: true } } };
    hooks.onHappening(received('hi'));
    hooks.onLife({ key: found.key, agentId: 'work', reason: 'delete', ended: entry });
    expect(told.map(({ name }) => name)).toEqual(['message:received', 'session:end']);
    config = { hooks: { internal: { enabled: false } } };
    hooks.onHappening(received('hi'));
    expect(told).toHaveLength(2);
  });
});
