// Sandboxes in a real container engine: what is closed, what ends, what happens once.
import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type ContainerEngine,
  missingProgram,
  startContainerEngine,
  TEST_IMAGE,
} from '../../../e2e/fixtures/container.js';
import { systemClock } from '../../src/shared/clock.js';
import type { Workplace } from '../../src/tools/index.js';
import { makeSandboxHome, type SandboxHome, sh, startIn } from './sandbox-home.js';

type Sandbox = Parameters<SandboxHome['configure']>[0];

let engine: ContainerEngine;
const homes: SandboxHome[] = [];

const boxed = (docker: Sandbox['docker'] = {}, more: Sandbox = {}): Sandbox => ({
  mode: 'all',
  scope: 'session',
  workspaceAccess: 'rw',
  ...more,
  docker: { image: TEST_IMAGE, ...docker },
});

async function home(sandbox: Sandbox = boxed(), env: NodeJS.ProcessEnv = {}): Promise<SandboxHome> {
  const made = await makeSandboxHome({ ...engine.env, ...env }, sandbox);
  homes.push(made);
  return made;
}

const names = () => engine.names();
const missing = missingProgram('podman', 'runc', 'busybox');

describe.skipIf(missing !== undefined)('sandbox in a container', () => {
  beforeAll(async () => {
    engine = await startContainerEngine();
  });
  afterEach(async () => {
    for (const made of homes.splice(0)) await made.remove();
    const left = await names();
    if (left.length > 0) throw new Error(`containers are left: ${left.join(', ')}`);
  });
  afterAll(() => engine.remove());

  describe('is closed', () => {
    let box: Workplace;
    let place: SandboxHome;
    const rows: Array<[what: string, line: string, expected: { stdout?: RegExp; stderr?: RegExp; code?: number }]> = [
      ['no network but loopback', 'ls /sys/class/net', { stdout: /^lo\n$/, code: 0 }],
      ['no way to an address', 'nc -w 1 192.0.2.1 80', { stderr: /unreachable/i, code: 1 }],
      ['a read-only root', 'echo x > /bin/x', { stderr: /Read-only/i, code: 1 }],
      ['a read-only /etc', 'echo x >> /etc/passwd', { stderr: /Read-only/i, code: 1 }],
      ['a writable /tmp in memory', 'echo x > /tmp/x && grep " /tmp tmpfs " /proc/mounts', { code: 0 }],
      ['no effective capability', 'grep CapEff /proc/self/status', { stdout: /\t0+\n/, code: 0 }],
      ['no bounding capability', 'grep CapBnd /proc/self/status', { stdout: /\t0+\n/, code: 0 }],
      ['no new privileges', 'grep NoNewPrivs /proc/self/status', { stdout: /\t1\n/, code: 0 }],
      ['no mounting', 'mount -t tmpfs none /tmp', { code: 1 }],
      ['no device nodes', 'mknod /tmp/sda b 8 0', { code: 1 }],
      ['no kernel switches', 'f=/proc/sys/kernel/core_pattern; cat $f > $f', { stderr: /Read-only/i, code: 1 }],
      ['no magic keys', 'echo nothing > /proc/sysrq-trigger', { code: 1 }],
      ['no loading of the host root', 'chroot /proc/1/root true', { code: 1 }],
      ['none of our processes', "grep -l '^node' /proc/[0-9]*/comm", { stdout: /^$/, code: 1 }],
      ['no engine socket', 'ls /run/podman /var/run/docker.sock /run/docker.sock', { code: 1 }],
      ['the limit on programs', 'cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max', { stdout: /^64\n/ }],
    ];
    it('with every door tried from inside', async () => {
      place = await home(boxed({ pidsLimit: 64, memory: '64m' }));
      box = await place.open();
      const results = await Promise.all(rows.map(async ([what, line]) => ({ what, ...(await sh(box, line)) })));
      for (const [index, [what, , expected]] of rows.entries()) {
        const found = results[index];
        if (expected.stdout) expect(found?.stdout, what).toMatch(expected.stdout);
        if (expected.stderr) expect(found?.stderr, what).toMatch(expected.stderr);
        if (expected.code !== undefined) expect(found?.code, what).toBe(expected.code);
      }
    });

    it('forks fail at the limit and memory ends what takes too much', async () => {
      place = await home(boxed({ pidsLimit: 32, memory: '48m' }));
      box = await place.open();
      const forks = await sh(box, 'for i in $(seq 1 60); do sleep 30 & done 2>&1; wait');
      expect(`${forks.stdout}${forks.stderr}`).toMatch(/can't fork|Resource temporarily unavailable/);
      const greedy = await sh(
        await place.open('agent:main:greedy'),
        'tail -c 200m /dev/zero > /dev/null; echo "code $?"',
      );
      expect(`${greedy.stdout} code ${greedy.code}`).toMatch(/code 137/);
    });

    it('nothing of our environment goes in, and values come whole but not by name through the host', async () => {
      place = await home(boxed({ env: { FROM_CONFIG: "it's\nhere" } }), {
        SECRET_OF_THE_GATEWAY: 'hidden',
        DOCKER_SECRET: 'x',
      });
      box = await place.open();
      const env = { LD_PRELOAD: '/workspace/evil.so', DOCKER_HOST: 'unix:///nowhere', TOKEN: 'a "b" $c `d`' };
      const command = await box.command({ argv: ['env'], env });
      expect(command.args.join(' ')).not.toContain('a "b"');
      expect(command.env.LD_PRELOAD).toBeUndefined();
      expect(command.env.DOCKER_HOST).toBeUndefined();
      const { stdout } = await sh(box, 'echo "$FROM_CONFIG|$TOKEN"; unset LD_PRELOAD; env', { env });
      expect(stdout).toContain(`it's\nhere|a "b" $c \`d\``);
      expect(stdout).toContain('DOCKER_HOST=unix:///nowhere');
      expect(stdout).not.toMatch(/hidden|OPENCLAW_ENV_|DOCKER_SECRET|PATH=.*node/);
    });
  });

  describe('mounts', () => {
    it('gives the workspace by the access: rw, ro, or a folder of its own', async () => {
      const place = await home();
      await writeFile(path.join(place.workspaceDir, 'note.txt'), 'from outside');
      const rw = await place.open('agent:main:rw');
      expect(await sh(rw, 'cat note.txt; echo inside > made.txt')).toMatchObject({ stdout: 'from outside', code: 0 });
      expect(await readFile(path.join(place.workspaceDir, 'made.txt'), 'utf8')).toBe('inside\n');
      place.configure(boxed({}, { workspaceAccess: 'ro' }));
      const ro = await place.open('agent:main:ro');
      expect(ro.isWritable).toBe(false);
      expect((await sh(ro, 'cat note.txt; echo x > made.txt')).stderr).toMatch(/Read-only/);
      await expect(ro.files.write('a.txt', Buffer.from('x'))).rejects.toMatchObject({ code: 'tool.path_outside' });
      place.configure(boxed({}, { workspaceAccess: 'none' }));
      const own = await place.open('agent:main:own');
      expect((await sh(own, 'ls; echo mine > kept.txt')).stdout).toBe('');
      const kept = path.join(place.stateDir, 'sandboxes');
      const [folder] = await engine
        .podman('inspect', '--format', '{{range .Mounts}}{{.Source}}{{end}}', own.name ?? '')
        .then((text) => [text]);
      expect(folder?.startsWith(kept)).toBe(true);
      expect(await readFile(path.join(folder ?? '', 'kept.txt'), 'utf8')).toBe('mine\n');
    });

    it('binds a folder read-only, and refuses what would open the host', async () => {
      const place = await home();
      const data = path.join(place.workspaceDir, 'data');
      await mkdir(data);
      await writeFile(path.join(data, 'a.txt'), 'bound');
      place.configure(boxed({ binds: [`${data}:/data:ro`] }, { workspaceAccess: 'none' }));
      const box = await place.open();
      expect(await sh(box, 'cat /data/a.txt; echo x > /data/b.txt')).toMatchObject({ stdout: 'bound', code: 1 });
      expect((await box.files.read('/data/a.txt')).toString()).toBe('bound');
      await expect(box.files.write('/data/b.txt', Buffer.from('x'))).rejects.toMatchObject({
        code: 'tool.path_outside',
      });
      await symlink('/etc', path.join(place.workspaceDir, 'link'));
      for (const bind of [
        '/etc:/x',
        '/var/run/docker.sock:/x',
        `${place.workspaceDir}/link:/x`,
        `${place.stateDir}:/x`,
      ]) {
        place.configure(boxed({ binds: [bind] }));
        await expect(place.open('agent:main:refused'), bind).rejects.toMatchObject({ code: 'sandbox.refused' });
      }
    });
  });

  describe('files', () => {
    it('reads, writes whole, lists, moves, removes', async () => {
      const place = await home();
      const { files } = await place.open();
      await files.write('deep/er/a.txt', Buffer.from('one\0two'));
      await engine.podman('exec', (await place.open()).name ?? '', 'chmod', '755', '/workspace/deep/er/a.txt');
      await files.write('/workspace/deep/er/a.txt', Buffer.from('new'));
      const outside = path.join(place.workspaceDir, 'deep/er/a.txt');
      expect((await stat(outside)).mode & 0o777).toBe(0o755);
      expect((await files.read('deep/../deep/er/a.txt')).toString()).toBe('new');
      expect(await files.stat('deep/er/a.txt')).toMatchObject({ kind: 'file', size: 3 });
      expect(
        Math.abs(((await files.stat('deep/er/a.txt'))?.mtimeMs ?? 0) - (await stat(outside)).mtimeMs),
      ).toBeLessThan(2);
      await files.move('deep/er/a.txt', 'other/b c.txt');
      expect(await files.list('.')).toEqual([
        { name: 'deep', kind: 'folder' },
        { name: 'other', kind: 'folder' },
      ]);
      expect(await files.list('other')).toEqual([{ name: 'b c.txt', kind: 'file' }]);
      await files.remove('deep');
      expect(await files.stat('deep')).toBeUndefined();
      await expect(files.read('deep/er/a.txt')).rejects.toMatchObject({ code: 'tool.file_missing' });
      await expect(files.read('other/b c.txt', { maxBytes: 2 })).rejects.toMatchObject({ code: 'tool.file_too_large' });
    });

    it('carries a megabyte of any bytes both ways', async () => {
      const { files } = await (await home()).open();
      const data = Buffer.from(Array.from({ length: 1_000_003 }, (_, index) => (index * 7) % 256));
      await files.write('big.bin', data);
      expect((await files.read('big.bin')).equals(data)).toBe(true);
    });

    it('refuses every way out', async () => {
      const place = await home();
      const box = await place.open();
      await writeFile(path.join(place.dir, 'private.txt'), 'of the host');
      await sh(
        box,
        'ln -s /etc/shadow shadow; ln -s /etc folder; ln -s ../../../etc/shadow up; ln -s shadow chain; ln -s / root',
      );
      await sh(
        box,
        `ln -s ${place.dir}/private.txt host; ln -s /tmp/new dangling; mkfifo pipe; ln -s /proc/1/environ proc`,
      );
      const outside = { code: 'tool.path_outside' };
      const reads = [
        'shadow',
        'folder/shadow',
        'up',
        'chain',
        'root/etc/shadow',
        'host',
        '../etc/shadow',
        '/etc/shadow',
      ];
      for (const file of [...reads, 'proc', '/proc/self/environ', '/tmp/x', '', 'a\nb']) {
        await expect(box.files.read(file), file).rejects.toMatchObject(outside);
      }
      await expect(box.files.read('pipe')).rejects.toMatchObject({ code: 'tool.file_missing' });
      for (const file of ['dangling', 'folder/new', '/etc/new', '../x', 'root/tmp/y']) {
        await expect(box.files.write(file, Buffer.from('x')), file).rejects.toMatchObject(outside);
      }
      await expect(box.files.resolve('shadow', 'read')).rejects.toMatchObject(outside);
      await expect(box.files.list('folder')).rejects.toMatchObject(outside);
      await expect(box.files.move('shadow', '/tmp/s')).rejects.toMatchObject(outside);
      await expect(box.files.remove('/workspace')).rejects.toMatchObject(outside);
      await box.files.remove('folder');
      expect((await sh(box, 'cat /etc/shadow')).stdout).toContain('secret-of-the-image');
      expect(await readFile(path.join(place.dir, 'private.txt'), 'utf8')).toBe('of the host');
    });

    it('leaves no half-written file when a write is stopped', async () => {
      const place = await home();
      const { files } = await place.open();
      await files.write('kept.txt', Buffer.from('old'));
      const stopped = new AbortController();
      const writing = files.write('kept.txt', Buffer.alloc(30_000_000, 'x'), { signal: stopped.signal });
      setImmediate(() => stopped.abort(new Error('stopped')));
      await expect(writing).rejects.toThrow('stopped');
      // The end may come after the new content is in its place; anything between the two would be torn.
      const { size } = (await files.stat('kept.txt')) ?? { size: 0 };
      expect([3, 30_000_000]).toContain(size);
      expect(await files.list('.')).toEqual([{ name: 'kept.txt', kind: 'file' }]);
    });
  });

  describe('programs', () => {
    it('start in the folder asked for, with input, and give their code', async () => {
      const box = await (await home()).open();
      await sh(box, 'mkdir -p sub');
      const ran = await (await startIn(box, { argv: ['/bin/sh', '-c', 'pwd; cat; exit 7'], cwd: 'sub' }, 'input')).done;
      expect(ran).toMatchObject({ code: 7, stdout: '/workspace/sub\ninput' });
      expect((await sh(box, 'true', { cwd: 'nowhere' })).code).toBe(126);
    });

    it.each(['SIGTERM', 'SIGKILL'] as const)('%s leaves none of them inside', async (signal) => {
      const box = await (await home()).open();
      const line = 'sleep 3333 & (sleep 3334; true) & setsid sleep 3335 & echo started; wait';
      const started = await startIn(box, { argv: ['/bin/sh', '-c', line] });
      await started.says('started');
      await started.kill(signal);
      await started.done;
      expect((await sh(box, "ps | grep 'sleep 333' | grep -v grep")).stdout).toBe('');
    });
  });

  describe('life', () => {
    it('is made once for many who ask, and its setup runs once', async () => {
      const setupCommand = 'echo ran >> setup.log; echo "$FROM_CONFIG" >> setup.log';
      const place = await home(boxed({ setupCommand, env: { FROM_CONFIG: 'seen' } }, { scope: 'agent' }));
      const opened = await Promise.all(Array.from({ length: 6 }, (_, index) => place.open(`agent:main:${index}`)));
      expect(new Set(opened.map(({ name }) => name)).size).toBe(1);
      expect(await names()).toEqual([opened[0]?.name]);
      await place.another().workplaceOf(place.scope());
      expect((await opened[0]?.files.read('setup.log'))?.toString()).toBe('ran\nseen\n');
    });

    it('a setup that fails is told with its output, and leaves nothing', async () => {
      const place = await home(boxed({ setupCommand: ['echo first', 'echo broken >&2', 'exit 3'] }));
      await expect(place.open()).rejects.toMatchObject({
        code: 'sandbox.setup_failed',
        message: expect.stringMatching(/code 3.*broken/),
      });
      expect(await names()).toEqual([]);
      expect(await place.sandboxes.list()).toEqual([]);
    });

    it('is made anew when its settings changed, but not under a running program', async () => {
      const place = await home();
      const box = await place.open();
      const started = await startIn(box, { argv: ['/bin/sh', '-c', 'echo started; sleep 3333'] });
      await started.says('started');
      const id = () => engine.podman('inspect', '--format', '{{.Id}}', box.name ?? '');
      const first = await id();
      place.configure(boxed({ pidsLimit: 99 }));
      await place.open();
      expect(await id()).toBe(first);
      await started.kill('SIGKILL');
      await started.done;
      await place.another().workplaceOf(place.scope());
      expect(await id()).not.toBe(first);
      expect((await sh(box, 'cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max')).stdout).toMatch(/^99\n/);
    });

    it('starts again after it was stopped, and is made again after it was removed', async () => {
      const place = await home();
      const box = await place.open();
      await engine.podman('stop', '--time', '0', box.name ?? '');
      const again = await place.another().workplaceOf(place.scope());
      expect((await sh(again, 'echo works')).stdout).toBe('works\n');
      await engine.podman('rm', '--force', box.name ?? '');
      const third = await place.another().workplaceOf(place.scope());
      expect((await sh(third, 'echo works')).stdout).toBe('works\n');
    });

    it('is listed, removed on request and when nobody used it, but never taken from somebody else', async () => {
      const place = await home();
      const box = await place.open('agent:main:one');
      await place.open('agent:main:two');
      expect(
        (await place.sandboxes.list()).map(({ sessionKey, isRunning, backendId }) => [
          sessionKey,
          isRunning,
          backendId,
        ]),
      ).toEqual([
        ['agent:main:one', true, 'docker'],
        ['agent:main:two', true, 'docker'],
      ]);
      expect(await place.sandboxes.recreate({ sessionKey: 'agent:main:two' })).toHaveLength(1);
      expect(await names()).toEqual([box.name]);
      expect(await place.sandboxes.prune()).toEqual([]);
      const later = place.another({ ...systemClock, now: () => Date.now() + 25 * 3_600_000 });
      expect(await later.prune()).toEqual([box.name]);
      expect(await names()).toEqual([]);
      await engine.podman('create', '--name', box.name ?? '', TEST_IMAGE, 'true');
      await expect(place.another().workplaceOf(place.scope('agent:main:one'))).rejects.toThrow(/did not make it/);
      await engine.podman('rm', box.name ?? '');
    });

    it('says what is missing: the image, the engine', async () => {
      const place = await home(boxed({ image: 'not-here:1' }));
      await expect(place.open()).rejects.toMatchObject({
        code: 'sandbox.unavailable',
        message: expect.stringContaining('not-here:1'),
      });
      const without = await home(boxed(), { PATH: place.dir });
      await expect(without.open()).rejects.toMatchObject({
        code: 'sandbox.unavailable',
        message: expect.stringContaining('no engine answers'),
      });
      expect(await without.sandboxes.list()).toEqual([]);
    });
  });
});
