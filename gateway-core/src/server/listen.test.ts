import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../shared/clock.js';
import { silentLogger } from '../shared/logger.js';
import { bindAll, type BindOptions, type Bound, wsUrl } from './listen.js';

describe('bindAll', () => {
  const open: Server[] = [];
  afterEach(async () => {
    for (const server of open.splice(0)) await new Promise((resolve) => server.close(resolve));
  });

  const occupy = async (): Promise<{ server: Server; port: number }> => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push(server);
    return { server, port: (server.address() as AddressInfo).port };
  };
  const waits: number[] = [];
  let onWait: () => Promise<void> = () => Promise.resolve();
  const clock: Clock = {
    now: () => 0,
    after: (ms, run) => {
      waits.push(ms);
      void onWait().then(run);
      return { cancel: () => undefined };
    },
    every: () => ({ cancel: () => undefined }),
  };
  const bind = async (options: Partial<BindOptions>): Promise<Bound[]> => {
    waits.length = 0;
    const bound = await bindAll({
      hosts: ['127.0.0.1'],
      fallbackHosts: [],
      port: 0,
      createServer: () => createServer(),
      approve: () => undefined,
      retry: { times: 4, delayMs: 500 },
      clock,
      log: silentLogger,
      ...options,
    });
    open.push(...bound.map(({ server }) => server));
    return bound;
  };

  it('gives all hosts the port that the system chose, and does without IPv6 where there is none', async () => {
    const bound = await bind({ hosts: ['127.0.0.1', '::1'] });
    expect(bound[0]?.port).toBeGreaterThan(0);
    expect(new Set(bound.map(({ port }) => port)).size).toBe(1);
  });

  it('tries a busy port four more times and then names it', async () => {
    const { port } = await occupy();
    await expect(bind({ port })).rejects.toMatchObject({
      code: 'gateway.port_in_use',
      message: `another gateway instance is already listening on ws://127.0.0.1:${port}`,
    });
    expect(waits).toEqual([500, 500, 500, 500]);
  });

  it('takes the port when it gets free meanwhile', async () => {
    const { server, port } = await occupy();
    onWait = () => new Promise((resolve) => server.close(() => resolve()));
    const [bound] = await bind({ port });
    expect(bound?.port).toBe(port);
    expect(waits).toEqual([500]);
    open.splice(open.indexOf(server), 1);
    onWait = () => Promise.resolve();
  });

  it('falls back to another address when the first cannot be had', async () => {
    const bound = await bind({ hosts: ['203.0.113.1'], fallbackHosts: ['127.0.0.1'] });
    expect(bound.map(({ host }) => host)).toEqual(['127.0.0.1']);
  });

  it('never goes to a wider address because of a taken port, nor to one that is not approved', async () => {
    const { port } = await occupy();
    await expect(bind({ port, fallbackHosts: ['0.0.0.0'] })).rejects.toMatchObject({ code: 'gateway.port_in_use' });
    const approve = (host: string) => {
      if (host === '0.0.0.0') throw new Error('not without a secret');
    };
    const asked = { hosts: ['203.0.113.1'], fallbackHosts: ['0.0.0.0'], approve };
    await expect(bind(asked)).rejects.toThrow('not without a secret');
  });

  it('says what is wrong with an address that is not ours', async () => {
    await expect(bind({ hosts: ['203.0.113.1'] })).rejects.toMatchObject({
      code: 'gateway.listen_failed',
      message: expect.stringContaining('ws://203.0.113.1:0'),
    });
  });

  it('says that a port is not allowed', async () => {
    const denied = () => {
      const server = createServer();
      server.listen = () => {
        queueMicrotask(() => server.emit('error', Object.assign(new Error('denied'), { code: 'EACCES' })));
        return server;
      };
      return server;
    };
    await expect(bind({ port: 80, createServer: denied })).rejects.toMatchObject({ code: 'gateway.port_denied' });
  });

  it('writes IPv6 addresses in brackets', () => {
    expect(wsUrl('::1', 1)).toBe('ws://[::1]:1');
  });
});
