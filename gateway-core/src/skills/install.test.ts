import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../shared/clock.js';
import { silentLogger } from '../shared/logger.js';
import { fileNameOf, installCommand, isInstaller } from './install-command.js';
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
    fetchChunks: () => {
      throw new Error('nothing is downloaded here');
    },
    ...{ env, clock: systemClock, log: silentLogger },
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
    ['https://x/a.tar.gz', 'a.tar.gz'],
    ['https://x/%2e%2e%2fevil', undefined],
    ['https://x/%61', undefined],
    ['https://x/.hidden', undefined],
    ['https://x/a.', undefined],
    ['https://x/', undefined],
  ])('the file of %s is %s', (address, name) => expect(fileNameOf(address)).toBe(name));

  it.each(['a.dmg', 'a.pkg', 'a.deb', 'a.rpm', 'a.MSI', 'a.7z', 'a.tar.xz'])('%s is no use as it is', (name) => {
    expect([isInstaller(name), isInstaller('tool-1.2'), isInstaller('model.onnx')]).toEqual([true, false, false]);
  });
});

describe('what a download says about its file', () => {
  const url = 'https://x.example/tool.tar.gz';
  const read = (more: object) =>
    parseSkillFile(`---\nname: a\ndescription: b\n${offers({ kind: 'download', url, ...more })}\n---`, 'a').install[0]
      ?.download;

  it.each([
    [{}, { archive: 'tar.gz', stripComponents: 0 }],
    [{ url: 'https://x.example/a.ZIP?b=c' }, { archive: 'zip', stripComponents: 0 }],
    [
      { url: 'https://x.example/get', archive: 'tar.bz2' },
      { archive: 'tar.bz2', stripComponents: 0 },
    ],
    [
      { url: 'https://x.example/get', archive: 'tgz', extract: true },
      { archive: 'tar.gz', stripComponents: 0 },
    ],
    [{ extract: false }, { stripComponents: 0 }],
    [{ url: 'https://x.example/tool' }, { stripComponents: 0 }],
    [
      { stripComponents: 2, targetDir: 'models/small/', sha256: 'AB'.repeat(32) },
      { archive: 'tar.gz', stripComponents: 2, targetDir: 'models/small', sha256: 'ab'.repeat(32) },
    ],
  ])('%o', (more, expected) => expect(read(more)).toEqual(expected));

  it.each([
    { archive: 'rar' },
    { url: 'https://x.example/tool', extract: true },
    { stripComponents: -1 },
    { stripComponents: 1.5 },
    { stripComponents: '1' },
    ...['../up', '/root', 'C:/drive', 'a/../../b', '~/x', 'a//b', ' '].map((targetDir) => ({ targetDir })),
    { sha256: 'abc' },
    { sha256: 7 },
  ])('with %o is not offered', (more) => expect(read(more)).toBeUndefined());
});
