import { describe, expect, it } from 'vitest';
import { examine } from './checks.js';
import type { DoctorFacts } from './facts.js';
import { compareSessions } from './gather-sessions.js';
import { editsBetween } from './migration-edits.js';

const NOW = Date.UTC(2026, 10, 21, 7, 30);

function healthy(changes: Partial<DoctorFacts> = {}): DoctorFacts {
  return {
    runtime: { node: '22.1.0' },
    config: {
      path: '/h/openclaw.json',
      exists: true,
      valid: true,
      issues: [],
      legacyIssues: [],
      warnings: [],
      parsed: {},
      migrated: {},
    },
    gateway: { isRemote: false, authMode: 'token', hasSecret: true },
    places: [{ path: '/h', kind: 'folder', mode: 0o700 }],
    state: { dir: '/h', exists: true, others: [] },
    sessions: [],
    port: { port: 18789, status: 'free', listeners: [] },
    models: { default: 'openai/gpt', missing: [] },
    openSecrets: [],
    newToken: 'fresh-token',
    nowMs: NOW,
    ...changes,
  };
}

const listener = (pid: number) => ({
  pid,
  command: 'x',
  address: '127.0.0.1:18789',
  commandLine: 'x',
  user: 'u',
  ppid: 1,
});
const busy = (...pids: number[]) => ({ port: 18789, status: 'busy' as const, listeners: pids.map(listener) });
const lock = (isAlive: boolean) => ({ file: '/tmp/l.lock', pid: 7, isAlive });
const config = (more: object) => ({ ...healthy().config, ...more });
const orphaned = [{ agentId: 'main', folder: '/h/s', orphans: ['a.jsonl'], missing: [] }];

/** "level check" of what is not fine. */
const faults = (facts: DoctorFacts) =>
  examine(facts)
    .filter(({ level }) => level !== 'ok')
    .map(({ level, check }) => `${level} ${check}`);
const repairs = (facts: DoctorFacts) => examine(facts).flatMap((finding) => finding.repairs ?? []);

