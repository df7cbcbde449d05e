import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { events, readGolden, shapeFaults } from './golden.js';
import { ManualClock } from './manual-clock.js';
import { RawClient } from './raw-client.js';
import { createTestDevice, join } from './test-device.js';
import { startTestServer, type TestServer, TOKEN } from './test-server.js';

const recorded = events(readGolden('06-events'));
const recordedEvent = (name: string) => recorded.find(({ event }) => event === name);

describe('events', () => {
  let clock: ManualClock;
  let gateway: TestServer;
  beforeEach(async () => {
    clock = new ManualClock();
    gateway = await startTestServer({ clock, checkOutput: true });
  });
  afterEach(async () => {
    await gateway.stop();
  });

  const watcher = (protocol = { min: 3, max: 3 }) =>
    join({
      url: gateway.url,
      device: createTestDevice(),
      auth: { token: TOKEN },
      client: { id: 'gateway-client', mode: 'ui', displayName: 'watcher' },
      protocol,
    });

  it('tick comes every thirty seconds in the recorded shape', async () => {
    const client = await watcher();
    clock.advance(30_000);
    const tick = await client.event('tick');
    expect(shapeFaults(recordedEvent('tick'), tick)).toEqual([]);
    expect(tick.payload).toEqual({ ts: clock.now() });
    expect(tick.stateVersion).toBeUndefined();
    await client.close();
  });

  it('a second client is announced by its pairing, and its end by presence', async () => {
    const client = await watcher();
    await client.event('health');
    clock.advance(1000);
    const other = await join({
      url: gateway.url,
      device: createTestDevice(),
      auth: { token: TOKEN },
      client: { id: 'openclaw-macos', mode: 'ui', platform: 'darwin', displayName: 'mac' },
    });
    const resolved = await client.event('device.pair.resolved');
    expect(shapeFaults(recordedEvent('device.pair.resolved'), resolved)).toEqual([]);
    const health = await client.event('health');
    expect(health.stateVersion).toEqual({ presence: 3, health: 3 });
    await other.close();
    const presence = await client.event('presence');
    expect(presence.stateVersion).toEqual({ presence: 4, health: 3 });
    const { presence: entries } = presence.payload as { presence: Array<Record<string, unknown>> };
    expect(entries.map(({ host, reason }) => [host, reason]).slice(1)).toEqual(
      expect.arrayContaining([
        ['mac', 'disconnect'],
        ['watcher', 'connect'],
      ]),
    );
    const golden = recordedEvent('presence')?.payload as { presence: Array<Record<string, unknown>> };
    const watcherEntry = (list: Array<Record<string, unknown>>) => list.find(({ host }) => host === 'watcher');
    expect(shapeFaults(watcherEntry(golden.presence), watcherEntry(entries))).toEqual([]);
    expect(watcherEntry(entries)?.text).toBe('Node: watcher · mode ui');
    await client.close();
  });

  it('a frame above 25 MiB closes the connection with 1009', async () => {
    const client = await watcher();
    client.sendRaw(`{"type":"req","id":"big","method":"health","params":{"pad":"${'x'.repeat(26 * 1024 * 1024)}"}}`);
    expect(await client.closed()).toEqual({ code: 1009, reason: '' });
  });

  it('a frame between the two limits is taken after the handshake', async () => {
    const client = await watcher();
    const answer = await client.call('health', { pad: 'x'.repeat(200_000) });
    expect(answer.ok).toBe(true);
    await client.close();
  });

  it('shutdown is told before every socket closes with 1012', async () => {
    const [three, four] = [await watcher(), await watcher({ min: 4, max: 4 })];
    const silent = await RawClient.open(gateway.url);
    await gateway.server.stop({ reason: 'gateway restarting', restartExpectedMs: 1500 });
    for (const client of [three, four]) {
      const shutdown = await client.event('shutdown');
      expect(shutdown.payload).toEqual({ reason: 'gateway restarting', restartExpectedMs: 1500 });
      expect(await client.closed()).toEqual({ code: 1012, reason: 'service restart' });
    }
    expect((await silent.closed()).code).toBe(1012);
    await expect(RawClient.open(gateway.url)).rejects.toThrow('ECONNREFUSED');
  });
});
