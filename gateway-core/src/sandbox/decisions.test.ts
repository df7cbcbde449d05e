// Pure decisions about sandboxes that exist: what to do before use, what to prune, how they are made.
import { describe, expect, it } from 'vitest';
import { judgeContainer } from './backends/containers.js';
import { bodyArgs, boxHash, createArgs, userArgs } from './backends/container-args.js';
import { engineOrder } from './backends/engine.js';
import { engineEnv } from './backends/programs.js';
import { sshArgs } from './backends/ssh-args.js';
import { type BoxFacts, type BoxStep, decideBox } from './box-decision.js';
import { carryEnv, quote } from './guest/guest-shell.js';
import { planSandbox } from './plan/plan-sandbox.js';
import type { BoxPlan } from './plan/plan-types.js';
import type { SandboxConfig } from './plan/settings.js';
import { decidePrune } from './prune.js';
import type { SandboxEntry } from './registry.js';

const HOUR = 3_600_000;

function box(sandbox: SandboxConfig = {}): BoxPlan {
  const config = { agents: { defaults: { sandbox: { mode: 'all' as const, ...sandbox } } } };
  const scope = { agentId: 'main', sessionKey: 'agent:main:x', isMain: false, workspaceDir: '/w' };
  const plan = planSandbox(config, scope, { stateDir: '/state', home: '/h', realpath: (file) => file });
  if (plan.kind !== 'box') throw new Error('not a box');
  return plan;
}

describe('what to do before something runs', () => {
  const present = (isRunning: boolean, hash: string) => ({ kind: 'present' as const, isRunning, hash });
  it.each<[string, Partial<BoxFacts>, BoxStep]>([
    ['nothing there', { state: { kind: 'absent' } }, 'make'],
    ['somebody else has the name', { state: { kind: 'foreign' } }, 'refuse'],
    ['as it should be', {}, 'use'],
    ['stopped', { state: present(false, 'new') }, 'start'],
    ['other settings', { state: present(true, 'old') }, 'replace'],
    ['other settings, stopped', { state: present(false, 'old'), isBusy: true }, 'replace'],
    ['other settings, at work', { state: present(true, 'old'), isBusy: true }, 'use-old'],
    ['never set up', { isSetUp: false }, 'replace'],
    ['never set up, at work', { isSetUp: false, isBusy: true }, 'replace'],
  ])('%s', (_, facts, step) => {
    expect(decideBox({ state: present(true, 'new'), hash: 'new', isSetUp: true, isBusy: false, ...facts })).toBe(step);
  });
});

describe('what is pruned', () => {
  const entry = (ageHours: number, idleHours: number): SandboxEntry => ({
    containerName: 'a',
    backendId: 'docker',
    sessionKey: 'shared',
    agentId: 'main',
    createdAtMs: -ageHours * HOUR,
    lastUsedAtMs: -idleHours * HOUR,
    image: 'i',
    configHash: 'h',
    isSetUp: true,
  });
  it.each<[age: number, idle: number, rules: [number, number], cause: string | undefined]>([
    [30, 23, [24, 7], undefined],
    [30, 24, [24, 7], undefined],
    [30, 25, [24, 7], 'idle'],
    [24 * 7 + 1, 0, [24, 7], 'old'],
    [24 * 7, 0, [24, 7], undefined],
    [9999, 9999, [0, 0], undefined],
    [9999, 9999, [0, 7], 'old'],
    [9999, 9999, [24, 0], 'idle'],
  ])('%i h old, unused for %i h, idle hours and age days %o → %s', (age, idle, [idleHours, maxAgeDays], cause) => {
    const [decision] = decidePrune([entry(age, idle)], 0, () => ({ idleHours, maxAgeDays }));
    expect(decision?.cause).toBe(cause);
  });
});

