import { describe, expect, it } from 'vitest';
import { connected, identity, mismatch, setUp } from './client-room.js';
import { GatewayClosedError, GatewayRequestError, GatewayTimeoutError } from './errors.js';
import { exampleHello, settled } from './fake-gateway.js';
import type { DeviceAuth, Gap } from './types.js';

describe('handshake', () => {
  it('waits for the challenge and connects device-less without an identity', async () => {
    const { client, socket, states } = setUp({ auth: { token: 't' }, caps: ['tool-events'] });
    client.start();
    expect(socket(0).sent).toEqual([]);
    const connect = await socket(0).challenge();
    expect(connect).toMatchObject({
      type: 'req',
      method: 'connect',
      params: {
        minProtocol: 3,
        maxProtocol: 4,
        role: 'operator',
        scopes: ['operator.read', 'operator.write'],
        caps: ['tool-events'],
        auth: { token: 't' },
      },
    });
    expect(connect.params).not.toHaveProperty('device');
    socket(0).answer(connect.id, exampleHello());
    await settled();
    expect(states.map(({ phase }) => phase)).toEqual(['connecting', 'ready']);
    expect(client.state.hello?.server.connId).toBe('conn-1');
  });

  it('signs the v3 payload with the nonce and time of the challenge', async () => {
    const { client, socket } = setUp({ identity, auth: { token: 'tok' } });
    client.start();
    const connect = await socket(0).challenge('nonce-9', 777);
    expect(connect.params?.device).toEqual({
      id: 'device-1',
      publicKey: 'key-1',
      signedAt: 777,
      nonce: 'nonce-9',
      signature: 'signed:v3|device-1|cli|cli|operator|operator.read,operator.write|777|tok|nonce-9|linux|',
    });
  });

  it('sends a stored device token as the token when there is no shared secret', async () => {
    const { client, socket } = setUp({ identity, auth: { deviceToken: 'dev-tok' } });
    client.start();
    const connect = await socket(0).challenge();
    expect(connect.params?.auth).toEqual({ token: 'dev-tok' });
  });

  it('hands a newly issued device token to the host', async () => {
    const issued: Array<DeviceAuth | undefined> = [];
    const { client, socket } = setUp({ identity, onDeviceAuth: (auth) => issued.push(auth) });
    client.start();
    await socket(0).welcome(exampleHello({ auth: { deviceToken: 'dt', role: 'operator', scopes: ['operator.read'] } }));
    expect(issued).toEqual([{ deviceToken: 'dt', role: 'operator', scopes: ['operator.read'] }]);
  });

  it('closes when no challenge comes', async () => {
    const { client, timers, socket, states } = setUp({ handshakeTimeoutMs: 2_000 });
    client.start();
    await timers.advance(2_000);
    expect(socket(0).closedByClient).toEqual({ code: 1008, reason: 'connect challenge timeout' });
    expect(states.at(-1)).toMatchObject({ phase: 'waiting', error: { code: 'GATEWAY_CLOSED' } });
  });

  it('gives up on an answer that is not a hello-ok', async () => {
    const { client, socket } = setUp();
    client.start();
    const connect = await socket(0).challenge();
    socket(0).answer(connect.id, { type: 'hello' });
    expect(client.state.error?.message).toContain('not a hello-ok');
  });

  it('ends the attempt when signing fails', async () => {
    const broken = { ...identity, sign: () => Promise.reject(new Error('no key')) };
    const { client, socket } = setUp({ identity: broken });
    client.start();
    socket(0).event('connect.challenge', { nonce: 'n', ts: 1 });
    await settled();
    expect(client.state).toMatchObject({ phase: 'waiting', error: { message: expect.stringContaining('no key') } });
  });

  it('is refused, not retried, when the address cannot be opened', () => {
    const { client } = setUp({
      transport: () => {
        throw new SyntaxError('bad url');
      },
    });
    client.start();
    expect(client.state).toMatchObject({ phase: 'refused', error: { code: 'GATEWAY_URL_INVALID' } });
  });
});

