import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from './force-port.js';
import { inspectPort, parseListeningSockets, portLines } from './port-listeners.js';

let server: Server | undefined;

afterEach(async () => {
  const open = server;
  server = undefined;
  if (open) await new Promise((resolve) => open.close(resolve));
});

async function listen(): Promise<number> {
  server = createServer();
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

describe('parseListeningSockets', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:4965 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11111 1 0 100 0 0 10 0',
    '   1: 0100007F:4965 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 22222 1 0 20 4 0 10 -1',
    '   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 33333 1 0 100 0 0 10 0',
  ].join('\n');

  it('finds who listens, not who is connected', () => {
    expect(parseListeningSockets(table, 18789)).toEqual([{ inode: '11111', address: '127.0.0.1:18789' }]);
  });

  it('reads IPv6 addresses', () => {
    const line = '   0: 00000000000000000000000001000000:4965 0:0 0A 0:0 00:0 0 0 0 44444 1';
    expect(parseListeningSockets(line, 18789)).toEqual([{ inode: '44444', address: '[::1]:18789' }]);
  });
});

describe('inspectPort', () => {
  it.runIf(process.platform === 'linux')('names the process that listens', async () => {
    const port = await listen();
    const report = await inspectPort(port, 'linux');
    expect(report).toMatchObject({
      port,
      status: 'busy',
      listeners: [{ pid: process.pid, address: `127.0.0.1:${port}` }],
    });
    const [first, second] = portLines(report);
    expect(first).toBe(`Port ${port} is already in use.`);
    expect(second).toContain(`- pid ${process.pid} `);
  });

  it('still sees that a port is taken where processes cannot be listed', async () => {
    const port = await listen();
    expect(await inspectPort(port, 'darwin')).toEqual({ port, status: 'busy', listeners: [] });
  });

  it('calls a port free that nobody answers on', async () => {
    const port = await listen();
    const open = server;
    server = undefined;
    await new Promise((resolve) => open?.close(resolve));
    const report = await inspectPort(port, process.platform);
    expect(report).toEqual({ port, status: 'free', listeners: [] });
    expect(portLines(report)).toEqual([]);
  });
});

describe('freePort', () => {
  it('says so when nobody listens', async () => {
    const port = await listen();
    const open = server;
    server = undefined;
    await new Promise((resolve) => open?.close(resolve));
    const lines: string[] = [];
    await freePort(port, 'linux', (line) => lines.push(line));
    expect(lines).toEqual([`force: no listeners on port ${port}`]);
  });

  it('is refused where listeners cannot be found', async () => {
    await expect(freePort(1, 'win32', () => undefined)).rejects.toMatchObject({ code: 'gateway.flag_invalid' });
  });
});

describe.runIf(process.platform === 'linux')('freePort on a taken port', () => {
  // Ignores SIGTERM when told to, so that only SIGKILL ends it.
  const program = (stubborn: boolean) => `
    ${stubborn ? "process.on('SIGTERM', () => undefined);" : ''}
    const server = require('node:net').createServer();
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  `;

  it.each([false, true])('ends the listener (deaf to SIGTERM: %s)', async (stubborn) => {
    const child = spawn(process.execPath, ['-e', program(stubborn)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    const [data] = (await once(child.stdout, 'data')) as [Buffer];
    const port = Number(String(data));
    const lines: string[] = [];
    await freePort(port, 'linux', (line) => lines.push(line));
    expect(await ended).toEqual([null, stubborn ? 'SIGKILL' : 'SIGTERM']);
    expect(lines).toEqual([
      expect.stringMatching(new RegExp(`^force: killed pid ${child.pid} \\(.+\\) on port ${port}$`, 's')),
    ]);
  });
});