describe('the checks of the doctor', () => {
  it('find nothing wrong where nothing is', () => {
    expect(faults(healthy())).toEqual([]);
    expect(examine(healthy()).length).toBeGreaterThan(4);
  });

  it.each<[string, Partial<DoctorFacts>, string[]]>([
    ['an unreadable config', { config: config({ valid: false, unreadable: 'no access' }) }, ['error config.valid']],
    [
      'a config with faults',
      { config: config({ valid: false, issues: [{ path: 'a', message: 'b' }] }) },
      ['error config.valid'],
    ],
    [
      'a warning of the config',
      { config: config({ warnings: [{ path: 'a', message: 'b' }] }) },
      ['warning config.warnings'],
    ],
    ['an open folder', { places: [{ path: '/h', kind: 'folder', mode: 0o755 }] }, ['warning security.permissions']],
    ['places without permissions', { places: [{ path: 'C:\\h', kind: 'folder', mode: undefined }] }, []],
    ['a synced folder', { state: { dir: '/h/Dropbox/.openclaw', exists: true, others: [] } }, ['warning state.folder']],
    ['a folder that only sounds synced', { state: { dir: '/h/DropboxOld', exists: true, others: [] } }, []],
    ['another state folder', { state: { dir: '/h', exists: true, others: ['/o'] } }, ['info state.folder']],
    [
      'a state folder without access',
      { state: { dir: '/h', exists: true, others: [], unwritable: 'no' } },
      ['error state.folder'],
    ],
    [
      'a lost transcript',
      { sessions: [{ agentId: 'm', folder: '/s', orphans: [], missing: ['k'] }] },
      ['warning state.transcripts'],
    ],
    [
      'an unreadable index',
      { sessions: [{ agentId: 'm', folder: '/s', unreadable: 'x', orphans: [], missing: [] }] },
      ['error state.transcripts'],
    ],
    ['orphans', { sessions: orphaned }, ['warning state.transcripts']],
    [
      'orphans under a running gateway',
      { sessions: orphaned, lock: lock(true), port: busy(7) },
      ['info state.transcripts'],
    ],
    ['no token', { gateway: { isRemote: false, authMode: 'token', hasSecret: false } }, ['warning gateway.sign-in']],
    ['no token for a remote gateway', { gateway: { isRemote: true, authMode: 'token', hasSecret: false } }, []],
    ['no sign-in at all', { gateway: { isRemote: false, authMode: 'none', hasSecret: false } }, []],
    [
      'settings that refuse a start',
      { gateway: { isRemote: false, authMode: 'none', hasSecret: false, refused: { message: 'no' } } },
      ['error gateway.sign-in'],
    ],
    ['our own gateway', { port: busy(7), lock: lock(true) }, []],
    ['another program on the port', { port: busy(9) }, ['warning gateway.port']],
    ['another program beside our lock', { port: busy(9), lock: lock(true) }, ['warning gateway.port']],
    ['a gateway that does not listen', { lock: lock(true) }, ['warning gateway.port']],
    ['a lock without owner', { lock: lock(false) }, ['info gateway.port']],
    ['a missing key', { models: { default: 'openai/gpt', missing: ['openai'] } }, ['warning models.keys']],
    ['open secrets', { openSecrets: ['a.apiKey'] }, ['info security.secrets']],
    ['an old Node', { runtime: { node: '20.17.9' } }, ['error runtime.node']],
    ['the oldest Node', { runtime: { node: '20.18.0' } }, []],
    ['Bun', { runtime: { node: '22.0.0', bun: '1.2.3' } }, ['warning runtime.node']],
    [
      'a gateway that does not answer',
      { probe: { url: 'ws://x', ok: false, detail: 'no' } },
      ['warning gateway.probe'],
    ],
    ['a gateway that answers', { probe: { url: 'ws://x', ok: true, detail: 'yes' } }, []],
  ])('%s', (_what, facts, expected) => {
    expect(faults(healthy(facts))).toEqual(expected);
  });

  it('offer repairs as data', () => {
    expect(repairs(healthy({ places: [{ path: '/f', kind: 'file', mode: 0o644 }] }))).toEqual([
      { kind: 'permissions', path: '/f', mode: 0o600 },
    ]);
    expect(repairs(healthy({ sessions: orphaned }))).toEqual([
      { kind: 'rename', from: '/h/s/a.jsonl', to: '/h/s/a.jsonl.deleted.2026-11-21T07-30-00.000Z' },
    ]);
    expect(repairs(healthy({ gateway: { isRemote: false, authMode: 'token', hasSecret: false } }))).toEqual([
      { kind: 'config', edits: [{ op: 'set', path: ['gateway', 'auth', 'token'], value: 'fresh-token' }] },
    ]);
  });

  it('move old settings by small edits, the old place last', () => {
    const parsed = { gateway: { token: 't', port: 1 }, tools: { allow: ['a'] } };
    const migrated = { gateway: { port: 1, auth: { token: 't' } }, tools: { allow: ['a'] } };
    const legacyIssues = [{ path: 'gateway.token', message: 'old' }];
    expect(repairs(healthy({ config: config({ legacyIssues, parsed, migrated }) }))).toEqual([
      {
        kind: 'config',
        edits: [
          { op: 'set', path: ['gateway', 'auth'], value: { token: 't' } },
          { op: 'delete', path: ['gateway', 'token'] },
        ],
      },
    ]);
  });
});

describe('edits between two values', () => {
  it('replace lists as a whole and touch nothing that is the same', () => {
    expect(editsBetween({ a: [1], b: { c: 1 } }, { a: [1, 2], b: { c: 1 } })).toEqual([
      { op: 'set', path: ['a'], value: [1, 2] },
    ]);
  });
});

describe('sessions and their transcripts', () => {
  it('are compared by the file an entry names, else by its id', () => {
    const entries: Array<[string, object]> = [
      ['k1', { sessionId: '1' }],
      ['k2', { sessionId: '2', sessionFile: '/elsewhere/two.jsonl' }],
      ['k3', { sessionId: '3' }],
      ['k4', {}],
    ];
    const files = ['1.jsonl', '2.jsonl', 'two.jsonl', 'x.jsonl.deleted.1', 'sessions.json'];
    expect(compareSessions(entries, files)).toEqual({ orphans: ['2.jsonl'], missing: ['k3'] });
  });
});
