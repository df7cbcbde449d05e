// Downloads from a real server of this computer; the rules for addresses are those of the web room, and tested there.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../shared/clock.js';
import { silentLogger } from '../shared/logger.js';
import { createSkillInstaller, type InstallerOptions } from './install-skill.js';
import { makeSkillBench, type SkillBench } from './testing.js';
import { type MadeEntry, makeTarGz, makeZip } from './unpack/testing.js';

const SITE = 'https://files.example';
const OLD: MadeEntry[] = [
  { name: 'tool-1/bin/tool', text: 'old', mode: 0o755 },
  { name: 'tool-1/gone', text: 'old' },
];
const NEW: MadeEntry[] = [{ name: 'tool-2/bin/tool', text: 'new', mode: 0o755 }];

let bench: SkillBench;
let server: Server;
let answer: RequestListener;
let state: string;
beforeEach(async () => {
  bench = await makeSkillBench();
  state = path.join(bench.dir, 'state');
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await bench.remove();
});

const send =
  (bytes: Buffer | string): RequestListener =>
  (_request, response) =>
    void response.end(bytes);

/** Asks the server in place of the site. */
const fetchChunks: InstallerOptions['fetchChunks'] = async function* (address, { signal, onLength }) {
  const { port } = server.address() as AddressInfo;
  const response = await fetch(address.replace(SITE, `http://127.0.0.1:${port}`), { signal });
  const length = response.headers.get('content-length');
  if (length !== null) onLength(Number(length));
  if (response.body) yield* response.body as unknown as AsyncIterable<Uint8Array>;
};

async function offer(option: object): Promise<void> {
  const install = [{ kind: 'download', ...option }];
  await bench.put(bench.managed, 'a', `metadata: ${JSON.stringify({ openclaw: { install } })}`);
  bench.skills.refresh();
}

function install(changes: Partial<InstallerOptions> = {}, request: { timeoutMs?: number; signal?: AbortSignal } = {}) {
  const installer = createSkillInstaller({
    ...{ config: () => bench.config, stateDir: state, skills: bench.skills, platform: 'linux' },
    run: () => Promise.reject(new Error('no program is run here')),
    ...{ fetchChunks, env: () => process.env, clock: systemClock, log: silentLogger },
    ...changes,
  });
  return installer({ agentId: 'main', name: 'a', installId: 'download', timeoutMs: 60_000, ...request });
}

