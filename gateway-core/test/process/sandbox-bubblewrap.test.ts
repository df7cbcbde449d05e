// Sandboxes without an engine: real bubblewrap around a folder.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { missingProgram } from '../../../e2e/fixtures/container.js';
import { makeSandboxHome, type SandboxHome, sh, startIn } from './sandbox-home.js';

type Sandbox = Parameters<SandboxHome['configure']>[0];

const homes: SandboxHome[] = [];
const wrapped = (more: Sandbox = {}): Sandbox => ({
  mode: 'all',
  backend: 'bubblewrap',
  scope: 'session',
  workspaceAccess: 'rw',
  ...more,
});

async function home(sandbox: Sandbox = wrapped(), env: NodeJS.ProcessEnv = {}): Promise<SandboxHome> {
  const made = await makeSandboxHome({ PATH: process.env.PATH, SECRET_OF_THE_GATEWAY: 'hidden', ...env }, sandbox);
  homes.push(made);
  return made;
}

const missing = process.platform === 'linux' ? missingProgram('bwrap') : 'linux';

describe.skipIf(missing !== undefined)('sandbox with bubblewrap', () => {
  afterEach(async () => {
    for (const made of homes.splice(0)) await made.remove();
  });

  it('is closed, whichever door is tried from inside', async () => {
    const box = await (await home()).open();
    const rows: Array<[what: string, line: string, expected: { stdout?: RegExp; code?: number }]> = [
      ['no network but loopback', 'tail -n +3 /proc/net/dev', { stdout: /^\s*lo:[^\n]*\n$/ }],
      ['read-only system', 'echo x > /usr/x', { code: 2 }],
      ['read-only root', 'echo x > /x', { code: 2 }],
      ['no host folders', 'ls /home /root /srv /etc/shadow /etc/passwd', { stdout: /^$/, code: 2 }],
      ['writable /tmp in memory', 'echo x > /tmp/x && grep " /tmp tmpfs " /proc/mounts', { code: 0 }],
      ['no effective capability', 'grep CapEff /proc/self/status', { stdout: /\t0+\n/ }],
      ['no bounding capability', 'grep CapBnd /proc/self/status', { stdout: /\t0+\n/ }],
      ['no new privileges', 'grep NoNewPrivs /proc/self/status', { stdout: /\t1\n/ }],
      ['no kernel switches', 'cat /proc/sys/kernel/core_pattern > /proc/sys/kernel/core_pattern', { code: 2 }],
      ['no magic keys', '[ ! -e /proc/sysrq-trigger ] || [ -c /proc/sysrq-trigger ]', { code: 0 }],
      ['no memory of the kernel', 'head -c 10 /proc/kcore | wc -c', { stdout: /^0\n$/ }],
      ['no mounting', '! mount -t tmpfs none /tmp', { code: 0 }],
      ['no namespaces of its own', '! unshare -Ur true', { code: 0 }],
      ['no processes of the host', "grep -l '^node' /proc/[0-9]*/comm", { stdout: /^$/, code: 1 }],
      ['no variables of ours', 'env', { stdout: /^(?![^]*(hidden|OPENCLAW_ENV_))/ }],
    ];
    const results = await Promise.all(rows.map(async ([, line]) => sh(box, line)));
    for (const [index, [what, , expected]] of rows.entries()) {
      if (expected.stdout) expect(results[index]?.stdout, what).toMatch(expected.stdout);
      if (expected.code !== undefined) expect(results[index]?.code, what).toBe(expected.code);
    }
  });

  it('shows the workspace by the access, and binds read-only', async () => {
    const place = await home();
    const data = path.join(place.workspaceDir, 'data');
    await mkdir(data);
    await writeFile(path.join(data, 'a.txt'), 'bound');
    expect((await sh(await place.open(), 'cat data/a.txt; echo made > made.txt')).stdout).toBe('bound');
    expect(await readFile(path.join(place.workspaceDir, 'made.txt'), 'utf8')).toBe('made\n');
    place.configure(wrapped({ workspaceAccess: 'ro' }));
    expect((await sh(await place.open('agent:main:ro'), 'echo x > new.txt')).code).toBe(2);
    place.configure(wrapped({ workspaceAccess: 'none', docker: { binds: [`${data}:/data:ro`] } }));
    const own = await place.open('agent:main:own');
    expect(await sh(own, 'ls; cat /data/a.txt; echo x > /data/b')).toMatchObject({ stdout: 'bound', code: 2 });
  });

  it('handles files inside and refuses every way out', async () => {
    const place = await home();
    const box = await place.open();
    await writeFile(path.join(place.dir, 'private.txt'), 'of the host');
    await box.files.write('deep/a.txt', Buffer.from('new'));
    expect((await box.files.read('deep/a.txt')).toString()).toBe('new');
    await sh(box, `ln -s ${place.dir}/private.txt host; ln -s /usr usr; ln -s ../private.txt up`);
    for (const file of ['host', 'up', 'usr/bin/env', '../private.txt', path.join(place.dir, 'private.txt')]) {
      await expect(box.files.read(file), file).rejects.toMatchObject({ code: 'tool.path_outside' });
    }
    await expect(box.files.write('host', Buffer.from('x'))).rejects.toMatchObject({ code: 'tool.path_outside' });
    expect(await readFile(path.join(place.dir, 'private.txt'), 'utf8')).toBe('of the host');
  });

  it('ends everything inside with the program that carries it', async () => {
    const place = await home();
    const box = await place.open();
    // The pipe stays open as long as anything inside lives.
    const started = await startIn(box, {
      argv: ['/bin/sh', '-c', 'sleep 5555 & setsid sleep 5556 & echo started; wait'],
    });
    await started.says('started');
    await started.kill('SIGKILL');
    expect(await started.done).toMatchObject({ code: null });
  });

  it('does not let variables steer the program that carries them', async () => {
    const box = await (await home()).open();
    const env = { LD_PRELOAD: '/workspace/evil.so', TOKEN: 'a "b"\n$c' };
    const command = await box.command({ argv: ['env'], env });
    expect(command.env.LD_PRELOAD).toBeUndefined();
    expect(command.args.join(' ')).not.toContain('a "b"');
    expect((await sh(box, 'unset LD_PRELOAD; printf %s "$TOKEN"', { env })).stdout).toBe('a "b"\n$c');
  });

  it('runs its setup once, and again when it changed', async () => {
    const place = await home(wrapped({ docker: { setupCommand: 'echo one >> setup.log' } }));
    await Promise.all([place.open(), place.open()]);
    await place.another().workplaceOf(place.scope());
    place.configure(wrapped({ docker: { setupCommand: 'echo two >> setup.log' } }));
    await place.open();
    expect(await readFile(path.join(place.workspaceDir, 'setup.log'), 'utf8')).toBe('one\ntwo\n');
  });

  it('fails closed without bubblewrap, and never shares the network of the host', async () => {
    const without = await home(wrapped(), { PATH: '/nowhere' });
    await expect(without.open()).rejects.toMatchObject({ code: 'sandbox.unavailable' });
    const networked = await home(wrapped({ docker: { network: 'bridge' } }));
    await expect(networked.open()).rejects.toMatchObject({ code: 'sandbox.refused' });
  });
});
