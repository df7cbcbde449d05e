// Sandboxes on another computer: a real sshd with keys of its own.
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { missingProgram } from '../../../e2e/fixtures/container.js';
import { type SshServer, startSshServer } from '../../../e2e/fixtures/ssh-server.js';
import { makeSandboxHome, type SandboxHome, sh, startIn } from './sandbox-home.js';

type Sandbox = Parameters<SandboxHome['configure']>[0];

let server: SshServer;
let scratch: string;
const homes: SandboxHome[] = [];

const remote = (ssh: Sandbox['ssh'] = {}, more: Sandbox = {}): Sandbox => ({
  mode: 'all',
  backend: 'ssh',
  scope: 'session',
  ...more,
  ssh: {
    target: server.target,
    identityFile: server.identityFile,
    knownHostsFile: server.knownHostsFile,
    workspaceRoot: path.join(server.folder, "it's here"),
    ...ssh,
  },
});

async function home(sandbox: Sandbox): Promise<SandboxHome> {
  const made = await makeSandboxHome({ PATH: process.env.PATH, HOME: scratch, TMPDIR: scratch }, sandbox);
  homes.push(made);
  return made;
}

const missing = missingProgram('ssh', 'ssh-keygen');

describe.skipIf(missing !== undefined)('sandbox over ssh', () => {
  beforeAll(async () => {
    server = await startSshServer();
    scratch = await mkdtemp(path.join(tmpdir(), 'hq-ssh-'));
  });
  afterEach(async () => {
    for (const made of homes.splice(0)) await made.remove();
  });
  afterAll(async () => {
    await server.stop();
    await rm(scratch, { recursive: true, force: true });
  });

  it('runs programs there, with input, folder, variables and their code', async () => {
    const place = await home(remote({}, { docker: { env: { FROM_CONFIG: "it's\nhere" } } }));
    const box = await place.open();
    expect(box).toMatchObject({ kind: 'ssh', isWritable: true });
    const env = { TOKEN: 'a "b" $c `d`' };
    const command = await box.command({ argv: ['env'], env });
    expect(command.args.join(' ')).not.toContain('a "b"');
    const started = await startIn(
      box,
      { argv: ['/bin/sh', '-c', 'pwd; cat; echo "|$FROM_CONFIG|$TOKEN"; exit 7'], env },
      'input',
    );
    expect(await started.done).toMatchObject({ code: 7, stdout: `${box.workdir}\ninput|it's\nhere|a "b" $c \`d\`\n` });
    const spool = path.join(path.dirname(box.workdir), '.openclaw-env');
    // One is left: that of the command which was made and never started.
    expect(await readdir(spool)).toHaveLength(1);
  });

  it('handles files in its folder and refuses every way out', async () => {
    const { files, workdir } = await (await home(remote())).open();
    await files.write('deep/a b.txt', Buffer.from('one\0two'));
    expect(await readFile(path.join(workdir, 'deep/a b.txt'), 'utf8')).toBe('one\0two');
    expect((await files.read('deep/a b.txt')).toString()).toBe('one\0two');
    expect(await files.list('deep')).toEqual([{ name: 'a b.txt', kind: 'file' }]);
    await writeFile(path.join(server.folder, 'private.txt'), 'private');
    await symlink('../../private.txt', path.join(workdir, 'out'));
    for (const file of ['out', '../../private.txt', path.join(server.folder, 'private.txt'), '/etc/passwd']) {
      await expect(files.read(file), file).rejects.toMatchObject({ code: 'tool.path_outside' });
      await expect(files.write(file, Buffer.from('x')), file).rejects.toMatchObject({ code: 'tool.path_outside' });
    }
    expect(await readFile(path.join(server.folder, 'private.txt'), 'utf8')).toBe('private');
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('%s ends what runs there', async (signal) => {
    const box = await (await home(remote())).open();
    const started = await startIn(box, {
      argv: ['/bin/sh', '-c', 'sleep 4444 & setsid sleep 4445 & echo started $$; wait'],
    });
    await started.says('started');
    await started.kill(signal);
    await started.done;
    const left = await sh(
      box,
      'for f in /proc/[0-9]*/cmdline; do tr "\\0" " " < $f 2>/dev/null; echo; done | grep "^sleep 444"',
    );
    expect(left.stdout).toBe('');
  });

  it('runs its setup once, and makes a new folder only when a person asks', async () => {
    const place = await home(remote({}, { docker: { setupCommand: 'echo ran >> setup.log' } }));
    const [box] = await Promise.all([place.open(), place.open(), place.open()]);
    await place.another().workplaceOf(place.scope());
    expect(await readFile(path.join(box.workdir, 'setup.log'), 'utf8')).toBe('ran\n');
    expect(await place.sandboxes.recreate({})).toEqual([box.name]);
    expect(existsSync(box.workdir)).toBe(false);
    expect((await sh(await place.another().workplaceOf(place.scope()), 'cat setup.log')).stdout).toBe('ran\n');
  });

  it('takes a key from the config, and leaves no file and no connection behind', async () => {
    const place = await home(remote({ identityFile: undefined, identityData: server.identityData }));
    const temp = tmpdir();
    const before = (await readdir(temp)).filter((name) => name.startsWith('ocs-'));
    expect((await sh(await place.open(), 'echo works')).stdout).toBe('works\n');
    const during = (await readdir(temp)).filter((name) => name.startsWith('ocs-') && !before.includes(name));
    expect(during).toHaveLength(1);
    await place.sandboxes.stop();
    expect((await readdir(temp)).filter((name) => during.includes(name))).toEqual([]);
  });

  it('refuses a host that is not known, one with another key, and a key that is not let in', async () => {
    const empty = path.join(scratch, 'empty');
    await writeFile(empty, '');
    const rows: Array<[Sandbox['ssh'], RegExp]> = [
      [{ knownHostsFile: empty }, /Host key verification failed|No ED25519 host key/],
      [{ knownHostsFile: server.wrongHostsFile }, /Host key verification failed|IDENTIFICATION HAS CHANGED/],
      [{ identityFile: server.strangerFile }, /Permission denied/],
      [{ command: 'no-such-ssh' }, /not installed/],
      [{ target: 'nobody@127.0.0.1:1' }, /Connection refused/],
    ];
    for (const [ssh, message] of rows) {
      const place = await home(remote(ssh));
      await expect(place.open()).rejects.toMatchObject({
        code: 'sandbox.unavailable',
        message: expect.stringMatching(message),
      });
    }
  });
});
