import { access, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../shared/clock.js';
import { downloadName, installCommand } from './install-command.js';
import { createInstallRunner } from './install-runner.js';
import { createSkillInstaller, type InstallerOptions } from './install-skill.js';
import { parseSkillFile } from './skill-file.js';
import { makeSkillBench, type SkillBench } from './testing.js';

let bench: SkillBench;
beforeEach(async () => {
  bench = await makeSkillBench();
});
afterEach(() => bench.remove());

const offers = (...options: object[]) => `metadata: ${JSON.stringify({ openclaw: { install: options } })}`;
const request = (installId: string, name = 'a') => ({ agentId: 'main', name, installId, timeoutMs: 20_000 });

function installer(changes: Partial<InstallerOptions> = {}) {
  const env = () => ({ ...bench.env, OPENAI_API_KEY: 'secret', HTTPS_PROXY: 'http://proxy' });
  return createSkillInstaller({
    config: () => bench.config,
    stateDir: path.join(bench.dir, 'state'),
    skills: bench.skills,
    platform: 'linux',
    run: createInstallRunner({ env, clock: systemClock }),
    ...changes,
  });
}

describe('installing what a skill needs', () => {
  it('runs the program with plain arguments and without secrets', async () => {
    await bench.put(bench.managed, 'a', offers({ kind: 'brew', formula: 'steipete/tap/x', bins: ['x'] }));
    await bench.program(
      'brew',
      '#!/bin/sh\nfor a in "$@"; do echo "[$a]"; done\necho "key=$OPENAI_API_KEY proxy=$HTTPS_PROXY"\n',
    );
    expect(await installer()(request('brew'))).toEqual({
      ok: true,
      message: 'Install steipete/tap/x (brew): done',
      code: 0,
      stdout: '[install]\n[steipete/tap/x]\nkey= proxy=http://proxy\n',
      stderr: '',
    });
  });

  it('what it brought is noticed at once', async () => {
    const head = `metadata: ${JSON.stringify({
      openclaw: { requires: { bins: ['x'] }, install: [{ kind: 'uv', package: 'x' }] },
    })}`;
    await bench.put(bench.managed, 'a', head);
    const bin = path.join(bench.dir, 'bin');
    await bench.program('uv', `#!/bin/sh\nPATH=/usr/bin:/bin\nprintf '#!/bin/sh\\n' > ${bin}/x && chmod +x ${bin}/x\n`);
    expect((await bench.skills.status('main')).skills[0]?.eligible).toBe(false);
    await installer()(request('uv'));
    expect((await bench.skills.status('main')).skills[0]?.eligible).toBe(true);
  });

  it('says which program is missing, and what one that failed said', async () => {
    await bench.put(bench.managed, 'a', offers({ kind: 'go', module: 'example.com/x' }));
    await expect(installer()(request('go'))).rejects.toMatchObject({
      code: 'skill.install_failed',
      message: 'go is not on this computer, so "a" was not installed.',
    });
    await bench.program('go', '#!/bin/sh\necho "no such module" >&2\nexit 4\n');
    await expect(installer()(request('go'))).rejects.toMatchObject({
      code: 'skill.install_failed',
      message: 'go ended with 4.',
      details: { exitCode: 4, stderr: 'no such module\n' },
    });
  });

  it('ends what takes too long', async () => {
    await bench.put(bench.managed, 'a', offers({ kind: 'go', module: 'example.com/x' }));
    await bench.program('go', `#!${process.execPath}\nsetInterval(() => {}, 1000)\n`);
    await expect(installer()({ ...request('go'), timeoutMs: 1_000 })).rejects.toMatchObject({
      message: 'go took longer than 1 s.',
    });
  });

  it('refuses what the skill does not offer here', async () => {
    await bench.put(bench.managed, 'a', offers({ id: 'mac', kind: 'brew', formula: 'x', os: ['darwin'] }));
    const install = installer();
    await expect(install(request('mac'))).rejects.toMatchObject({ code: 'skill.install_refused' });
    await expect(install(request('other'))).rejects.toMatchObject({ hint: 'It has: mac.' });
    await expect(install(request('mac', 'none'))).rejects.toMatchObject({ code: 'skill.not_found' });
  });

  it('downloads a single program into the state folder, whole or not at all', async () => {
    const url = 'https://example.com/tool/x-1.0';
    await bench.put(bench.managed, 'a', offers({ kind: 'download', url }));
    const asked: string[] = [];
    const done = await installer({
      download: async (address, file) => {
        asked.push(address);
        await writeFile(file, 'program');
      },
    })(request('download'));
    const file = path.join(bench.dir, 'state', 'skill-tools', 'a', 'x-1.0');
    expect({ asked, message: done.message }).toEqual({ asked: [url], message: `Install ${url} (download): ${file}` });
    expect(await readFile(file, 'utf8')).toBe('program');
    await access(file, 1);
    const failing = installer({
      download: async (_address, half) => {
        await writeFile(half, 'pro');
        throw new Error('cut off');
      },
    });
    await expect(failing(request('download'))).rejects.toMatchObject({ code: 'skill.install_failed' });
    await expect(access(file)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(installer()(request('download'))).rejects.toMatchObject({ code: 'skill.install_refused' });
  });
});

describe('install commands', () => {
  it.each([
    ['npm', ['install', '--global', '--ignore-scripts', 'x']],
    ['pnpm', ['add', '--global', '--ignore-scripts', 'x']],
    ['yarn', ['global', 'add', '--ignore-scripts', 'x']],
    ['bun', ['add', '--global', '--ignore-scripts', 'x']],
  ] as const)('of %s run no scripts of packages', (manager, args) => {
    expect(installCommand({ kind: 'node', target: 'x' }, manager)).toEqual({ program: manager, args });
  });

  it('of the others', () => {
    expect(installCommand({ kind: 'go', target: 'a.b/c' })?.args).toEqual(['install', 'a.b/c@latest']);
    expect(installCommand({ kind: 'go', target: 'a.b/c@v1' })?.args).toEqual(['install', 'a.b/c@v1']);
    expect(installCommand({ kind: 'uv', target: 'x' })?.args).toEqual(['tool', 'install', 'x']);
    expect(installCommand({ kind: 'download', target: 'https://a.b/c' })).toBeUndefined();
  });

  it.each([
    { kind: 'brew', formula: '--cask' },
    { kind: 'brew', formula: '../evil' },
    { kind: 'brew', formula: 'x; rm -rf /' },
    { kind: 'node', package: '-g' },
    { kind: 'node', package: 'git+ssh://x/y' },
    { kind: 'node', package: './local' },
    { kind: 'node', package: 'https://x/y.tgz' },
    { kind: 'go', module: '-exec=sh' },
    { kind: 'go', module: 'nodomain' },
    { kind: 'uv', package: '--index-url=http://x' },
    { kind: 'uv', package: 'x @ https://evil' },
    { kind: 'download', url: 'http://x/y' },
    { kind: 'download', url: 'file:///etc/passwd' },
    { kind: 'sh', command: 'rm' },
    { kind: 'brew', id: '../x', formula: 'x' },
  ])('%o is not offered', (option) => {
    expect(parseSkillFile(`---\nname: a\ndescription: b\n${offers(option)}\n---`, 'a').install).toEqual([]);
  });

  it.each([
    ['https://x/tool', 'tool'],
    ['https://x/a/tool-1.2?y=/z', 'tool-1.2'],
    ['https://x/a.tar.gz', undefined],
    ['https://x/a.zip', undefined],
    ['https://x/%2e%2e%2fevil', undefined],
    ['https://x/.hidden', undefined],
    ['https://x/', undefined],
  ])('the file of %s is %s', (address, name) => expect(downloadName(address)).toBe(name));
});
