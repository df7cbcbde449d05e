// What the server does around a handler: responses, errors, acknowledgement, aborts, slow readers.
import { afterEach, describe, expect, it } from 'vitest';
import type { ConnectParams } from '../../src/protocol/index.js';
import { AppError } from '../../src/shared/app-error.js';
import { createLogHub, type LogRecord } from '../../src/shared/logger.js';
import { FailedWithPayload } from '../../src/shared/wire.js';
import { RawClient } from './raw-client.js';
import { type Challenge, connIdOf, createTestDevice, join, signConnect } from './test-device.js';
import { startTestServer, type TestServer, type TestServerOptions, TOKEN } from './test-server.js';

describe('requests', () => {
  let gateway: TestServer;
  afterEach(async () => {
    await gateway.stop();
  });

  const start = async (options: TestServerOptions) => {
    gateway = await startTestServer(options);
    return await join({ url: gateway.url, device: createTestDevice(), auth: { token: TOKEN } });
  };

  it('sends an expected error with its code, hint and whether to try again', async () => {
    const client = await start({
      handlers: {
        'agents.list': () => {
          throw new AppError('model.rate_limit', { retryAfterMs: 1500.4, details: { provider: 'x' } });
        },
      },
    });
    expect((await client.call('agents.list', {})).error).toEqual({
      code: 'UNAVAILABLE',
      message: 'The provider limits how often you may ask.',
      details: { code: 'model.rate_limit', hint: 'Wait a little and send it again.', provider: 'x' },
      retryable: true,
      retryAfterMs: 1500,
    });
  });

  it('sends an unexpected error as text and logs it with its stack', async () => {
    const hub = createLogHub();
    const records: LogRecord[] = [];
    hub.addSink({ write: (record) => void records.push(record) });
    const client = await start({
      log: hub.logger('gateway/ws'),
      handlers: { 'agents.list': async () => JSON.parse('{') as unknown },
    });
    const { error } = await client.call('agents.list', {});
    expect(error?.code).toBe('UNAVAILABLE');
    expect(error?.message).toMatch(/^SyntaxError: /);
    const logged = records.find(({ level }) => level === 'error');
    expect(logged?.message).toBe('agents.list failed');
    expect(JSON.stringify(logged?.fields)).toContain('stack');
  });

  it('sends payload and error together for a failed run', async () => {
    const payload = { runId: 'r', status: 'error', summary: 'no' };
    const client = await start({
      handlers: {
        'agents.list': () => {
          throw new FailedWithPayload(payload, 'no');
        },
      },
    });
    const answer = await client.call('agents.list', {});
    expect(answer).toMatchObject({ ok: false, payload, error: { code: 'UNAVAILABLE', message: 'Error: no' } });
  });

  it('sends an acknowledgement and then the result under one id', async () => {
    const client = await start({
      handlers: {
        'agents.list': async (_params, context) => {
          context.acknowledge({ status: 'accepted' });
          await Promise.resolve();
          return { status: 'ok' };
        },
      },
    });
    client.send({ type: 'req', id: 'two', method: 'agents.list' });
    expect((await client.response('two')).payload).toEqual({ status: 'accepted' });
    expect((await client.response('two')).payload).toEqual({ status: 'ok' });
  });

  it('answers requests of one connection as they get ready', async () => {
    let finish: (value: unknown) => void = () => undefined;
    const slow = new Promise((resolve) => (finish = resolve));
    const client = await start({ handlers: { 'agents.list': () => slow } });
    client.send({ type: 'req', id: 'slow', method: 'agents.list' });
    expect((await client.call('health')).ok).toBe(true);
    finish({ done: true });
    expect((await client.response('slow')).payload).toEqual({ done: true });
  });

  it('fires the signal and tells the rooms when a connection is gone', async () => {
    let aborted: () => void = () => undefined;
    const abort = new Promise<void>((resolve) => (aborted = resolve));
    let started: () => void = () => undefined;
    const running = new Promise<void>((resolve) => (started = resolve));
    const client = await start({
      handlers: {
        'agents.list': (_params, { signal }) =>
          new Promise(() => {
            signal.addEventListener('abort', () => aborted());
            started();
          }),
      },
    });
    const connId = connIdOf(client);
    const gone = new Promise<string>((resolve) => gateway.server.onConnectionClosed(resolve));
    client.send({ type: 'req', id: 'x', method: 'agents.list' });
    await running;
    client.terminate();
    await abort;
    expect(await gone).toBe(connId);
    expect(gateway.server.connectionCount()).toBe(0);
  });

  it('reports a result that does not fit the contract when told to check', async () => {
    const client = await start({ checkOutput: true, handlers: { 'agents.list': () => ({ agents: 'none' }) } });
    expect((await client.call('agents.list', {})).error?.message).toMatch(
      /^Error: the result of agents\.list does not fit its schema: /,
    );
  });

  it('handles frames that were sent before hello-ok once the client is in', async () => {
    gateway = await startTestServer();
    const client = await RawClient.open(gateway.url);
    const challenge = (await client.event('connect.challenge')).payload as Challenge;
    const plain: ConnectParams = {
      minProtocol: 3,
      maxProtocol: 3,
      client: { id: 'cli', version: '1', platform: 'linux', mode: 'cli' },
      scopes: ['operator.read'],
      auth: { token: TOKEN },
    };
    client.send({ type: 'req', id: 'c', method: 'connect', params: signConnect(plain, createTestDevice(), challenge) });
    client.send({ type: 'req', id: 'early', method: 'status' });
    expect((await client.response('early')).ok).toBe(true);
  });

  it('closes a client that does not read with 1008, and only skips what may be skipped', async () => {
    const client = await start({});
    client.pause();
    const text = 'x'.repeat(1024 * 1024);
    const big = () => gateway.server.broadcast('presence', { presence: [{ ts: 1, text }] });
    for (let sent = 0; sent < 64; sent += 1) big();
    gateway.server.broadcast('tick', { ts: 1 });
    const gone = new Promise<string>((resolve) => gateway.server.onConnectionClosed(resolve));
    big();
    client.resume();
    expect(await client.closed()).toEqual({ code: 1008, reason: 'slow consumer' });
    await gone;
    expect(client.received.some(({ event }) => event === 'tick')).toBe(false);
  });
});