describe('requests', () => {
  it('resolve with the payload of the response of the same id, in any order', async () => {
    const { client, first } = await connected();
    const one = client.call('a');
    const two = client.call('b', { x: 1 });
    const [a, b] = first.sent.slice(-2);
    expect(a).not.toHaveProperty('params');
    expect(b?.params).toEqual({ x: 1 });
    first.answer(b?.id ?? '', 'second');
    first.answer(a?.id ?? '', 'first');
    expect(await Promise.all([one, two])).toEqual(['first', 'second']);
  });

  it('reject with the error of the gateway and the payload that came along', async () => {
    const { client, first } = await connected();
    const answer = client.call('agent');
    first.refuse(
      first.last.id,
      { code: 'UNAVAILABLE', message: 'provider down', retryable: true, retryAfterMs: 5, details: { code: 'X' } },
      { runId: 'r', status: 'error' },
    );
    const error = await answer.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(GatewayRequestError);
    expect(error).toMatchObject({
      code: 'UNAVAILABLE',
      detailCode: 'X',
      message: 'provider down',
      retryable: true,
      retryAfterMs: 5,
      payload: { runId: 'r', status: 'error' },
    });
  });

  it('time out, and ignore the late response', async () => {
    const { client, first, timers } = await connected();
    const answer = client.call('slow', {}, { timeoutMs: 500 }).catch((caught: unknown) => caught);
    await timers.advance(500);
    expect(await answer).toBeInstanceOf(GatewayTimeoutError);
    expect(await answer).toMatchObject({ message: 'gateway timeout after 500ms', method: 'slow' });
    first.answer(first.last.id, {});
    expect(client.state.phase).toBe('ready');
  });

  it('wait without end for timeout 0', async () => {
    const { client, first, timers } = await connected();
    const before = timers.pending;
    const answer = client.call('agent.wait', {}, { timeoutMs: 0 });
    expect(timers.pending).toBe(before);
    first.answer(first.last.id, 'done');
    expect(await answer).toBe('done');
  });

  it('stop waiting when the signal fires', async () => {
    const { client, timers } = await connected();
    const before = timers.pending;
    const abort = new AbortController();
    const answer = client.call('slow', {}, { signal: abort.signal }).catch((caught: unknown) => caught);
    abort.abort(new Error('changed my mind'));
    expect(await answer).toMatchObject({ message: 'changed my mind' });
    expect(timers.pending).toBe(before);
    await expect(client.call('slow', {}, { signal: abort.signal })).rejects.toThrow('changed my mind');
  });

  it('take the second of two responses when the final one is expected', async () => {
    const { client, first } = await connected();
    const accepted: unknown[] = [];
    const answer = client.call('agent', {}, { expectFinal: true, onAccepted: (payload) => accepted.push(payload) });
    const { id } = first.last;
    first.answer(id, { runId: 'r', status: 'accepted', acceptedAt: 1 });
    expect(accepted).toHaveLength(1);
    first.answer(id, { runId: 'r', status: 'ok' });
    expect(await answer).toEqual({ runId: 'r', status: 'ok' });
  });

  it('take the acknowledgement when the final response is not asked for', async () => {
    const { client, first } = await connected();
    const answer = client.call('agent');
    first.answer(first.last.id, { runId: 'r', status: 'accepted' });
    expect(await answer).toEqual({ runId: 'r', status: 'accepted' });
    first.answer(first.last.id, { runId: 'r', status: 'ok' });
    expect(client.state.phase).toBe('ready');
  });

  it('reject when the connection closes', async () => {
    const { client, first } = await connected();
    const answer = client.call('health').catch((caught: unknown) => caught);
    first.close(1006);
    expect(await answer).toBeInstanceOf(GatewayClosedError);
    expect(await answer).toMatchObject({
      closeCode: 1006,
      message: 'gateway closed (1006 abnormal closure (no close frame)): no close reason',
    });
  });

  it('wait for the connection that is being made, and reject when it fails', async () => {
    const { client, socket } = setUp();
    client.start();
    const early = client.call('health');
    const lost = client.call('status').catch((caught: unknown) => caught);
    await socket(0).welcome();
    const [health] = socket(0).sent.slice(-2);
    socket(0).answer(health?.id ?? '', 'ok');
    expect(await early).toBe('ok');
    socket(0).close(1012, 'service restart');
    expect(await lost).toMatchObject({ closeCode: 1012 });
  });

  it('reject at once when nothing is being tried', async () => {
    const { client } = setUp();
    await expect(client.call('health')).rejects.toBeInstanceOf(GatewayClosedError);
  });

  it('carry the refusal of the gateway as the cause', async () => {
    const { client, socket } = setUp({ auth: { token: 'wrong' } });
    client.start();
    const answer = client.ready().catch((caught: unknown) => caught);
    const connect = await socket(0).challenge();
    socket(0).refuse(connect.id, mismatch);
    socket(0).close(1008, mismatch.message);
    expect(await answer).toMatchObject({ closeCode: 1008, cause: { message: mismatch.message } });
  });
});

describe('events', () => {
  it('reach the listeners of their name until these leave', async () => {
    const { client, first } = await connected();
    const heard: unknown[] = [];
    const off = client.on('tick', (payload) => heard.push(payload));
    first.event('tick', { ts: 1 }, 1);
    first.event('health', {}, 2);
    off();
    first.event('tick', { ts: 2 }, 3);
    expect(heard).toEqual([{ ts: 1 }]);
  });

  it('report a gap once, before the event that shows it', async () => {
    const { client, first } = await connected();
    const order: unknown[] = [];
    client.onGap((gap) => order.push(gap));
    client.on('tick', (_payload, frame) => order.push(frame.seq));
    for (const seq of [7, 8, 11, 12]) first.event('tick', { ts: 1 }, seq);
    first.event('tick', { ts: 1 });
    expect(order).toEqual([7, 8, { reason: 'missed', expected: 9, received: 11 } satisfies Gap, 11, 12, undefined]);
  });

  it('skip frames that cannot be read', async () => {
    const { client, first } = await connected();
    for (const text of ['not json', '[]', '42', '{"type":"event"}', '{"type":"res","id":1}']) first.text(text);
    expect(client.state.phase).toBe('ready');
  });
});
