import { describe, expect, it } from 'vitest';
import type { Clock } from '../shared/clock.js';
import { Presence, type PresentClient } from './presence.js';

describe('Presence', () => {
  const time = { now: 1000 };
  const idle = () => ({ cancel: () => undefined });
  const clock: Clock = { now: () => time.now, after: idle, every: idle };
  const present = (connId: string, more: Partial<PresentClient> = {}): PresentClient => ({
    connId,
    client: { id: 'gateway-client', version: '1', platform: 'linux', mode: 'ui' },
    role: 'operator',
    scopes: ['operator.read'],
    ...more,
  });
  const create = () => {
    time.now = 1000;
    return new Presence(clock, { mode: 'gateway', reason: 'self' });
  };
  const reasons = (presence: Presence) => presence.list().map(({ reason }) => reason);

  it('names this gateway first, then others, newest first', () => {
    const presence = create();
    presence.connected(present('a'));
    time.now = 2000;
    presence.connected(present('b', { ip: '203.0.113.1' }));
    const [self, newest, oldest] = presence.list();
    expect(self).toEqual({ mode: 'gateway', reason: 'self', ts: 2000 });
    expect(newest).toMatchObject({ ts: 2000, ip: '203.0.113.1', text: 'Node: gateway-client (203.0.113.1) · mode ui' });
    expect(oldest?.ts).toBe(1000);
  });

  it('does not track commands', () => {
    const presence = create();
    const command = present('a', { client: { id: 'cli', version: '1', platform: 'linux', mode: 'cli' } });
    expect([presence.connected(command), presence.disconnected(command)]).toEqual([false, false]);
    expect(presence.list()).toHaveLength(1);
  });

  it('keeps a device that is gone for five minutes, and one that is here for as long as it stays', () => {
    const presence = create();
    presence.connected(present('a', { deviceId: 'D1' }));
    presence.connected(present('b', { deviceId: 'd2' }));
    presence.disconnected(present('b', { deviceId: 'D2' }));
    expect(reasons(presence)).toEqual(['self', 'connect', 'disconnect']);
    time.now += 300_001;
    expect(reasons(presence)).toEqual(['self', 'connect']);
  });

  it('counts two connections of a device as one presence until both are gone', () => {
    const presence = create();
    presence.connected(present('a', { deviceId: 'd' }));
    presence.connected(present('b', { deviceId: 'd' }));
    expect(presence.disconnected(present('a', { deviceId: 'd' }))).toBe(true);
    expect(reasons(presence)).toEqual(['self', 'connect']);
    presence.disconnected(present('b', { deviceId: 'd' }));
    expect(reasons(presence)).toEqual(['self', 'disconnect']);
  });

  it('holds two hundred entries at most', () => {
    const presence = create();
    for (let count = 0; count < 250; count += 1) presence.connected(present(`c${count}`));
    expect(presence.list()).toHaveLength(201);
  });
});