/** Everything in the tools folder, with what is being made. */
async function tools(): Promise<string[]> {
  const found = await readdir(path.join(state, 'tools'), { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => !entry.isDirectory());
  return files
    .map(({ parentPath, name }) => path.relative(path.join(state, 'tools'), path.join(parentPath, name)))
    .sort();
}

describe('a single program', () => {
  it('is put into the tools folder of its skill, ready to run', async () => {
    await offer({ url: `${SITE}/get/x-1.0` });
    answer = send('program');
    expect(await install()).toMatchObject({
      ok: true,
      message: `Install ${SITE}/get/x-1.0 (download): ${path.join(state, 'tools', 'a')}`,
    });
    const file = path.join(state, 'tools', 'a', 'x-1.0');
    expect(await readFile(file, 'utf8')).toBe('program');
    expect((await stat(file)).mode & 0o777).toBe(0o700);
    expect(await tools()).toEqual(['a/x-1.0']);
  });

  it('must have the checksum that the skill names', async () => {
    const sha256 = createHash('sha256').update('program').digest('hex');
    await offer({ url: `${SITE}/x`, sha256 });
    answer = send('program');
    await install();
    answer = send('another program');
    await expect(install()).rejects.toMatchObject({
      code: 'skill.install_failed',
      message: expect.stringMatching(/SHA-256/),
    });
    expect(await readFile(path.join(state, 'tools', 'a', 'x'), 'utf8')).toBe('program');
    expect(await tools()).toEqual(['a/x']);
  });

  it.each(['setup.dmg', 'tool.deb', ''])('is not an installer, and has a name (%j)', async (name) => {
    await offer({ url: `${SITE}/${name}` });
    await expect(install()).rejects.toMatchObject({ code: 'skill.install_refused' });
  });
});

describe('an archive', () => {
  it('is unpacked into its folder, without the leading part of its names', async () => {
    await offer({ url: `${SITE}/tool.tar.gz`, stripComponents: 1, targetDir: 'runtime/one' });
    answer = send(makeTarGz(OLD));
    await install();
    expect(await tools()).toEqual(['a/runtime/one/bin/tool', 'a/runtime/one/gone']);
  });

  it('takes the place of what has the same name, and of nothing else', async () => {
    await offer({ url: `${SITE}/tool.zip`, stripComponents: 1 });
    answer = send(makeZip(OLD));
    await install();
    answer = send(makeZip(NEW));
    await install();
    expect(await readFile(path.join(state, 'tools', 'a', 'bin', 'tool'), 'utf8')).toBe('new');
    expect(await tools()).toEqual(['a/bin/tool', 'a/gone']);
  });

  it('is kept as it is when the skill says so', async () => {
    await offer({ url: `${SITE}/tool.zip`, extract: false });
    answer = send(makeZip(NEW));
    await install();
    expect(await tools()).toEqual(['a/tool.zip']);
  });

  it.each<[string, MadeEntry]>([
    ['a name that leads out', { name: '../../evil', text: 'x' }],
    ['a link', { name: 'bin', type: '2', link: '/tmp' }],
    ['a hard link', { name: 'bin/x', type: '1', link: '/etc/passwd' }],
  ])('with %s changes nothing', async (_name, entry) => {
    await offer({ url: `${SITE}/tool.tgz`, stripComponents: 1 });
    answer = send(makeTarGz(OLD));
    await install();
    answer = send(makeTarGz([...NEW, entry]));
    await expect(install()).rejects.toMatchObject({ code: 'skill.install_refused' });
    expect(await readFile(path.join(state, 'tools', 'a', 'bin', 'tool'), 'utf8')).toBe('old');
    expect(await tools()).toEqual(['a/bin/tool', 'a/gone']);
  });

  it.each(['runtime', '.'])('does not go through a link that stands in the way (%s)', async (place) => {
    const elsewhere = path.join(bench.dir, 'elsewhere');
    const root = path.join(state, 'tools', 'a');
    await mkdir(elsewhere);
    await mkdir(path.dirname(path.join(root, place)), { recursive: true });
    await symlink(elsewhere, path.join(root, place));
    await offer({ url: `${SITE}/tool.tgz`, targetDir: 'runtime' });
    answer = send(makeTarGz(NEW));
    await expect(install()).rejects.toMatchObject({ code: 'skill.install_refused' });
    expect(await readdir(elsewhere)).toEqual([]);
  });
});

describe('a download that does not come to its end', () => {
  const half: RequestListener = (_request, response) =>
    void response.writeHead(200, { 'content-length': 100 }).write('x');
  beforeEach(() => offer({ url: `${SITE}/x` }));

  it('breaks off: nothing is left, and the next one removes what a kill left', async () => {
    answer = (request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('x', () => request.socket.destroy());
    };
    await expect(install()).rejects.toMatchObject({ code: 'skill.install_failed' });
    expect(await tools()).toEqual([]);
    const left = path.join(state, 'tools', '.new-1', 'ready');
    await mkdir(left, { recursive: true });
    await writeFile(path.join(left, 'x'), 'half');
    answer = send('program');
    await install();
    expect(await tools()).toEqual(['a/x']);
    expect(await readdir(path.join(state, 'tools'))).toEqual(['a']);
  });

  it('takes too long', async () => {
    answer = half;
    await expect(install({}, { timeoutMs: 1_000 })).rejects.toMatchObject({
      code: 'skill.install_failed',
      message: 'The download took longer than 1 s.',
    });
    expect(await tools()).toEqual([]);
  });

  it.each(['who asked is gone', 'the gateway stops'])('ends when %s', async (why) => {
    const stop = new AbortController();
    answer = (request, response) => {
      half(request, response);
      stop.abort(new Error(why));
    };
    const byGateway = why === 'the gateway stops';
    const running = byGateway ? install({ signal: stop.signal }) : install({}, { signal: stop.signal });
    await expect(running).rejects.toMatchObject({ message: `The download failed: ${why}` });
    expect(await tools()).toEqual([]);
  });

  it('passes on what the rules for addresses say', async () => {
    const refusal = Object.assign(new Error('no'), { code: 'web.address_refused' });
    const refusing: InstallerOptions['fetchChunks'] = () => {
      throw refusal;
    };
    await expect(install({ fetchChunks: refusing })).rejects.toMatchObject({ cause: refusal });
  });
});

it('a long download is noted as it goes on', async () => {
  await offer({ url: `${SITE}/x` });
  answer = send(Buffer.alloc(25 * 1_048_576));
  const noted: number[] = [];
  const log = {
    ...silentLogger,
    info: (_line: string, facts?: object) => void noted.push((facts as { receivedBytes: number }).receivedBytes),
  };
  await install({ log });
  expect(noted).toHaveLength(2);
  expect(noted[0]).toBeGreaterThanOrEqual(10 * 1_048_576);
});
