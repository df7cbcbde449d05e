// The real way of a skill's download through a whole gateway: what is not public and encrypted is never asked.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openForSkills } from '../../src/compose/knowing.js';
import type { OpenClawConfig } from '../../src/config/index.js';
import { type GoldenStage, RECORDED, startGoldenStage } from './golden-stage.js';
import type { RawClient } from './raw-client.js';
import { createTestDevice, join } from './test-device.js';

let stage: GoldenStage;
let client: RawClient;
let site: Server;
let asked = 0;

beforeAll(async () => {
  site = createServer((_request, response) => {
    asked += 1;
    response.end('program');
  });
  site.on('connection', () => (asked += 1));
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const ssrfPolicy = { allowPrivateNetwork: true, allowedHostnames: ['127.0.0.1', 'localhost'] };
  stage = await startGoldenStage((config) => ({ ...config, tools: { web: { fetch: { ssrfPolicy } } } }));
  const { token } = RECORDED;
  client = await join({ url: stage.gateway.url, device: createTestDevice(), auth: { token }, timeoutMs: 20_000 });
}, 60_000);
afterAll(async () => {
  await client.close();
  await stage.stop();
  await new Promise((resolve) => site.close(resolve));
}, 60_000);

const sitePort = () => (site.address() as AddressInfo).port;

async function offer(name: string, url: string): Promise<void> {
  const folder = path.join(stage.gateway.stateDir, 'skills', name);
  await mkdir(folder, { recursive: true });
  const metadata = JSON.stringify({ openclaw: { install: [{ id: 'get', kind: 'download', url }] } });
  await writeFile(
    path.join(folder, 'SKILL.md'),
    `---\nname: ${name}\ndescription: A test.\nmetadata: ${metadata}\n---\n`,
  );
}

describe('a download of a skill', () => {
  it.each([
    ['loopback', () => `https://127.0.0.1:${sitePort()}/tool`],
    ['loopback-six', () => `https://[::1]:${sitePort()}/tool`],
    ['loopback-name', () => `https://localhost:${sitePort()}/tool`],
    ['private', () => 'https://10.0.0.1/tool'],
    ['private-two', () => 'https://192.168.1.1/tool'],
    ['metadata', () => 'https://169.254.169.254/tool'],
  ])('from %s is refused, though pages may be opened there', async (name, url) => {
    await offer(name, url());
    // Looked for again at most a second later.
    const install = () => client.call('skills.install', { name, installId: 'get', timeoutMs: 20_000 });
    const error = async () => (await install()).error;
    await expect
      .poll(async () => (await error())?.details?.code, { timeout: 20_000, interval: 200 })
      .toBe('web.address_refused');
    expect(asked).toBe(0);
    expect(await readdir(path.join(stage.gateway.stateDir, 'tools'))).toEqual([]);
  });

  it('without https is not even offered', async () => {
    await offer('plain', `http://127.0.0.1:${sitePort()}/tool`);
    const offers = async () => {
      const { payload } = await client.call('skills.status', {});
      const { skills } = payload as { skills: Array<{ name: string; install: unknown[] }> };
      return skills.find(({ name }) => name === 'plain')?.install;
    };
    await expect.poll(offers, { timeout: 20_000, interval: 200 }).toEqual([]);
  });

  it('keeps to the list of hosts that the owner made', async () => {
    const config: OpenClawConfig = {
      tools: { web: { fetch: { ssrfPolicy: { hostnameAllowlist: ['only.example'] } } } },
    } as OpenClawConfig;
    const signal = new AbortController().signal;
    const limits = { timeoutMs: 5_000, maxBytes: 10, signal, onLength: () => undefined };
    const first = openForSkills(() => config)('https://93.184.216.34/tool', limits)[Symbol.asyncIterator]();
    await expect(first.next()).rejects.toMatchObject({ code: 'web.address_refused' });
    const plain = openForSkills(() => ({}))('http://93.184.216.34/tool', limits)[Symbol.asyncIterator]();
    await expect(plain.next()).rejects.toMatchObject({ code: 'web.address_refused' });
  });
});
