import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Message } from '../protocol/index.js';
import { isAppError } from '../shared/app-error.js';
import { mayStandIn } from './stand-in.js';
import { ask, fakeConfig, listen, testModels } from './test-models.js';
import type { ModelRequest } from './types.js';

const WATCHED = { isFromPerson: true, isWatched: true };
const never = new AbortController().signal;

/** An address where nobody listens. */
async function deadAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}/v1`;
}

describe('a provider that cannot be reached', () => {
  it('is stood in for by the offline assistant, which says so', async () => {
    const models = testModels(fakeConfig(await deadAddress()));
    const heard = await listen(models.stream(ask('hi', WATCHED), { signal: never }));
    expect(heard.error).toBeUndefined();
    expect(heard.events.at(-1)).toMatchObject({ type: 'stop' });
    expect(heard.events.findLast(({ type }) => type === 'start')).toMatchObject({ provider: 'offline' });
    expect(heard.text).toMatch(
      /^fake\/fake-1: the provider cannot be reached: .*\. Until it can, the offline assistant/,
    );
    expect(heard.text.endsWith('\n\noffline')).toBe(true);
  });

  it('is an error for programs, schedules and helpers', async () => {
    const models = testModels(fakeConfig(await deadAddress()));
    const heard = await listen(models.stream(ask('hi'), { signal: never }));
    expect(isAppError(heard.error, 'model.unreachable')).toBe(true);
  });

  it('that answers with an error is not stood in for', async () => {
    const server = createServer((_request, response) => response.writeHead(401).end('{}')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const models = testModels(fakeConfig(`http://127.0.0.1:${port}/v1`));
    const heard = await listen(models.stream(ask('hi', WATCHED), { signal: never }));
    expect(isAppError(heard.error, 'model.auth')).toBe(true);
    server.close();
    server.closeAllConnections();
  });
});

describe('the offline assistant stands in', () => {
  const user: Message = { role: 'user', content: 'hi' };
  const event: Message = { role: 'system', content: 'System: something' };
  const result: Message = { role: 'toolResult', toolCallId: 'c', toolName: 'exec', content: [] };
  const may = (messages: Message[], more: Partial<ModelRequest> = {}) =>
    mayStandIn({ agentId: 'main', sessionKey: 'agent:main:main', ...WATCHED, messages, ...more });

  it('for what a person asked, and not in the middle of a task or beside a conversation', () => {
    expect(may([user])).toBe(true);
    expect(may([user, event])).toBe(true);
    expect(may([user, { role: 'assistant', content: [] }, result])).toBe(false);
    expect(may([user], { isAside: true })).toBe(false);
    expect(may([user], { isFromPerson: false })).toBe(false);
    expect(may([user], { isWatched: false })).toBe(false);
    expect(may([])).toBe(false);
  });
});