describe('how a container is made', () => {
  it('closed by default', () => {
    expect(createArgs(box(), ['--user=1000:1000'], '/state')).toEqual(
      expect.arrayContaining([
        '--pull=never',
        '--read-only',
        '--network=none',
        '--cap-drop=ALL',
        '--security-opt=no-new-privileges',
        '--pids-limit=256',
        '--user=1000:1000',
        '--tmpfs=/tmp',
        '--workdir=/workspace',
      ]),
    );
  });

  it('carries limits, names and profiles', () => {
    const docker: SandboxConfig['docker'] = {
      memory: '1g',
      cpus: 1.5,
      ulimits: { nofile: { soft: 1, hard: 2 } },
      dns: ['1.1.1.1'],
      extraHosts: ['db:10.0.0.1'],
      seccompProfile: '/p.json',
      apparmorProfile: 'mine',
    };
    const expected = [
      '--memory=1g',
      '--memory-swap=1g',
      '--cpus=1.5',
      '--ulimit=nofile=1:2',
      '--dns=1.1.1.1',
      '--add-host=db:10.0.0.1',
    ];
    const args = bodyArgs(box({ docker }), []);
    expect(args).toEqual(
      expect.arrayContaining([...expected, '--security-opt=seccomp=/p.json', '--security-opt=apparmor=mine']),
    );
  });

  it('never shows a variable, and has one hash for the same settings', () => {
    const secret = box({ docker: { env: { TOKEN: 'secret-value' } } });
    expect(createArgs(secret, [], '/state').join(' ')).not.toContain('secret-value');
    expect(boxHash(secret)).toBe(boxHash(box()));
    expect(boxHash(box({ docker: { network: 'bridge' } }))).not.toBe(boxHash(box()));
    expect(boxHash(box({ docker: { setupCommand: 'x' } }))).not.toBe(boxHash(box()));
  });

  it.each([
    [{}, 'docker', false, ['--user=5:6']],
    [{}, 'podman', false, ['--user=5:6']],
    [{}, 'docker', true, ['--user=0:0']],
    [{}, 'podman', true, ['--userns=keep-id', '--user=5:6']],
    [{ docker: { user: 'node' } }, 'podman', true, ['--user=node']],
  ] as const)('user: %o on %s, rootless %s', (sandbox, kind, isRootless, expected) => {
    const engine = { kind, isRootless, file: '/bin/x', env: {} };
    expect(userArgs(box(sandbox), engine, { uid: 5, gid: 6 })).toEqual(expected);
  });

  it('a container without our labels is somebody else’s', () => {
    const labels = { 'openclaw.sandbox': '1', 'openclaw.owner': 'me', 'openclaw.configHash': 'h' };
    expect(judgeContainer(`true ${JSON.stringify(labels)}`, 'me')).toEqual({
      kind: 'present',
      isRunning: true,
      hash: 'h',
    });
    expect(judgeContainer(`false ${JSON.stringify(labels)}`, 'you')).toEqual({ kind: 'foreign' });
    expect(judgeContainer('true null', 'me')).toEqual({ kind: 'foreign' });
  });
});

describe('engines', () => {
  it('one that a person points at is the only one', () => {
    expect(engineOrder({})).toEqual(['docker', 'podman']);
    expect(engineOrder({ DOCKER_HOST: 'unix:///x' })).toEqual(['docker']);
    expect(engineOrder({ DOCKER_CONTEXT: 'x' })).toEqual(['docker']);
    expect(engineOrder({ CONTAINER_HOST: 'unix:///x' })).toEqual(['podman']);
  });

  it('their programs get what they need and no secrets', () => {
    const env = {
      PATH: '/bin',
      HOME: '/h',
      DOCKER_HOST: 'x',
      XDG_RUNTIME_DIR: '/r',
      OPENAI_API_KEY: 's',
      NODE_OPTIONS: 'x',
      LD_PRELOAD: 'y',
    };
    expect(engineEnv(env)).toEqual({ PATH: '/bin', HOME: '/h', DOCKER_HOST: 'x', XDG_RUNTIME_DIR: '/r' });
  });
});

describe('the way inside', () => {
  it('variables travel under neutral names', () => {
    const { host, unpack } = carryEnv({ LD_PRELOAD: '/x', 'not a name': 'x', 'A;id': 'x', UID: '0' });
    expect(host).toEqual({ OPENCLAW_ENV_0: '/x' });
    expect(unpack).toBe('export LD_PRELOAD="$OPENCLAW_ENV_0"; unset OPENCLAW_ENV_0; ');
    expect(carryEnv({})).toEqual({ host: {}, unpack: '' });
  });

  it('quotes one word for a shell', () => {
    expect(quote(`it's $(id) "x"`)).toBe(`'it'\\''s $(id) "x"'`);
  });

  it('ssh asks nobody, trusts known hosts only and forwards nothing', () => {
    const args = sshArgs({ target: 'me@box:22' }, { control: '/c', identity: '/a b/key' }, 'client').join(' ');
    for (const option of ['BatchMode=yes', 'StrictHostKeyChecking=yes', 'ForwardAgent=no', 'ClearAllForwardings=yes']) {
      expect(args).toContain(option);
    }
    expect(args).toContain('IdentityFile="/a b/key" -o IdentitiesOnly=yes -p 22 -- me@box');
  });
});
