import { describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../../config/index.js';
import { planSandbox } from './plan-sandbox.js';
import type { PlanPlaces, PlanScope, SandboxPlan } from './plan-types.js';
import type { SandboxConfig } from './settings.js';

const LINKS: Record<string, string> = {
  '/home/kim/project/to-etc': '/etc',
  '/home/kim/project/to-sock': '/srv/docker.sock',
  '/home/kim/project/to-state': '/home/kim/.openclaw/credentials',
  '/home/kim/project/to-home': '/home/kim',
  '/home/kim/project/odd': '/home/kim/project/a,b',
};
const MISSING = new Set(['/home/kim/project/nothing']);

const places: PlanPlaces = {
  stateDir: '/home/kim/.openclaw',
  home: '/home/kim',
  realpath: (file) => (MISSING.has(file) ? undefined : (LINKS[file] ?? file)),
};
const scope: PlanScope = {
  agentId: 'main',
  sessionKey: 'agent:main:telegram:1',
  isMain: false,
  workspaceDir: '/home/kim/project',
};

const configured = (sandbox: SandboxConfig, own?: SandboxConfig): OpenClawConfig => ({
  agents: { defaults: { sandbox }, ...(own && { list: [{ id: 'main', sandbox: own }] }) },
});
const plan = (sandbox: SandboxConfig, changes: Partial<PlanScope> = {}): SandboxPlan =>
  planSandbox(configured(sandbox), { ...scope, ...changes }, places);

function box(sandbox: SandboxConfig, changes: Partial<PlanScope> = {}) {
  const planned = plan({ mode: 'all', ...sandbox }, changes);
  if (planned.kind !== 'box') throw new Error(`not a box: ${JSON.stringify(planned)}`);
  return planned;
}

describe('where a conversation works', () => {
  it.each<[SandboxConfig, boolean, string]>([
    [{}, false, 'off'],
    [{ mode: 'off' }, false, 'off'],
    [{ mode: 'non-main' }, true, 'off'],
    [{ mode: 'non-main' }, false, 'box'],
    [{ mode: 'all' }, true, 'box'],
    [{ mode: 'all' }, false, 'box'],
  ])('%o, main: %s → %s', (sandbox, isMain, kind) => {
    expect(plan(sandbox, { isMain }).kind).toBe(kind);
  });

  it('says why, for every decision', () => {
    const { decisions } = box({ workspaceAccess: 'rw' });
    expect(decisions.map(({ what }) => what)).toEqual(['mode', 'backend', 'scope', 'workspaceAccess', 'network']);
    expect(decisions.every(({ reason }) => reason.endsWith('.'))).toBe(true);
    expect(plan({})).toMatchObject({ reason: 'No sandbox is configured, so tools work on this computer.' });
  });

  it('the agent overrides the defaults, field by field', () => {
    const config = configured(
      { mode: 'all', docker: { network: 'bridge', env: { A: '1', B: '1' }, memory: '1g' } },
      { workspaceAccess: 'rw', docker: { memory: '2g', env: { B: '2' } } },
    );
    const planned = planSandbox(config, scope, places);
    expect(planned).toMatchObject({ kind: 'box', workspaceAccess: 'rw', env: { A: '1', B: '2' } });
    expect(planned.settings.docker).toMatchObject({ network: 'bridge', memory: '2g' });
    expect(planned.settings.from).toMatchObject({
      mode: 'agents.defaults.sandbox.mode',
      workspaceAccess: 'agents.list[main].sandbox.workspaceAccess',
      backend: 'default',
    });
  });

  it('an agent may not change the container that all share', () => {
    const config = configured(
      { mode: 'all', scope: 'shared' },
      { docker: { network: 'bridge', binds: ['/srv:/srv'] } },
    );
    expect(planSandbox(config, scope, places)).toMatchObject({
      kind: 'box',
      settings: { docker: { network: 'none', binds: [] } },
    });
  });
});

describe('what shares a box', () => {
  it.each<[SandboxConfig, string]>([
    [{}, 'agent:main'],
    [{ scope: 'agent' }, 'agent:main'],
    [{ scope: 'session' }, 'agent:main:telegram:1'],
    [{ scope: 'shared' }, 'shared'],
    [{ perSession: true }, 'agent:main:telegram:1'],
    [{ perSession: false }, 'shared'],
    [{ perSession: true, scope: 'agent' }, 'agent:main'],
  ])('%o → %s', (sandbox, scopeKey) => {
    expect(box(sandbox).scopeKey).toBe(scopeKey);
  });

  it.each(['ro', 'rw'] as const)('nobody gets the workspace of another for his own (%s)', (workspaceAccess) => {
    const shared: SandboxConfig = { scope: 'shared', workspaceAccess };
    const mine = box(shared);
    expect(mine.name).toMatch(/^openclaw-sbx-shared-[0-9a-f]{10}$/);
    expect(box(shared, { sessionKey: 'agent:main:telegram:2' }).name).toBe(mine.name);
    const other = box(shared, { agentId: 'ops', sessionKey: 'agent:ops:main', workspaceDir: '/home/kim/ops' });
    expect(other).toMatchObject({ scopeKey: 'shared', mounts: [{ source: '/home/kim/ops' }] });
    expect(other.name).not.toBe(mine.name);
    const apart: SandboxConfig = { scope: 'shared' };
    expect(box(apart, { workspaceDir: '/home/kim/ops' }).name).toBe(box(apart).name);
  });

  it('names are stable, different for each scope and state folder, and fit an engine', () => {
    const name = box({ scope: 'session' }).name;
    expect(name).toBe(box({ scope: 'session' }).name);
    expect(name).toMatch(/^openclaw-sbx-agent-main-telegram-1-[0-9a-f]{10}$/);
    expect(box({ scope: 'session' }, { sessionKey: 'agent:main:telegram:2' }).name).not.toBe(name);
    expect(box({ scope: 'session' }, { sessionKey: 'agent:main:Ünïcode ../../x' }).name).toMatch(/^[a-z0-9-]+$/);
    const elsewhere = planSandbox(configured({ mode: 'all', scope: 'session' }), scope, {
      ...places,
      stateDir: '/other',
    });
    expect(elsewhere).not.toMatchObject({ name });
  });
});

describe('what it sees of the workspace', () => {
  it('none: a folder of its own; ro and rw: the workspace', () => {
    const own = box({});
    expect(own.mounts).toEqual([{ source: own.folder, target: '/workspace', isReadOnly: false }]);
    expect(own.folder).toMatch(/^\/home\/kim\/\.openclaw\/sandboxes\/agent-main-[0-9a-f]{10}$/);
    expect(own).toMatchObject({ ownsFolder: true, isWritable: true });
    const workspace = '/home/kim/project';
    expect(box({ workspaceAccess: 'ro' })).toMatchObject({
      mounts: [{ source: workspace, target: '/workspace', isReadOnly: true }],
      isWritable: false,
      ownsFolder: false,
    });
    expect(box({ workspaceAccess: 'rw' })).toMatchObject({
      mounts: [{ source: workspace, target: '/workspace', isReadOnly: false }],
      isWritable: true,
    });
  });

  it.each([
    '/',
    '/etc',
    '/etc/x',
    '/home',
    '/home/kim',
    '/home/kim/.openclaw',
    '/var',
    '/run/user',
    '/home/kim/project/to-home',
    '/a,b',
  ])('a workspace at %s is refused', (workspaceDir) => {
    expect(plan({ mode: 'all', workspaceAccess: 'rw' }, { workspaceDir })).toMatchObject({ kind: 'refused' });
  });

  it.each(['/root/.openclaw/workspace', '/home/kim/.openclaw/workspace', '/srv/work'])(
    'a workspace at %s is fine',
    (workspaceDir) => {
      expect(plan({ mode: 'all', workspaceAccess: 'rw' }, { workspaceDir }).kind).toBe('box');
    },
  );
});

describe('binds', () => {
  const bound = (bind: string, docker: SandboxConfig['docker'] = {}) =>
    plan({ mode: 'all', docker: { binds: [bind], dangerouslyAllowExternalBindSources: true, ...docker } });

  it.each([
    '/etc:/x',
    '/etc/ssl:/x',
    '/private/etc:/x',
    '/proc:/x',
    '/sys/fs:/x',
    '/dev/sda:/x',
    '/root:/x',
    '/root/notes:/x',
    '/boot:/x',
    '/run:/x',
    '/var/run:/x',
    '/private/var/run/x:/x',
    '/:/x',
    '/var:/x',
    '/srv/../etc:/x',
    '/srv//../etc/:/x',
    '/var/run/docker.sock:/x',
    '/srv/docker.sock:/x',
    '/srv/podman.sock:/x:ro',
    '/home/kim/project/docker.sock:/x',
    '/home/kim:/x',
    '/home/kim/.openclaw:/x',
    '/home/kim/.openclaw/credentials:/x:ro',
    '/home/kim/project/to-etc:/x',
    '/home/kim/project/to-sock:/x',
    '/home/kim/project/to-state:/x',
    '/home/kim/project/to-home:/x',
    '/home/kim/project/odd:/x',
    '/home/kim/project/nothing:/x',
    'data:/x',
    './data:/x',
    '../data:/x',
    '/srv/a,b:/x',
    '/srv/"a":/x',
    '/srv',
    '/srv:',
    '/srv:x',
    '/srv:/',
    '/srv:/proc',
    '/srv:/proc/x',
    '/srv:/dev',
    '/srv:/sys/../sys',
    '/srv:/workspace',
    '/srv:/workspace/sub',
    '/srv:/x:rshared',
    '/srv:/x:ro:rw',
    ':/x',
  ])('%s is refused', (bind) => {
    const refused = bound(bind);
    expect(refused).toMatchObject({ kind: 'refused', key: 'agents.defaults.sandbox.docker.binds' });
    expect(refused.kind === 'refused' && refused.reason).toContain(bind);
  });

  it.each<[string, object]>([
    ['/srv/data:/data', { source: '/srv/data', target: '/data', isReadOnly: false }],
    ['/srv/data:/data:ro', { source: '/srv/data', target: '/data', isReadOnly: true }],
    ['/srv/data/:/data/:rw', { source: '/srv/data/', target: '/data', isReadOnly: false }],
    ['/home/kim/project/sub:/data', { source: '/home/kim/project/sub', target: '/data', isReadOnly: false }],
  ])('%s is mounted', (bind, mount) => {
    expect(bound(bind)).toMatchObject({ kind: 'box', mounts: [{}, mount] });
  });

  it('what is outside the workspaces needs the flag', () => {
    expect(bound('/srv/data:/data', { dangerouslyAllowExternalBindSources: false }).kind).toBe('refused');
    expect(bound('/home/kim/project/sub:/data', { dangerouslyAllowExternalBindSources: false }).kind).toBe('box');
    expect(bound('/srv:/workspace/x', { dangerouslyAllowReservedContainerTargets: true }).kind).toBe('box');
  });

  it('two binds may not have one target', () => {
    const docker = { binds: ['/srv/a:/x', '/srv/b:/x/'], dangerouslyAllowExternalBindSources: true };
    expect(plan({ mode: 'all', docker }).kind).toBe('refused');
  });

  it('a workspace that is refused makes no bind its own', () => {
    const refused = plan({ mode: 'all', docker: { binds: ['/srv/data:/data'] } }, { workspaceDir: '/' });
    expect(refused.kind).toBe('refused');
  });
});

describe('settings of a container that are refused', () => {
  it.each<[string, SandboxConfig['docker']]>([
    ['network', { network: 'host' }],
    ['network', { network: ' HOST ' }],
    ['network', { network: 'container:db' }],
    ['network', { network: 'container:', dangerouslyAllowContainerNamespaceJoin: true }],
    ['network', { network: 'ns:/proc/1/ns/net' }],
    ['network', { network: 'slirp4netns:allow_host_loopback=true' }],
    ['network', { network: '--privileged' }],
    ['network', { network: '' }],
    ['user', { user: '--privileged' }],
    ['user', { user: '' }],
    ['user', { user: 'a b' }],
    ['seccompProfile', { seccompProfile: 'unconfined' }],
    ['seccompProfile', { seccompProfile: 'Unconfined' }],
    ['seccompProfile', { seccompProfile: 'profile.json' }],
    ['apparmorProfile', { apparmorProfile: 'unconfined' }],
    ['apparmorProfile', { apparmorProfile: 'a=b' }],
    ['image', { image: '-v' }],
    ['image', { image: '' }],
    ['containerPrefix', { containerPrefix: '-x' }],
    ['workdir', { workdir: 'workspace' }],
    ['workdir', { workdir: '/' }],
    ['workdir', { workdir: '/proc/x' }],
    ['workdir', { workdir: '/a/../b' }],
    ['workdir', { workdir: '/bin' }],
    ['capDrop', { capDrop: ['ALL', '--cap-add=SYS_ADMIN'] }],
    ['env', { env: { 'A B': 'x' } }],
    ['env', { env: { 'A=B': 'x' } }],
    ['tmpfs', { tmpfs: ['tmp'] }],
    ['tmpfs', { tmpfs: ['/'] }],
    ['tmpfs', { tmpfs: ['/workspace'] }],
    ['tmpfs', { tmpfs: ['/tmp --privileged'] }],
    ['memory', { memory: 'lots' }],
    ['memory', { memory: '-1' }],
    ['memorySwap', { memorySwap: 'x' }],
    ['gpus', { gpus: 'a b' }],
    ['ulimits', { ulimits: { nofile: 'many' } }],
    ['ulimits', { ulimits: { 'no file': 1 } }],
    ['dns', { dns: ['dns.example'] }],
    ['extraHosts', { extraHosts: ['here:host-gateway'] }],
    ['extraHosts', { extraHosts: ['nothing'] }],
  ])('%s: %o', (field, docker) => {
    const refused = plan({ mode: 'all', docker });
    expect(refused).toMatchObject({ kind: 'refused', key: `agents.defaults.sandbox.docker.${field}` });
  });

  it.each<[SandboxConfig['docker']]>([
    [{ network: 'bridge' }],
    [{ network: 'my-net_1' }],
    [{ network: 'container:db', dangerouslyAllowContainerNamespaceJoin: true }],
    [{ user: '1000:1000' }],
    [{ user: 'node' }],
    [{ seccompProfile: '/opt/profile.json', apparmorProfile: 'docker-default' }],
    [{ image: 'registry.example:5000/a/b@sha256:0123' }],
    [{ tmpfs: ['/tmp:size=64m,mode=1777'] }],
    [{ memory: '512m', memorySwap: -1, cpus: 0.5, pidsLimit: 10, gpus: 'all' }],
    [{ ulimits: { nofile: { soft: 10, hard: 20 }, nproc: 5, core: '0:0' } }],
    [{ dns: ['1.1.1.1', '::1'], extraHosts: ['db:10.0.0.1', 'six:[::1]'] }],
  ])('%o is fine', (docker) => {
    expect(plan({ mode: 'all', docker }).kind).toBe('box');
  });

  it('names the key where it is written', () => {
    const refused = planSandbox(configured({ mode: 'all' }, { docker: { network: 'host' } }), scope, places);
    expect(refused).toMatchObject({ kind: 'refused', key: 'agents.list[main].sandbox.docker.network' });
  });
});

describe('backends', () => {
  it.each<[string, SandboxConfig, string]>([
    ['docker', {}, 'box'],
    ['openshell', {}, 'refused'],
    ['host', {}, 'refused'],
    ['', {}, 'refused'],
    ['bubblewrap', {}, 'box'],
    ['bubblewrap', { docker: { network: 'bridge' } }, 'refused'],
    ['ssh', {}, 'refused'],
    ['ssh', { ssh: { target: 'me@box' } }, 'box'],
    ['ssh', { ssh: { target: 'me@box:2222' } }, 'box'],
    ['ssh', { ssh: { target: 'box' }, workspaceAccess: 'rw' }, 'refused'],
    ['ssh', { ssh: { target: '-oProxyCommand=id' } }, 'refused'],
    ['ssh', { ssh: { target: 'me@-x' } }, 'refused'],
    ['ssh', { ssh: { target: 'me@box; id' } }, 'refused'],
    ['ssh', { ssh: { target: 'box', workspaceRoot: 'here' } }, 'refused'],
    ['ssh', { ssh: { target: 'box', workspaceRoot: '/' } }, 'refused'],
    ['ssh', { ssh: { target: 'box', command: '-x' } }, 'refused'],
  ])('%s with %o → %s', (backend, more, kind) => {
    expect(plan({ mode: 'all', backend, ...more }).kind).toBe(kind);
  });

  it('an SSH box works in a folder of its own there', () => {
    const planned = box({ backend: 'ssh', ssh: { target: 'box', workspaceRoot: '/srv/sbx/' } });
    expect(planned).toMatchObject({ workdir: planned.folder, mounts: [], isWritable: true });
    expect(planned.folder).toMatch(/^\/srv\/sbx\/agent-main-[0-9a-f]{10}$/);
  });
});
