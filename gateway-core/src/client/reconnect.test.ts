import { describe, expect, it } from 'vitest';
import { connected, identity, mismatch, setUp } from './client-room.js';
import { GatewayClosedError } from './errors.js';
import { settled } from './fake-gateway.js';
import type { DeviceAuth, Gap } from './types.js';

describe('keeping the connection', () => {
  it('closes with 4000 after two silent tick intervals and reconnects', async () => {
    const { client, first, timers, sockets } = await connected();
    await timers.advance(50_000);
    first.event('tick', { ts: 1 }, 1);
    await timers.advance(59_999);
    expect(client.state.phase).toBe('ready');
    await timers.advance(1);
    expect(first.closedByClient).toEqual({ code: 4000, reason: 'tick timeout' });
    expect(client.state).toMatchObject({ phase: 'waiting', lastSeenMs: 1_050_000 });
    await timers.advance(1_000);
    expect(sockets).toHaveLength(2);
  });

  it('tells listeners to refetch when a lost connection is back', async () => {
    const { client, first, timers, socket } = await connected();
    const gaps: Gap[] = [];
    client.onGap((gap) => gaps.push(gap));
    await timers.advance(5_000);
    first.close(1006);
    expect(gaps).toEqual([]);
    await timers.advance(1_000);
    await socket(1).welcome();
    expect(gaps).toEqual([{ reason: 'reconnected' }]);
    socket(1).event('tick', {}, 500);
    expect(gaps).toHaveLength(1);
  });

  it('tries at once after a restart, then backs off, and counts the attempts', async () => {
    const { client, first, timers, sockets, socket } = await connected();
    await timers.advance(5_000);
    first.close(1012, 'service restart');
    expect(client.state).toMatchObject({ phase: 'waiting', attempt: 0, retryAtMs: timers.now() });
    await timers.advance(0);
    expect(sockets).toHaveLength(2);
    socket(1).close(1006);
    expect(client.state).toMatchObject({ attempt: 1, retryAtMs: timers.now() + 1_000 });
    await timers.advance(1_000);
    socket(2).close(1006);
    expect(client.state).toMatchObject({ attempt: 2, retryAtMs: timers.now() + 2_000 });
  });

  it('does not spin when each connection dies right after it is made', async () => {
    const { client, timers, socket } = await connected();
    socket(0).close(1012);
    expect(client.state.attempt).toBe(1);
    await timers.advance(1_000);
    await socket(1).welcome();
    socket(1).close(1012);
    expect(client.state).toMatchObject({ attempt: 2, retryAtMs: timers.now() + 2_000 });
  });

  it('tries at once when asked to while waiting', async () => {
    const { client, first, timers, sockets } = await connected({ reconnect: { minMs: 250 } });
    first.close(1006);
    expect(client.state.retryAtMs).toBe(timers.now() + 250);
    client.start();
    expect(sockets).toHaveLength(2);
    await timers.advance(250);
    expect(sockets).toHaveLength(2);
  });

  it('stops for good when told to', async () => {
    const { client, first, timers, sockets } = await connected();
    const answer = client.call('health').catch((caught: unknown) => caught);
    client.stop();
    expect(await answer).toBeInstanceOf(GatewayClosedError);
    expect(first.closedByClient).toEqual({ code: undefined, reason: undefined });
    expect(client.state.phase).toBe('stopped');
    expect(timers.pending).toBe(0);
    first.close(1005);
    await timers.advance(60_000);
    expect(sockets).toHaveLength(1);
  });
});

describe('refusals', () => {
  async function refused(room: ReturnType<typeof setUp>, index: number, error: Record<string, unknown>) {
    const connect = await room.socket(index).challenge();
    room.socket(index).refuse(connect.id, error);
    room.socket(index).close(1008, String(error.message));
    await settled();
    return connect;
  }

  it('pause reconnecting until start is called again', async () => {
    const room = setUp();
    room.client.start();
    const pairing = {
      code: 'NOT_PAIRED',
      message: 'pairing required',
      details: { code: 'PAIRING_REQUIRED', requestId: 'q' },
    };
    await refused(room, 0, pairing);
    expect(room.client.state).toMatchObject({
      phase: 'refused',
      error: { code: 'PAIRING_REQUIRED', message: 'pairing required', details: { requestId: 'q', closeCode: 1008 } },
    });
    await room.timers.advance(120_000);
    expect(room.sockets).toHaveLength(1);
    room.client.start();
    await room.socket(1).welcome();
    expect(room.client.state.phase).toBe('ready');
  });

  it('close by themselves when the gateway forgets to', async () => {
    const room = setUp();
    room.client.start();
    const connect = await room.socket(0).challenge();
    room.socket(0).refuse(connect.id, { code: 'NOT_PAIRED', message: 'no', details: { code: 'PAIRING_REQUIRED' } });
    await room.timers.advance(1_000);
    expect(room.client.state.phase).toBe('refused');
  });

  it('of the token are followed by exactly one try with the stored device token', async () => {
    const room = setUp({ identity, auth: { token: 'old', deviceToken: 'dev' } });
    room.client.start();
    expect((await refused(room, 0, mismatch)).params?.auth).toEqual({ token: 'old' });
    expect(room.client.state.phase).toBe('connecting');
    expect((await refused(room, 1, mismatch)).params?.auth).toEqual({ token: 'old', deviceToken: 'dev' });
    expect(room.client.state.phase).toBe('refused');
    expect(room.sockets).toHaveLength(2);
  });

  it('of the device token drop it', async () => {
    const dropped: Array<DeviceAuth | undefined> = [];
    const room = setUp({ identity, auth: { deviceToken: 'dev' }, onDeviceAuth: (auth) => dropped.push(auth) });
    room.client.start();
    const message = 'unauthorized: device token mismatch (rotate/reissue device token)';
    await refused(room, 0, { code: 'INVALID_REQUEST', message, details: { code: 'AUTH_DEVICE_TOKEN_MISMATCH' } });
    expect(dropped).toEqual([undefined]);
    await room.timers.advance(1_000);
    const again = await room.socket(1).challenge();
    expect(again.params).not.toHaveProperty('auth');
  });
});
